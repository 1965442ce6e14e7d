package consent

import (
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// C04: a period of date precision holds through 24:00 local time, on the days
// on which Paris changes its clocks too.
func TestC04EndOfDay(t *testing.T) {
	for _, tt := range []struct {
		name, period string
		last, first  string // the last moment inside, the first after
	}{
		{"winter", `{"end":"2026-01-15"}`, "2026-01-15T23:59:59.999+01:00", "2026-01-16T00:00:00+01:00"},
		{"summer", `{"end":"2026-07-14"}`, "2026-07-14T23:59:59.999+02:00", "2026-07-15T00:00:00+02:00"},
		{"23 hours", `{"end":"2026-03-29"}`, "2026-03-29T23:59:59+02:00", "2026-03-30T00:00:00+02:00"},
		{"25 hours", `{"end":"2026-10-25"}`, "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00"},
		{"leap day", `{"end":"2028-02-29"}`, "2028-02-29T22:59:59Z", "2028-02-29T23:00:00Z"},
		{"month", `{"end":"2026-01"}`, "2026-01-31T23:59:59+01:00", "2026-02-01T00:00:00+01:00"},
		{"year", `{"end":"2026"}`, "2026-12-31T22:59:59Z", "2026-12-31T23:00:00Z"},
		{"second", `{"end":"2026-01-15T12:00:00+01:00"}`, "2026-01-15T12:00:00.999+01:00", "2026-01-15T12:00:01+01:00"},
		{"millisecond", `{"end":"2026-01-15T12:00:00.500+01:00"}`, "2026-01-15T12:00:00.500+01:00", "2026-01-15T12:00:00.501+01:00"},
	} {
		s, ok := parseSpan(parsed(t, tt.period), paris())
		if !ok {
			t.Errorf("%s: not read", tt.name)
			continue
		}
		if !s.contains(when(t, tt.last)) {
			t.Errorf("%s: over at %s", tt.name, tt.last)
		}
		if s.contains(when(t, tt.first)) {
			t.Errorf("%s: not over at %s", tt.name, tt.first)
		}
	}
}

// C04: through the decision, at the nights on which Paris changes its clocks: a
// permit and the part of a member of the care team end with the day, be it of 23
// or 25 hours, and an instant of the hour that comes twice is the one it says.
func TestC04NightsOfTheClocks(t *testing.T) {
	for _, tt := range []struct{ name, end, last, first string }{
		{"23 hours", "2026-03-29", "2026-03-29T23:59:59+02:00", "2026-03-30T00:00:00+02:00"},
		{"25 hours", "2026-10-25", "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00"},
		{"the eve", "2026-10-24", "2026-10-24T23:59:59+02:00", "2026-10-25T00:00:00+02:00"},
		{"02:30 the first time", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:01+02:00"},
		{"02:30 again", "2026-10-25T02:30:00+01:00", "2026-10-25T02:59:59+02:00", "2026-10-25T02:30:01+01:00"},
	} {
		permit, member := &memory{}, &memory{}
		permit.put(careTeam("t", "p", msp, admitting(msp)))
		permit.put(privacy("c", "p", msp, provision("permit", `"period":{"end":"`+tt.end+`"}`, outsider)))
		member.put(careTeam("t", "p", msp, `"participant":[{"member":{"reference":"`+outsider+`"},"period":{"end":"`+tt.end+`"}}]`))
		for name, m := range map[string]*memory{"permit": permit, "member": member} {
			if got, why := sees(t, at(when(t, tt.last)), care(outsider), m, record("p")); !got {
				t.Errorf("%s, %s: over at %s by %s", tt.name, name, tt.last, why.Rule)
			}
			if got, _ := sees(t, at(when(t, tt.first)), care(outsider), m, record("p")); got {
				t.Errorf("%s, %s: not over at %s", tt.name, name, tt.first)
			}
		}
	}
}

func TestStartOfDay(t *testing.T) {
	s, ok := parseSpan(parsed(t, `{"start":"2026-03-29"}`), paris())
	if !ok || s.contains(when(t, "2026-03-28T23:59:59+01:00")) || !s.contains(when(t, "2026-03-29T00:00:00+01:00")) {
		t.Errorf("a date starts elsewhere than at 0:00 local time: %v", s)
	}
}

func TestPeriodMalformed(t *testing.T) {
	for _, text := range []string{
		`[]`, `"2026"`, `{"end":2026}`, `{"end":""}`, `{"end":"tomorrow"}`, `{"end":"2026-02-30"}`, `{"end":"2026-13"}`, `{"end":"0000"}`,
		`{"end":"2026-01-15T12:00:00"}`, `{"end":"2026-01-15 12:00:00Z"}`, `{"start":"2026-02-01","end":"2026-01-01"}`, `{"_end":{"extension":[]}}`,
		`{"_start":{"id":"x"}}`, `{"since":"2026"}`, `{"start":"2026-01-15","end":null}`,
	} {
		doc, err := fhirjson.Parse([]byte(text))
		if err != nil {
			continue // the boundary refuses it before
		}
		if s, ok := parseSpan(doc.Root(), paris()); ok {
			t.Errorf("%s reads as %v", text, s)
		}
	}
}

func when(t testing.TB, text string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func FuzzPeriod(f *testing.F) {
	for _, seed := range []string{`{"end":"2026-03-29"}`, `{"start":"2026","end":"2026-01-15T12:00:00+01:00"}`, `{}`, `{"end":"9999-12-31"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := fhirjson.Parse([]byte(text))
		if err != nil {
			return
		}
		s, ok := parseSpan(doc.Root(), paris())
		if ok && !s.from.IsZero() && (!s.contains(s.from) || s.contains(s.from.Add(-time.Nanosecond))) {
			t.Errorf("%s does not start where it starts", text)
		}
		if ok && !s.until.IsZero() && s.contains(s.until) {
			t.Errorf("%s holds at its end", text)
		}
	})
}
