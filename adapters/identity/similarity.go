package identity

import "strings"

// Similarities are in hundredths: 100 is the same, 0 is nothing in common.

// best is the greatest similarity between any of one list and any of another.
func best(a, b []string, similar func(a, b string) int) int {
	most := 0
	for _, x := range a {
		for _, y := range b {
			most = max(most, similar(x, y))
		}
	}
	return most
}

// names compares two folded names: typing errors count by how many there are for
// the length, and a name that is one of several joined ones ("dubois" in "lefevre
// dubois", as after a marriage) is nearly the same.
func names(a, b string) int {
	if a == b {
		return 100
	}
	if within(a, b) || within(b, a) {
		return 90
	}
	longest := max(len(a), len(b))
	if s := 100 - 100*distance(a, b)/longest; s >= 70 {
		return s
	}
	return 0
}

func within(part, whole string) bool {
	return strings.HasPrefix(whole, part+" ") || strings.HasSuffix(whole, " "+part) || strings.Contains(whole, " "+part+" ")
}

// dates compares two dates of birth. Day and month that changed places, and one
// wrong digit, are what typing does; a date that is less precise is near.
func dates(a, b string) int {
	switch {
	case a == b:
		return 100
	case len(a) != len(b):
		if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
			return 80
		}
		return 0
	case len(a) == 10 && a[:4] == b[:4] && a[5:7] == b[8:] && a[8:] == b[5:7]:
		return 80
	case distance(a, b) == 1:
		return 70
	}
	return 0
}

// distance counts the letters to insert, drop, replace or swap with their
// neighbour that make b of a (optimal string alignment). Folded names are nearly
// always ASCII, so bytes do.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
