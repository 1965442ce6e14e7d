package profile

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/r4"
	"pgregory.net/rapid"
)

func TestFormats(t *testing.T) {
	for name, c := range map[string]struct{ good, bad string }{ // parted by bars
		"date":         {"2024|2024-02|2024-02-29|0001-01-01|9999-12-31", "24|0000|2024-13|2024-00|2023-02-29|1900-02-29|2024-04-31|2024-1-1|2024-01-00|20240101|2024-02-29T|+024|2024/02/01|2024-02-2x"},
		"dateTime":     {"2024|2024-02|2024-02-29|2024-02-29T23:59:60Z|2024-02-29T00:00:00.123456789+14:00|2024-02-29T00:00:00-03:30", "2024-02-29T10:00Z|2024-02-29T10:00:00|2024-02-29T24:00:00Z|2024-02-30T10:00:00Z|2024-02-29 10:00:00Z|2024-02-29T10:00:00z|2024-02-29T10:00:00+1400|2024-02-29T10:00:00+14:01|2024-02-29T10:00:00Zx|2024-02T10:00:00Z|2024-02-29TZ|2024-02-29T10:00:00.Z"},
		"instant":      {"2024-02-29T10:00:00Z|2024-02-29T10:00:00.000+01:00", "2024-02-29|2024-02|2024-02-29T10:00:00|2024-02-29T10:60:00Z|2024-02-29T10:00:61Z"},
		"time":         {"00:00:00|23:59:60|10:00:00.5", "10:00|24:00:00|10:00:00Z|10:00:00.|10:00:00,5|1:00:00|10-00-00"},
		"id":           {"a|A-1.b|" + strings.Repeat("x", 64), "a b|a_b|é|" + strings.Repeat("x", 65)},
		"code":         {"a|a b|a-b c", " a|a |a  b|a\tb|\na"},
		"uri":          {"a|urn:oid:1.2|http://x.y/z?a#b", "a b|a\n"},
		"canonical":    {"http://x.y/z|4", "http://x.y z"},
		"oid":          {"urn:oid:1.2.250.1.213|urn:oid:2.0", "1.2.250|urn:oid:3.1|urn:oid:1|urn:oid:1.|urn:oid:1..2|urn:oid:1.02|urn:oid:1.2x|urn:oid:"},
		"uuid":         {"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0|urn:uuid:0C3151BD-1cbf-4d64-b04d-cd9187a4c6e0|urn:uuid:0c3151bd1cbf4d64b04dcd9187a4c6e0|urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e|urn:uuid:0c3151bd-1cbf-4d64-b04d+cd9187a4c6e0"},
		"base64Binary": {"QQ==|QUE=|QUFB|QUFB QUFB\r\n", "Q|QU FB|QQ|QQ=|QQ=Q|QUFB=|====|Q-==|=QQ=| "},
		"integer":      {"0|-0|7|-7|2147483647|-2147483648", "2147483648|-2147483649|1.0|1e2|99999999999999999999"},
		"unsignedInt":  {"0|2147483647", "-1|-0|2147483648|1.5"},
		"positiveInt":  {"1|2147483647", "0|-1|2147483648"},
		"string":       {"a| a |" + strings.Repeat("é", 1<<20), strings.Repeat("x", 1<<20+1)},
		"markdown":     {"# a\n\n* b", strings.Repeat("x", 1<<20+1)},
	} {
		f := formats[name]
		for s := range strings.SplitSeq(c.good, "|") {
			if !f.check(s) {
				t.Errorf("%s %.40q is refused", name, s)
			}
		}
		for s := range strings.SplitSeq(c.bad, "|") {
			if f.check(s) {
				t.Errorf("%s %.40q passes", name, s)
			}
		}
	}
	for _, e := range []string{`"active":"true"`, `"active":1`, `"multipleBirthInteger":"1"`, `"birthDate":2000`, `"gender":true`} {
		if got := found(t, patient(e)); len(got) != 1 || !strings.HasPrefix(got[0], "json-type ") {
			t.Errorf("%s: %v", e, got)
		}
	}
}

// TestFormatsAgainstPatterns holds the checks by hand against the published
// patterns: whatever passes matches, and whatever matches passes, but for what
// the patterns cannot say.
func TestFormatsAgainstPatterns(t *testing.T) {
	for name, f := range formats {
		typ, ok := r4.Lookup(name)
		if !ok {
			t.Fatalf("R4 has no primitive %s", name)
		}
		if typ.Regexp == "" || f.check == nil {
			continue
		}
		pattern := regexp.MustCompile(`^(?:` + typ.Regexp + `)$`)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			s := rapid.StringMatching(typ.Regexp).Filter(func(s string) bool { return s != "" && !strings.ContainsAny(s, "\f\v") }).Draw(t, "match")
			if !f.check(s) && !beyondPattern(name, s) {
				t.Fatalf("%q matches and is refused", s)
			}
			at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
			changed := s[:at] + rapid.SampledFrom([]string{"", "0", "9", "-", ":", ".", " ", "Z", "T", "=", "a", "A", "+"}).Draw(t, "put") + s[at+rapid.IntRange(0, 1).Draw(t, "cut"):]
			if changed != "" && f.check(changed) && !pattern.MatchString(changed) {
				t.Fatalf("%q passes and does not match", changed)
			}
		}))
	}
}

// beyondPattern reports whether the text may be refused although it matches:
// days that no month has, numbers of more than 32 bits, and so on.
func beyondPattern(name, s string) bool {
	switch name {
	case "date", "dateTime", "instant":
		return len(s) >= 10 && s[8:10] > "28"
	case "integer", "unsignedInt", "positiveInt":
		return len(s) >= 10
	case "base64Binary":
		return strings.Contains(s, "=")
	case "code":
		return strings.ContainsAny(s, "\t\r\n")
	}
	return false
}
