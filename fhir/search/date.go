package search

import (
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a date (R4 search.html#date). Every date is an interval lo–hi, hi
// not included.
//
//	dateShort  lo hi   an interval of at most a day
//	dateFrom   lo hi   a longer one
//	dateUntil  hi lo   the same once more
//	dateOpen   lo      one without an end, in place of both
//
// A search on the end of the interval (gt, ge, eb) scans dateUntil, and
// dateShort with a day's slack on lo: so neither kind of search reads the whole
// index, and the many instants and days cost one row each.
const (
	dateShort = 'd'
	dateFrom  = 'l'
	dateUntil = 'e'
	dateOpen  = 'f'
)

// day is the longest dateShort: a day on which the clocks go back.
const day = instant(25 * time.Hour / time.Microsecond)

// dateEmits says how each data type is a date.
var dateEmits = map[string]emit{
	"date":     emitDate,
	"dateTime": emitDate,
	"instant":  emitDate,
	"Period":   emitPeriod,
	"Timing":   emitTiming,
}

func emitDate(w *writer, n fhirjson.Node) {
	if m, ok := parseMoment(n.Text(), w.zone); ok {
		w.interval(m.hull())
	}
}

// emitPeriod reads a period, whose missing end is open (R4 search.html#date).
func emitPeriod(w *writer, n fhirjson.Node) {
	if i, ok := w.period(n); ok {
		w.interval(i)
	}
}

func (w *writer) period(n fhirjson.Node) (i interval, ok bool) {
	i.hi = forever
	if m, is := parseMoment(n.Get("start").Text(), w.zone); is {
		i.lo, ok = m.hull().lo, true
	}
	if m, is := parseMoment(n.Get("end").Text(), w.zone); is {
		i.hi, ok = m.hull().hi, true
	}
	return i, ok && i.lo < i.hi
}

// emitTiming reads the outer limits of a timing: its events and the bounds of
// its repetition (R4 search.html#date).
func emitTiming(w *writer, n fhirjson.Node) {
	out := interval{lo: forever}
	for e := range n.Get("event").Items() {
		if m, ok := parseMoment(e.Text(), w.zone); ok {
			out = interval{min(out.lo, m.hull().lo), max(out.hi, m.hull().hi)}
		}
	}
	if b, ok := w.period(n.At("repeat", "boundsPeriod")); ok {
		out = interval{min(out.lo, b.lo), max(out.hi, b.hi)}
	}
	if out.lo < out.hi {
		w.interval(out)
	}
}

func (w *writer) interval(i interval) {
	switch {
	case i.hi == forever:
		w.open(dateOpen)
		w.arena = i.lo.append(w.arena)
		w.close()
	case i.hi-i.lo <= day:
		w.bounds(dateShort, i.lo, i.hi)
	default:
		w.bounds(dateFrom, i.lo, i.hi)
		w.bounds(dateUntil, i.hi, i.lo)
	}
}

func (w *writer) bounds(tag byte, first, second instant) {
	w.open(tag)
	w.arena = second.append(first.append(w.arena))
	w.close()
}

// ShortDate reads the row of an interval of at most a day: when it begins, and how
// long it is, in microseconds. The beginning counts from 1970, and may lie before.
func ShortDate(value []byte) (from, length int64, ok bool) {
	if len(value) != 1+2*instantLen || value[0] != dateShort {
		return 0, 0, false
	}
	lo, hi := readInstant(value[1:]), readInstant(value[1+instantLen:])
	return int64(lo - epoch), int64(hi - lo), true
}

// AppendShortDate appends the row that ShortDate reads.
func AppendShortDate(row []byte, from, length int64) []byte {
	lo := epoch + instant(from)
	return (lo + instant(length)).append(lo.append(append(row, dateShort)))
}

// date reads a prefix and a date. Where the clocks of the zone show the time
// twice, either is meant.
func (c *compiler) date(value string) ([]clause, error) {
	s, ok := unescape(value)
	if !ok {
		return nil, c.escapes()
	}
	op, s, err := c.prefix(s)
	if err != nil {
		return nil, err
	}
	m, err := c.moment(s)
	if err != nil {
		return nil, err
	}
	out := dateClauses(op, m.interval)
	if m.again != (interval{}) {
		out = append(out, dateClauses(op, m.again)...)
	}
	return out, nil
}

// moment reads a date without a prefix.
func (c *compiler) moment(s string) (moment, error) {
	m, ok := parseMoment(s, c.zone)
	if !ok {
		return m, c.malformed("search.malformed-date",
			fhir.T("The value is not a date.", "La valeur n'est pas une date."),
			fhir.Text{
				EN: "Write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss][Z|±hh:mm], with a prefix such as ge in front where wanted; in a URL the + of a zone is %2B.",
				FR: "Écrivez AAAA, AAAA-MM, AAAA-MM-JJ ou AAAA-MM-JJThh:mm[:ss][Z|±hh:mm], précédé au besoin d'un préfixe comme ge ; dans une URL, le + d'un fuseau s'écrit %2B.",
			})
	}
	return m, nil
}

// dateClauses compares intervals as R4 search.html#prefix defines it, but for
// one thing: to the letter, ge and le leave out a period that overlaps the end
// of what was written, so that a stay until 31 March would not be ge2026-03-31.
// As elsewhere, ge is every interval that reaches into or beyond it, le every
// one that reaches into or before it.
func dateClauses(op string, s interval) []clause {
	within := func(lo, hi instant) bool { return s.lo <= lo && hi <= s.hi }
	switch op {
	case "eq":
		return byStart(s.lo, s.hi, within)
	case "ne":
		return byStart(0, forever, func(lo, hi instant) bool { return !within(lo, hi) })
	case "lt":
		return byStart(0, s.lo, nil)
	case "le":
		return byStart(0, s.hi, nil)
	case "gt":
		return byEnd(s.hi+1, forever+1)
	case "ge":
		return byEnd(s.lo+1, forever+1)
	case "sa":
		return byStart(s.hi, forever, nil)
	case "eb":
		return byEnd(0, s.lo+1)
	}
	// ap: R4 leaves the measure to the server. Without a clock it cannot be a
	// tenth of the time from now; it is the width of what was written, on
	// either side: 2026-05 finds April to June.
	width := s.hi - s.lo
	s = interval{s.lo - width, s.hi + width}
	return byStart(0, s.hi, func(_, hi instant) bool { return hi > s.lo })
}

// byStart are the intervals with from ≤ lo < to that are accepted.
func byStart(from, to instant, accept func(lo, hi instant) bool) []clause {
	read := func(v []byte) bool { return accept(readInstant(v[1:]), readInstant(v[1+instantLen:])) }
	if accept == nil {
		read = nil
	}
	out := []clause{
		{Range: between(dateShort, from, to), accept: read},
		{Range: between(dateFrom, from, to), accept: read},
	}
	if accept == nil || accept(from, forever) { // no condition asks when an open one begins
		out = append(out, clause{Range: between(dateOpen, from, to)})
	}
	return out
}

// byEnd are the intervals with from ≤ hi < to. The short ones are found by their
// start, at most a day before.
func byEnd(from, to instant) []clause {
	slack := from - min(from, day)
	out := []clause{
		{Range: between(dateShort, slack, to), accept: func(v []byte) bool {
			hi := readInstant(v[1+instantLen:])
			return from <= hi && hi < to
		}},
		{Range: between(dateUntil, from, to)},
	}
	if from <= forever && to > forever {
		out = append(out, clause{Range: tagged(dateOpen, dateOpen)})
	}
	return out
}

// between is the range of rows whose first instant lies in [from, to); to may
// be one past forever.
func between(tag byte, from, to instant) Range {
	r := Range{Lo: from.append([]byte{tag}), Hi: []byte{tag + 1}}
	if to <= forever {
		r.Hi = to.append([]byte{tag})
	}
	return r
}
