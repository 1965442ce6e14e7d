package r4

import "strings"

// Nearest returns the candidate that was probably meant by name, for a "did
// you mean": one that differs in case only, or by few letters added, left out,
// changed or swapped (one, and one more for every four letters). It returns ""
// when none is near.
func Nearest(name string, candidates []string) string {
	if len(name) > 64 {
		return "" // no name of R4 is longer
	}
	best, least := "", 2+len(name)/4
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := distance(strings.ToLower(name), strings.ToLower(c), least); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is the number of edits between a and b, swaps of neighbours
// included (optimal string alignment), or limit when there are more.
func distance(a, b string, limit int) int {
	if diff := len(a) - len(b); diff >= limit || -diff >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}
