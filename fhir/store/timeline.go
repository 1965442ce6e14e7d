package store

import (
	"bytes"
	"slices"
	"sort"
	"time"

	"github.com/cordee-sante/cordee/fhir/search"
)

// A timeline is the dates of all postings of a list with the group of each, in
// order of time: what lies between two dates is found without the rest. It is
// never changed.
type timeline struct {
	columns [len(columnLengths)]column
	odd     []oddDate // what no column takes
}

// columnLengths are how long dates as they are written mostly are: a millisecond,
// a second, a minute, or a day, also one on which the clocks change.
var columnLengths = [...]time.Duration{time.Millisecond, time.Second, time.Minute, 23 * time.Hour, 24 * time.Hour, 25 * time.Hour}

// A column is dates of one length, eight bytes each: the beginning in milliseconds
// from timelineFrom on, and below it the group. Sorted.
type column []uint64

// An oddDate is a posting with the values of its date as postings have them: none,
// several, a period, or one of a far century.
type oddDate struct {
	group uint32
	dates string
}

const (
	timelineBits   = 22 // of the group
	timelineGroups = 1 << timelineBits
	timelineFrom   = -2208988800000 // 1900, in milliseconds
)

// sort puts the entries in order, of many digit by digit: a quarter of what it costs to
// compare them.
func (c column) sort() {
	const bits, worth = 11, 1 << 12
	if len(c) < worth {
		slices.Sort(c)
		return
	}
	from, to := c, make(column, len(c))
	for shift := 0; shift < 64; shift += bits {
		var starts [1 << bits]int
		for _, e := range from {
			starts[e>>shift%(1<<bits)]++
		}
		next := 0
		for i, n := range starts {
			starts[i], next = next, next+n
		}
		for _, e := range from {
			at := &starts[e>>shift%(1<<bits)]
			to[*at] = e
			*at++
		}
		from, to = to, from
	}
	copy(c, from)
}

func (t *timeline) length() int {
	if t == nil {
		return 0
	}
	n := len(t.odd)
	for _, c := range t.columns {
		n += len(c)
	}
	return n
}

func (t *timeline) size() int {
	if t == nil {
		return 0
	}
	const perDate, perOdd = 8, 64
	return perDate*(t.length()-len(t.odd)) + perOdd*len(t.odd)
}

// add takes in a posting, in no order.
func (t *timeline) add(group uint32, dates []byte) {
	if i, entry, ok := entryOf(group, dates); ok {
		t.columns[i] = append(t.columns[i], entry)
		return
	}
	t.odd = append(t.odd, oddDate{group, string(dates)})
}

// entryOf makes the entry of a column; false for an odd date.
func entryOf(group uint32, dates []byte) (at int, entry uint64, ok bool) {
	d := decoder{b: dates}
	from, length, ok := search.ShortDate(d.bytes())
	if !ok || d.bad || len(d.b) > 0 || from%1000 != 0 {
		return 0, 0, false
	}
	ms := from/1000 - timelineFrom
	at = slices.Index(columnLengths[:], time.Duration(length)*time.Microsecond)
	return at, uint64(ms)<<timelineBits | uint64(group), at >= 0 && ms >= 0 && ms < 1<<(64-timelineBits)
}

func groupOf(entry uint64) uint32 { return uint32(entry & (timelineGroups - 1)) }

// renumber gives the groups other numbers, and puts the columns in order.
func (t *timeline) renumber(numbers []uint32) {
	for _, c := range t.columns {
		for k, e := range c {
			c[k] = e&^(timelineGroups-1) | uint64(numbers[groupOf(e)])
		}
		c.sort()
	}
	for k := range t.odd {
		t.odd[k].group = numbers[t.odd[k].group]
	}
}

// after is the timeline when some postings have been added and others taken
// away.
func (t *timeline) after(tail []carried) *timeline {
	var added, gone timeline
	for _, e := range tail {
		if e.n > 0 {
			added.add(e.group, []byte(e.dates))
		} else {
			gone.add(e.group, []byte(e.dates))
		}
	}
	next := &timeline{}
	for i := range t.columns {
		slices.Sort(added.columns[i])
		slices.Sort(gone.columns[i])
		next.columns[i] = merged(t.columns[i], added.columns[i], gone.columns[i])
	}
	next.odd = slices.Concat(t.odd, added.odd)
	for _, o := range gone.odd {
		if i := slices.Index(next.odd, o); i >= 0 {
			next.odd = slices.Delete(next.odd, i, i+1)
		}
	}
	return next
}

// merged are the entries of a and b without those of less; all are sorted.
func merged(a, b, less column) column {
	out := make(column, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		var e uint64
		if len(b) == 0 || len(a) > 0 && a[0] <= b[0] {
			e, a = a[0], a[1:]
		} else {
			e, b = b[0], b[1:]
		}
		if len(less) > 0 && less[0] == e {
			less = less[1:]
			continue
		}
		out = append(out, e)
	}
	return out
}

// value is the row of an entry of column i.
func valueOf(buf []byte, i int, entry uint64) []byte {
	return search.AppendShortDate(buf[:0], (int64(entry>>timelineBits)+timelineFrom)*1000, columnLengths[i].Microseconds())
}

// between returns the entries of column i that may fulfil the tests on the date,
// and those tests that must still be asked of each.
func (t *timeline) between(i int, tests []test) (part column, ask []test) {
	c := t.columns[i]
	from, to := 0, len(c)
	for _, t := range tests {
		if len(t.any) != 1 || t.any[0].Not {
			ask = append(ask, t)
			continue
		}
		first, end, parts := len(c), 0, 0
		for _, r := range t.any[0].Ranges {
			if lo, hi := c.span(i, r); lo < hi {
				first, end, parts = min(first, lo), max(end, hi), parts+1
			}
		}
		if from, to = max(from, first), min(to, end); parts != 1 || t.any[0].Accept != nil {
			ask = append(ask, t)
		}
	}
	if from >= to {
		return nil, nil
	}
	return c[from:to], ask
}

// span is which entries of column i lie in a range of rows.
func (c column) span(i int, r search.Range) (from, to int) {
	end := r.Hi
	if r.Point {
		end = append(bytes.Clone(r.Lo), 0)
	}
	buf := make([]byte, 0, 32)
	from = sort.Search(len(c), func(k int) bool { return bytes.Compare(valueOf(buf, i, c[k]), r.Lo) >= 0 })
	to = sort.Search(len(c), func(k int) bool { return bytes.Compare(valueOf(buf, i, c[k]), end) >= 0 })
	return from, to
}

// fulfil says of the dates of a posting whether the tests on them hold.
func (p *plan) fulfil(tests []test, dates []byte) bool {
	rs := p.dateRows("", dates)
	for i := range tests {
		if !tests[i].holds("", rs) {
			return false
		}
	}
	return true
}

// accepted says the same of a resource with one value.
func accepted(tests []test, value []byte) bool {
	for i := range tests {
		if !slices.ContainsFunc(tests[i].any, func(p *search.Predicate) bool { return p.Row(value) != p.Not }) {
			return false
		}
	}
	return true
}
