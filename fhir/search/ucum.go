package search

import "github.com/cockroachdb/apd/v3"

func canonicalUnit(code string) (name string, factor *apd.Decimal, ok bool) { return "", nil, false }
