// Package search is the search language of FHIR R4
// (https://hl7.org/fhir/R4/search.html): it parses a query, takes index values
// out of a resource, and compiles a parameter of the query to a predicate over
// such values.
//
// The published SearchParameters are compiled when a Registry is made. They
// use a small part of FHIRPath; an expression outside it fails the start.
//
// It is pure: it holds no records, reads no clock, and knows neither who asks
// nor how rows are kept. Following chains, _has, includes, sorting and paging
// are the concern of whoever holds the rows (package store).
//
// # Values
//
// An Entry is one row of an index. Its Value is a byte string whose order is
// the order of what it stands for, so that equality is one exact value and
// every comparison a range:
//
//	first byte   what the row is (see the type's file: token.go, date.go, …)
//	text         UTF-8 with 0x00–0x02 escaped (encode.go), ended by 0x01 where more follows
//	number       sign, exponent, digits; exact (decimal.go)
//	instant      microseconds, nine bytes of seven bits (instant.go)
//
// No Value holds a zero byte and none is longer than MaxValue, so a store may
// end it with 0x00 in a longer key. What would be longer is cut and carries
// the SHA-256 of the whole (encode.go): equality stays exact.
//
// # Where R4 leaves a choice
//
// Codes and identifiers are compared as they are; codings, strings and contact
// points without case, telephone numbers by their digits (token.go). Punctuation
// of a text parts words or says nothing, whichever finds it (string.go). _filter
// goes from left to right and compares as the parameters do (filter.go,
// compare.go); _text and _content read words and phrases (words.go). The dates
// ge and le find every period that reaches into what was written (date.go), ap
// is its width on either side, and for numbers a tenth (number.go). A quantity
// with a comparator is an open interval, sampled data the interval of its values
// (quantity.go). Units are converted where that is exact; a mole is no count
// (ucum.go). A distance that near does not name is 20 km (special.go). phonetic
// compares like name. Not supported are _query, lists by their function, and the
// modifier above on canonicals.
package search
