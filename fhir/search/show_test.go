package search

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// show writes a value so that a person can check it against the resource. It is
// written apart from the encoders, from the package comment.
func show(v []byte) string {
	switch tag, rest := v[0], v[1:]; tag {
	case dateShort, dateFrom, dateUntil:
		return fmt.Sprintf("%c %s %s", tag, showInstant(rest[:9]), showInstant(rest[9:]))
	case dateOpen:
		return fmt.Sprintf("%c %s", tag, showInstant(rest))
	case numberPoint, numberFrom, numberUntil, quantityAny:
		return string(tag) + showNumbers(rest, tag == quantityAny)
	case quantityCanonical, quantityCode:
		n := 1
		if tag == quantityCode {
			n = 2
		}
		out := string(tag)
		for range n {
			text, after, _ := strings.Cut(string(rest), "\x01")
			out += " " + text
			rest = []byte(after)
		}
		return out + showNumbers(rest, true)
	case compositeRow:
		var parts []string
		for len(rest) > 0 {
			if rest[0] == 1 {
				parts, rest = append(parts, ";"), rest[2:]
				continue
			}
			var value []byte
			value, rest = unquote(rest)
			parts = append(parts, "{"+show(value)+"}")
		}
		return "+ " + strings.Join(parts, " ")
	default:
		return string(tag) + " " + strings.NewReplacer("\x01", " | ", "\xff", "…").Replace(string(rest))
	}
}

func showInstant(b []byte) string {
	switch i := readInstant(b); i {
	case 0:
		return "ever"
	case forever:
		return "forever"
	default:
		return time.UnixMicro(int64(i - epoch)).UTC().Format("2006-01-02T15:04:05.999999Z")
	}
}

func showNumbers(b []byte, shaped bool) (out string) {
	if shaped {
		out, b = " "+string(b[0]), b[1:]
	}
	for len(b) > 0 {
		if b[0] == end {
			return out + strings.ReplaceAll(string(b), "\x01", " | ")
		}
		rest := skipDecimal(b)
		out += " " + showNumber(b[:len(b)-len(rest)])
		if len(rest) > 0 && (rest[0] == belowEnd || rest[0] == aboveEnd) {
			out, rest = out+" excluded", rest[1:]
		}
		b = rest
	}
	return out
}

func showNumber(b []byte) string {
	switch b[0] {
	case 0x08:
		return "-∞"
	case 0x20:
		return "0"
	case 0x40:
		return "+∞"
	}
	sign, flip := "", byte(0)
	if b[0] == 0x10 {
		sign, flip = "-", 0xFF
	}
	exp := 0
	for _, c := range b[1:4] {
		exp = exp<<7 | int(c^flip-1)
	}
	digits := ""
	for _, c := range b[4 : len(b)-1] {
		digits += fmt.Sprintf("%02d", c^flip-2)
	}
	return fmt.Sprintf("%s0.%se%d", sign, strings.TrimRight(digits, "0"), exp-1<<20)
}

func parsed(t testing.TB, text string) (typ, id string, root fhirjson.Node) {
	t.Helper()
	doc, err := fhirjson.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	root = doc.Root()
	return root.Get("resourceType").Text(), root.Get("id").Text(), root
}

// rows are the index rows of a resource, to be read.
func rows(t testing.TB, r *Registry, text string) string {
	t.Helper()
	typ, _, root := parsed(t, text)
	entries, err := r.Extract(typ, root)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s: %s\n", e.Param.Code, show(e.Value))
	}
	return b.String()
}
