package storetest_test

import (
	"fmt"

	"pgregory.net/rapid"
)

// Dates are drawn from a few years around the days on which the clocks of
// Europe change, so that they meet and overlap.
func drawDay(t *rapid.T) string {
	day := one(t, "day", []string{"2023-12-31", "2024-01-01", "2024-02-29", "2024-03-30", "2024-03-31", "2024-04-01", "2024-10-26", "2024-10-27", "2024-10-28", "2024-12-31", "2025-01-01"})
	return day[:rapid.SampledFrom([]int{4, 7, 10, 10}).Draw(t, "precision")]
}

// drawInstant draws a time with its zone, as every time of FHIR has one.
func drawInstant(t *rapid.T) string {
	day := one(t, "day", []string{"2023-12-31", "2024-01-01", "2024-03-30", "2024-03-31", "2024-10-27", "2024-12-31"})
	return fmt.Sprintf("%sT%s:%02d:%02d%s%s", day, one(t, "hour", []string{"00", "01", "02", "12", "22", "23"}),
		rapid.SampledFrom([]int{0, 30, 59}).Draw(t, "minute"), rapid.SampledFrom([]int{0, 59}).Draw(t, "second"),
		one(t, "fraction", []string{"", ".5", ".123", ".000"}), one(t, "zone", []string{"Z", "+01:00", "+02:00", "-05:00"}))
}

func drawTime(t *rapid.T) string {
	if rapid.Bool().Draw(t, "time") {
		return drawInstant(t)
	}
	return drawDay(t)
}

// moments are in order, whatever the zone.
var moments = []string{"2023", "2023-12-31", "2024-01-02T00:00:00Z", "2024-02", "2024-02-28", "2024-03-29T23:30:00+01:00",
	"2024-03-31", "2024-04-02T00:00:00.500Z", "2024-10-27", "2024-10-30T12:00:00-05:00", "2024-12", "2025"}

// drawPeriod draws a period whose ends are in order, or one end.
func drawPeriod(t *rapid.T) any {
	from := rapid.IntRange(0, len(moments)-1).Draw(t, "start")
	start, end := moments[from], rapid.SampledFrom(moments[from:]).Draw(t, "end")
	switch rapid.IntRange(0, 4).Draw(t, "ends") {
	case 0:
		return object{"start": start}
	case 1:
		return object{"end": end}
	}
	return object{"start": start, "end": end}
}

func drawTiming(t *rapid.T) any {
	o := object{"code": object{"text": "le matin"}}
	o.maybe(t, "event", some(t, func() any { return drawTime(t) }))
	o.maybe(t, "repeat", func() any { return object{"boundsPeriod": drawPeriod(t)} })
	return o
}
