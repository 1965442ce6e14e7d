package store

import "strconv"

func versionText(n uint64) string { return strconv.FormatUint(n, 10) }

// versionNumber reads a version the store itself has written.
func versionNumber(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}
