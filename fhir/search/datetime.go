package search

import (
	"strings"
	"time"
)

// An interval is from lo up to, not including, hi.
type interval struct{ lo, hi instant }

// A moment is the reading of a date, dateTime or instant: the interval that its
// precision leaves open (R4 search.html#date). Where the text names no zone and
// the clocks went back, it is two intervals.
type moment struct {
	interval
	again interval // the second reading; zero for none
}

// hull is the one interval around both readings.
func (m moment) hull() interval {
	if m.again != (interval{}) {
		return interval{m.lo, m.again.hi}
	}
	return m.interval
}

// A civil is what a date or dateTime says, as written.
type civil struct {
	year, month, day     int
	hour, minute, second int
	micro                int
	unit                 time.Duration // width of a time; 0 for a date
	offset               time.Duration // of the zone, when zoned
	zoned                bool
}

// parseMoment reads YYYY, YYYY-MM, YYYY-MM-DD or a date with T, hh:mm,
// optionally :ss and a fraction, and optionally a zone. What names no zone is
// read in the given one. Digits beyond the microsecond are dropped.
func parseMoment(s string, zone *time.Location) (moment, bool) {
	c, ok := parseCivil(s)
	if !ok {
		return moment{}, false
	}
	if c.unit == 0 {
		return moment{interval: c.date(zone)}, true
	}
	if c.zoned {
		t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.micro*1000, time.UTC).Add(-c.offset)
		return moment{interval: width(t, c.unit)}, true
	}
	first, second := local(c, zone)
	m := moment{interval: width(first, c.unit)}
	if !second.Equal(first) {
		m.again = width(second, c.unit)
	}
	return m, true
}

func width(t time.Time, d time.Duration) interval {
	lo := instantOf(t)
	return interval{lo, lo + instant(d.Microseconds())}
}

// date is the whole year, month or day in the zone, be it of 23 or 25 hours.
func (c civil) date(zone *time.Location) interval {
	next := c
	switch {
	case c.month == 0:
		c.month, c.day = 1, 1
		next.year, next.month, next.day = c.year+1, 1, 1
	case c.day == 0:
		c.day = 1
		next.month, next.day = c.month+1, 1
	default:
		next.day++
	}
	lo, _ := local(c, zone)
	hi, _ := local(next, zone)
	return interval{instantOf(lo), instantOf(hi)}
}

// local returns the instants at which a clock in the zone shows the time: two
// when it was turned back over it. A time that a clock skipped is read with the
// offset from before, as a clock that was not turned on would show it.
func local(c civil, zone *time.Location) (first, second time.Time) {
	utc := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.micro*1000, time.UTC)
	_, before := utc.Add(-26 * time.Hour).In(zone).Zone()
	_, after := utc.Add(26 * time.Hour).In(zone).Zone()
	first = utc.Add(-time.Duration(before) * time.Second)
	if before == after {
		return first, first
	}
	second = utc.Add(-time.Duration(after) * time.Second)
	switch _, o1 := first.In(zone).Zone(); {
	case o1 != before && after < before: // after the turn back
		return second, second
	case o1 != before: // after the turn on, or within the hour skipped
		if _, o2 := second.In(zone).Zone(); o2 == after {
			return second, second
		}
		return first, first
	}
	if _, o2 := second.In(zone).Zone(); o2 == after {
		return first, second
	}
	return first, first
}

// parseCivil reads the text. It refuses what no calendar has.
func parseCivil(s string) (c civil, ok bool) {
	date, clock, timed := strings.Cut(s, "T")
	if c.year, date, ok = digits(date, 4); !ok || c.year == 0 {
		return c, false
	}
	if date != "" {
		if c.month, date, ok = digits(strings.TrimPrefix(date, "-"), 2); !ok || s[4] != '-' || c.month < 1 || c.month > 12 {
			return c, false
		}
	}
	if date != "" {
		if c.day, date, ok = digits(strings.TrimPrefix(date, "-"), 2); !ok || s[7] != '-' || c.day < 1 || c.day > days(c.year, c.month) || date != "" {
			return c, false
		}
	}
	if !timed {
		return c, true
	}
	if c.day == 0 {
		return c, false
	}
	return c, c.clock(clock)
}

// clock reads hh:mm, :ss, fraction and zone.
func (c *civil) clock(s string) (ok bool) {
	if c.hour, s, ok = digits(s, 2); !ok || c.hour > 23 || s == "" || s[0] != ':' {
		return false
	}
	if c.minute, s, ok = digits(s[1:], 2); !ok || c.minute > 59 {
		return false
	}
	c.unit = time.Minute
	if s != "" && s[0] == ':' {
		if c.second, s, ok = digits(s[1:], 2); !ok || c.second > 60 { // 60: a leap second
			return false
		}
		c.unit = time.Second
		if s != "" && s[0] == '.' {
			if s, ok = c.fraction(s[1:]); !ok {
				return false
			}
		}
	}
	return c.zone(s)
}

func (c *civil) fraction(s string) (rest string, ok bool) {
	n := 0
	for ; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		if n < 6 {
			c.micro = 10*c.micro + int(s[n]-'0')
			c.unit /= 10
		}
	}
	for i := n; i < 6; i++ {
		c.micro *= 10
	}
	return s[n:], n > 0
}

func (c *civil) zone(s string) bool {
	switch {
	case s == "":
		return true
	case s == "Z":
	case s[0] == '+' || s[0] == '-':
		h, rest, ok := digits(s[1:], 2)
		if !ok || h > 14 || rest == "" || rest[0] != ':' {
			return false
		}
		m, rest, ok := digits(rest[1:], 2)
		if !ok || m > 59 || rest != "" {
			return false
		}
		c.offset = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
		if s[0] == '-' {
			c.offset = -c.offset
		}
	default:
		return false
	}
	c.zoned = true
	return true
}

// digits reads a number of exactly n digits.
func digits(s string, n int) (v int, rest string, ok bool) {
	if len(s) < n {
		return 0, s, false
	}
	for i := range n {
		if s[i] < '0' || s[i] > '9' {
			return 0, s, false
		}
		v = 10*v + int(s[i]-'0')
	}
	return v, s[n:], true
}

func days(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
