package search

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
)

// found reports whether a resource of the one row set satisfies the search.
func found(t *rapid.T, r *Registry, typ, code, search string, w *writer) bool {
	p, err := r.Compile(typ, fhir.Param{Code: code, Values: []string{search}})
	if err != nil {
		t.Fatalf("%s=%s: %v", code, search, err)
	}
	for _, row := range w.rows {
		if p.Row(w.value(row)) {
			return true
		}
	}
	return false
}

// Whatever rows an interval has, a search finds it as the definition on
// intervals says.
func TestDateSearchAgainstDefinition(t *testing.T) {
	r := registry(t)
	near := rapid.Int64Range(-40, 40) // days around 2026-03-29, when clocks change
	rapid.Check(t, func(t *rapid.T) {
		base := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)
		at := func(name string) time.Time {
			return base.AddDate(0, 0, int(near.Draw(t, name))).Add(time.Duration(rapid.IntRange(0, 24).Draw(t, name+" hour")) * time.Hour)
		}
		target := interval{instantOf(at("from")), 0}
		target.hi = target.lo + instant(rapid.SampledFrom([]int64{1, 1000, 1e6, 3600e6, 23 * 3600e6, 24 * 3600e6, 25 * 3600e6, 25*3600e6 + 1, 31 * 86400e6}).Draw(t, "width"))
		switch rapid.IntRange(0, 9).Draw(t, "open") {
		case 0:
			target.lo = 0
		case 1:
			target.hi = forever
		}
		layout := rapid.SampledFrom([]string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05Z07:00"}).Draw(t, "layout")
		text := at("search").In(r.zone).Format(layout)
		op := rapid.SampledFrom(prefixes).Draw(t, "op")

		w := &writer{part: wide}
		w.interval(target)
		m, ok := parseMoment(text, r.zone)
		if !ok {
			t.Fatal(text)
		}
		want := false
		for _, s := range []interval{m.interval, m.again} {
			if s == (interval{}) {
				continue
			}
			within := s.lo <= target.lo && target.hi <= s.hi
			want = want || map[string]bool{"eq": within, "ne": !within,
				"gt": target.hi > s.hi, "ge": target.hi > s.lo, "lt": target.lo < s.lo, "le": target.lo < s.hi,
				"sa": target.lo >= s.hi, "eb": target.hi <= s.lo,
				"ap": target.lo < s.hi+(s.hi-s.lo) && target.hi > s.lo-(s.hi-s.lo)}[op]
		}
		if got := found(t, r, "Encounter", "date", op+text, w); got != want {
			t.Fatalf("%s%s on [%v, %v): %v", op, text, showInstant(target.lo.append(nil)), showInstant(target.hi.append(nil)), got)
		}
	})
}

// A day is one row, also the one of 25 hours; a longer interval is two.
func TestDateRows(t *testing.T) {
	r := registry(t)
	for date, want := range map[string]int{"2026-10-25": 1, "2026-03-29": 1, "2026-07-14": 1, "2026-10": 2, "2026": 2, "2026-10-25T02:30:00+01:00": 1} {
		if got := strings.Count(rows(t, r, `{"resourceType":"Observation","effectiveDateTime":"`+date+`"}`), "date:"); got != want {
			t.Errorf("%s: %d rows", date, got)
		}
	}
}

func TestNumberSearchAgainstDefinition(t *testing.T) {
	r := registry(t)
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		lowText, highText := number.Draw(t, "low"), number.Draw(t, "high")
		if rapid.Bool().Draw(t, "point") {
			highText = lowText
		}
		low, high := must(lowText), must(highText)
		if low.Cmp(high) > 0 {
			low, high, lowText, highText = high, low, highText, lowText
		}
		text, op := number.Draw(t, "search"), rapid.SampledFrom(prefixes).Draw(t, "op")
		from, _ := parseDecimal(lowText)
		to, _ := parseDecimal(highText)
		w := &writer{part: wide}
		w.number(nil, nil, limit{decimal: from}, limit{decimal: to})

		v, half := must(text), new(apd.Decimal)
		half.SetFinite(5, v.Exponent-1)
		near := new(apd.Decimal).Set(half)
		tenth := new(apd.Decimal).Abs(v)
		if tenth.Exponent--; tenth.Cmp(near) > 0 {
			near = tenth
		}
		add := func(x, y *apd.Decimal) *apd.Decimal { z := new(apd.Decimal); ctx.Add(z, x, y); return z }
		sub := func(x, y *apd.Decimal) *apd.Decimal { z := new(apd.Decimal); ctx.Sub(z, x, y); return z }
		within := sub(v, half).Cmp(low) <= 0 && high.Cmp(add(v, half)) < 0
		want := map[string]bool{"eq": within, "ne": !within, "gt": high.Cmp(v) > 0, "ge": high.Cmp(v) >= 0, "lt": low.Cmp(v) < 0, "le": low.Cmp(v) <= 0,
			"sa": low.Cmp(v) > 0, "eb": high.Cmp(v) < 0, "ap": high.Cmp(sub(v, near)) >= 0 && low.Cmp(add(v, near)) <= 0}[op]
		if got := found(t, r, "RiskAssessment", "probability", op+text, w); got != want {
			t.Fatalf("%s%s on [%s, %s]: %v", op, text, lowText, highText, got)
		}
	})
}

func must(s string) *apd.Decimal {
	d, _, err := apd.NewFromString(s)
	if err != nil {
		panic(fmt.Sprint(s, err))
	}
	return d
}
