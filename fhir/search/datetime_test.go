package search

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func paris(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip("no time zone data: ", err)
	}
	return zone
}

func TestParseMoment(t *testing.T) {
	zone := paris(t)
	for _, c := range []struct{ in, lo, hi string }{
		{"2026", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
		{"2026-02", "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z"},
		{"2024-12", "2024-11-30T23:00:00Z", "2024-12-31T23:00:00Z"},
		{"2026-07-14", "2026-07-13T22:00:00Z", "2026-07-14T22:00:00Z"},
		{"2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}, // 23 hours
		{"2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}, // 25 hours
		{"2026-07-14T10:00", "2026-07-14T08:00:00Z", "2026-07-14T08:01:00Z"},
		{"2026-07-14T10:00:30", "2026-07-14T08:00:30Z", "2026-07-14T08:00:31Z"},
		{"2026-07-14T10:00:30.5Z", "2026-07-14T10:00:30.5Z", "2026-07-14T10:00:30.6Z"},
		{"2026-07-14T10:00:30.1234567+02:00", "2026-07-14T08:00:30.123456Z", "2026-07-14T08:00:30.123457Z"},
		{"2026-07-14T23:30:00-10:30", "2026-07-15T10:00:00Z", "2026-07-15T10:00:01Z"},
		{"2026-03-29T01:59:59", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"},
		{"2026-03-29T02:30:00", "2026-03-29T01:30:00Z", "2026-03-29T01:30:01Z"}, // skipped by the clocks
		{"2026-03-29T03:30:00", "2026-03-29T01:30:00Z", "2026-03-29T01:30:01Z"},
		{"2026-10-25T01:30:00", "2026-10-24T23:30:00Z", "2026-10-24T23:30:01Z"},
		{"2026-10-25T03:30:00", "2026-10-25T02:30:00Z", "2026-10-25T02:30:01Z"},
		{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"},
		{"0001", "0000-12-31T23:50:39Z", "0001-12-31T23:50:39Z"}, // local mean time of Paris
	} {
		m, ok := parseMoment(c.in, zone)
		lo, _ := time.Parse(time.RFC3339Nano, c.lo)
		hi, _ := time.Parse(time.RFC3339Nano, c.hi)
		if !ok || m.lo != instantOf(lo) || m.hi != instantOf(hi) || m.again != (interval{}) {
			t.Errorf("%s: %v [%v, %v) %v", c.in, ok, time.UnixMicro(int64(m.lo-epoch)).UTC(), time.UnixMicro(int64(m.hi-epoch)).UTC(), m.again)
		}
	}
}

func TestParseMomentTwice(t *testing.T) {
	m, ok := parseMoment("2026-10-25T02:30", paris(t))
	first, second := instantOf(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)), instantOf(time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC))
	minute := instant(time.Minute.Microseconds())
	if !ok || m.interval != (interval{first, first + minute}) || m.again != (interval{second, second + minute}) {
		t.Error(ok, m)
	}
}

func TestParseMomentRefuses(t *testing.T) {
	for _, s := range []string{"", "20", "0000", "2026-", "2026-1", "2026-13", "2026-00", "2026-02-29", "2026-02-30", "2026-04-31", "2026-01-00",
		"2026-01-01T", "2026-01T10:00", "2026-01-01T10", "2026-01-01T24:00", "2026-01-01T10:60", "2026-01-01T10:00:61", "2026-01-01T10:00:00.",
		"2026-01-01T10:00:00z", "2026-01-01T10:00:00+2:00", "2026-01-01T10:00:00+0200", "2026-01-01T10:00:00+15:00", "2026-01-01 10:00", "2026/01/01",
		"26-01-01", "+2026", "20260101", "2026-01-01Z", "2026_01", "2026-01_01"} {
		if _, ok := parseMoment(s, time.UTC); ok {
			t.Errorf("%q taken", s)
		}
	}
}

// Every instant shown by a clock in the zone is among the readings of what the
// clock shows, and the days of a year join without gap or overlap.
func TestLocalReadsClock(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skip(err)
		}
		rapid.Check(t, func(rt *rapid.T) {
			at := time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(rt, "t"), 0).In(zone)
			m, ok := parseMoment(at.Format("2006-01-02T15:04:05"), zone)
			if !ok || m.lo != instantOf(at) && m.again.lo != instantOf(at) {
				rt.Fatalf("%v: %v %v", at, ok, m)
			}
		})
		last := instant(0)
		for d := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2013; d = d.AddDate(0, 0, 1) {
			m, _ := parseMoment(d.Format(time.DateOnly), zone)
			if last != 0 && m.lo != last || m.hi < m.lo {
				t.Fatalf("%s %s: [%d, %d) after %d", name, d.Format(time.DateOnly), m.lo, m.hi, last)
			}
			last = m.hi
		}
	}
}

func TestInstantOrder(t *testing.T) {
	any := rapid.OneOf(rapid.Uint64Range(0, uint64(forever)), rapid.Uint64Range(uint64(epoch)-1e6, uint64(epoch)+1e6))
	rapid.Check(t, func(t *rapid.T) {
		a, b := instant(any.Draw(t, "a")), instant(any.Draw(t, "b"))
		ea, eb := a.append(nil), b.append(nil)
		if (a < b) != (bytes.Compare(ea, eb) < 0) || len(ea) != instantLen || bytes.IndexByte(ea, 0) >= 0 || readInstant(ea) != a {
			t.Fatalf("%d %x, %d %x", a, ea, b, eb)
		}
	})
}

func FuzzMoment(f *testing.F) {
	for _, s := range []string{"2026", "2026-07-14T10:00:30.123+02:00", "2024-02-29", "2026-10-25T02:30"} {
		f.Add(s)
	}
	zone := paris(f)
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := parseMoment(s, zone)
		if ok && (m.hi <= m.lo || m.hull().hi <= m.lo || m.hi >= forever) {
			t.Fatalf("%q: %v", s, m)
		}
	})
}
