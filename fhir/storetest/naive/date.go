package naive

import (
	"fmt"
	"strings"
	"time"
)

// A span is the time from lo up to, not including, hi.
type span struct{ lo, hi time.Time }

// Before and after every date there is.
var (
	ever    = time.Date(-1000, 1, 1, 0, 0, 0, 0, time.UTC)
	forever = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// compareDate is R4 search.html#date, by the ranges of #prefix: the range above
// a value starts with the value for ge, after it for gt.
func (m Matcher) compareDate(v value, s string) (bool, error) {
	prefix, rest := prefixed(plain(s))
	search, err := m.read(rest)
	if err != nil {
		return false, err
	}
	target, ok, err := m.spanOf(v)
	if err != nil || !ok {
		return false, err
	}
	inside := !target.lo.Before(search.lo) && !target.hi.After(search.hi)
	switch prefix {
	case "eq":
		return inside, nil
	case "ne":
		return !inside, nil
	case "gt":
		return target.hi.After(search.hi), nil
	case "lt":
		return target.lo.Before(search.lo), nil
	case "ge":
		return target.hi.After(search.lo), nil
	case "le":
		return target.lo.Before(search.hi), nil
	case "sa":
		return !target.lo.Before(search.hi), nil
	case "eb":
		return !target.hi.After(search.lo), nil
	}
	return false, fmt.Errorf("naive knows no %s of dates", prefix)
}

// spanOf is the time that a value takes; ok is false when it says none.
func (m Matcher) spanOf(v value) (s span, ok bool, err error) {
	switch v.typ {
	case "Period":
		return m.period(v.Get("start"), v.Get("end"))
	case "Timing":
		return m.timing(v)
	}
	s, err = m.read(v.Text())
	return s, true, err
}

func (m Matcher) period(start, end any) (span, bool, error) {
	s := span{ever, forever}
	for i, bound := range []any{start, end} {
		if bound == nil {
			continue
		}
		b, err := m.read(text(bound))
		if err != nil {
			return s, false, err
		}
		if i == 0 {
			s.lo = b.lo
		} else {
			s.hi = b.hi
		}
	}
	return s, start != nil || end != nil, nil
}

// timing has the outer limits of its events and bounds.
func (m Matcher) timing(v value) (span, bool, error) {
	out, some := span{forever, ever}, false
	widen := func(s span) {
		some = true
		if s.lo.Before(out.lo) {
			out.lo = s.lo
		}
		if s.hi.After(out.hi) {
			out.hi = s.hi
		}
	}
	for _, e := range walk(v.json, "event") {
		s, err := m.read(text(e))
		if err != nil {
			return out, false, err
		}
		widen(s)
	}
	for _, b := range walk(v.json, "repeat.boundsPeriod") {
		p := value{"Period", b}
		s, ok, err := m.period(p.Get("start"), p.Get("end"))
		if err != nil {
			return out, false, err
		}
		if ok {
			widen(s)
		}
	}
	return out, some, nil
}

// read reads a date or dateTime as the time that its precision leaves open.
func (m Matcher) read(s string) (span, error) {
	switch len(s) {
	case len("2006"), len("2006-01"), len("2006-01-02"):
		lo, err := time.ParseInLocation("2006-01-02"[:len(s)], s, m.Zone)
		switch len(s) {
		case len("2006"):
			return span{lo, lo.AddDate(1, 0, 0)}, err
		case len("2006-01"):
			return span{lo, lo.AddDate(0, 1, 0)}, err
		}
		return span{lo, lo.AddDate(0, 0, 1)}, err
	}
	width := time.Minute
	layout := "2006-01-02T15:04"
	if len(s) > len(layout) && s[len(layout)] == ':' {
		width, layout = time.Second, layout+":05" // a fraction is read with it
		_, fraction, _ := strings.Cut(s, ".")
		for i := 0; i < len(fraction) && fraction[i] >= '0' && fraction[i] <= '9'; i++ {
			width /= 10
		}
	}
	lo, err := time.Parse(layout+"Z07:00", s)
	if err != nil {
		lo, err = time.ParseInLocation(layout, s, m.Zone)
	}
	return span{lo, lo.Add(width)}, err
}
