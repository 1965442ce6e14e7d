package consent

import (
	"strings"
	"time"
	_ "time/tzdata" // Europe/Paris must be known on a machine without a zone database

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// span is a half-open stretch of time. A zero bound is open.
type span struct{ from, until time.Time }

// contains reports whether t lies in the span.
func (s span) contains(t time.Time) bool {
	return (s.from.IsZero() || !t.Before(s.from)) && (s.until.IsZero() || t.Before(s.until))
}

// A lasting is the moments between which what was asked about a moment does not
// change: the nearest bounds before and after it of whatever spans it was held
// against. Zero bounds are open.
type lasting struct{ since, until time.Time }

// holds reports whether a span contains now, and notes how long that stays so.
func (l *lasting) holds(s span, now time.Time) bool {
	l.pass(s.from, now)
	l.pass(s.until, now)
	return s.contains(now)
}

// pass notes a bound.
func (l *lasting) pass(bound, now time.Time) {
	switch {
	case bound.IsZero():
	case now.Before(bound):
		if l.until.IsZero() || bound.Before(l.until) {
			l.until = bound
		}
	case bound.After(l.since):
		l.since = bound
	}
}

// parseSpan reads a Period. An absent one is open on both sides. ok is false
// for a Period that is malformed, ends before it starts, or holds a bound whose
// value is missing.
func parseSpan(period fhirjson.Node, zone *time.Location) (s span, ok bool) {
	if !period.Exists() {
		return span{}, true
	}
	if period.Kind() != fhirjson.Object {
		return span{}, false
	}
	for m := range period.Members() {
		ok = true
		switch m.Name() {
		case "id", "extension":
		case "start":
			s.from, _, ok = moment(m, zone)
		case "end":
			_, s.until, ok = moment(m, zone)
		case "_start":
			ok = period.Get("start").Exists()
		case "_end":
			ok = period.Get("end").Exists()
		default:
			ok = false
		}
		if !ok {
			return span{}, false
		}
	}
	if !s.from.IsZero() && !s.until.IsZero() && !s.from.Before(s.until) {
		return span{}, false
	}
	return s, true
}

// partial are the layouts of a dateTime without a time, with the length of
// what they name.
var partial = map[int]struct {
	layout              string
	years, months, days int
}{
	len("2006"):       {"2006", 1, 0, 0},
	len("2006-01"):    {"2006-01", 0, 1, 0},
	len("2006-01-02"): {"2006-01-02", 0, 0, 1},
}

// moment returns the half-open interval that a dateTime stands for: a date is
// the whole day in the zone, up to 24:00 local time, however long that day is
// (R4 datatypes.html#Period: an end of date precision includes that day).
func moment(n fhirjson.Node, zone *time.Location) (from, until time.Time, ok bool) {
	if n.Kind() != fhirjson.String {
		return from, until, false
	}
	text := n.Text()
	if p, found := partial[len(text)]; found {
		t, err := time.ParseInLocation(p.layout, text, zone)
		if err != nil || t.Year() == 0 {
			return from, until, false
		}
		y, m, d := t.Date()
		return t, time.Date(y+p.years, m+time.Month(p.months), d+p.days, 0, 0, 0, 0, zone), true
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return from, until, false
	}
	if strings.Contains(text, ".") {
		return t, t.Add(time.Nanosecond), true
	}
	return t, t.Add(time.Second), true
}
