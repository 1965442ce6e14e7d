package script

import (
	"fmt"
	"regexp"
	"strings"
)

// What differs between any two answers.
var noise = []struct {
	pattern *regexp.Regexp
	mark    string
}{
	{regexp.MustCompile(`(?m)^(Date|X-Request-Id|Content-Length): .*$`), "$1: -"},
	{regexp.MustCompile(`X-Request-Id [A-Z2-7]{26}`), "X-Request-Id -"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`), "TIME"},
	{regexp.MustCompile(`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`), "TIME"},
	{regexp.MustCompile(`\b0[0-9a-v]{25}\b`), "ID"}, // of what the gateway created
	{regexp.MustCompile(`_cursor=[\w%-]+`), "_cursor=-"},
}

// compare tells how two answers differ beyond times, request ids, ids that the
// gateway made, and the names in swaps ("a=b": b of the second is a of the first).
func compare(first, second *Answer, swaps []string) error {
	one, other := first.text(), second.text()
	for _, s := range swaps {
		a, b, _ := strings.Cut(s, "=")
		one, other = strings.ReplaceAll(one, a, "NAME"), strings.ReplaceAll(other, b, "NAME")
	}
	for _, n := range noise {
		one, other = n.pattern.ReplaceAllString(one, n.mark), n.pattern.ReplaceAllString(other, n.mark)
	}
	if one == other {
		return nil
	}
	return fmt.Errorf("the answers can be told apart\n\t  withheld %s\n\t  absent   %s", around(one, other), around(other, one))
}

// around is the part of a where it parts from b.
func around(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from, to := max(0, i-60), min(len(a), i+200)
	return fmt.Sprintf("%s…%q", firstLine(a), a[from:to])
}

func firstLine(s string) string { line, _, _ := strings.Cut(s, "\n"); return line }
