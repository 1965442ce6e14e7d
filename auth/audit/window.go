package audit

import (
	"math"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// window returns moments between which every record lies that the date
// parameters can match. It is generous, by a day for zones that a date does not
// name: the exact comparison follows.
func window(params []fhir.Param) (from, to moment) {
	lo, hi := time.UnixMilli(0), time.UnixMilli(math.MaxInt64/4)
	for _, p := range params {
		if p.Code != "date" && p.Code != "_lastUpdated" || p.Modifier != "" || len(p.Chain) > 0 || len(p.Values) != 1 {
			continue
		}
		start, end, ok := span(p.Values[0])
		if !ok {
			continue
		}
		if start.After(lo) {
			lo = start
		}
		if end.Before(hi) {
			hi = end
		}
		if hi.Before(time.UnixMilli(0)) {
			hi = time.UnixMilli(0)
		}
	}
	return moment{lo, 0}, moment{hi, math.MaxUint64}
}

// layouts are the precisions of a date (R4 search.html#date), with how long
// each may last.
var layouts = []struct {
	layout string
	length time.Duration
}{
	{"2006", 366 * 24 * time.Hour}, {"2006-01", 31 * 24 * time.Hour}, {"2006-01-02", 24 * time.Hour},
	{"2006-01-02T15:04", time.Minute}, {"2006-01-02T15:04:05", time.Second},
	{"2006-01-02T15:04Z07:00", time.Minute}, {"2006-01-02T15:04:05Z07:00", time.Second},
}

// span returns the times that a prefixed date can match, false when it sets no
// bound that is worth knowing.
func span(value string) (lo, hi time.Time, ok bool) {
	prefix := "eq"
	if len(value) > 2 && value[0] >= 'a' && value[0] <= 'z' {
		prefix, value = value[:2], value[2:]
	}
	const slack = 26 * time.Hour // zones reach from -12 to +14 hours
	lo, hi = time.UnixMilli(0), time.UnixMilli(math.MaxInt64/4)
	for _, l := range layouts {
		start, err := time.Parse(l.layout, strings.ReplaceAll(value, " ", "+"))
		if err != nil {
			continue
		}
		first, last := start.Add(-slack), start.Add(l.length+slack)
		switch prefix {
		case "eq":
			return first, last, true
		case "ge", "gt", "sa":
			return first, hi, true
		case "le", "lt", "eb":
			return lo, last, true
		}
		return lo, hi, false // ne, ap
	}
	return lo, hi, false
}
