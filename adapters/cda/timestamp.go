package cda

import (
	"strings"
	"time"
)

// A TS is YYYYMMDDhhmmss.ffff±zzzz, cut where its precision ends (HL7 V3 data
// types §2.1.3). FHIR keeps the precision: year, month, day, or second with
// zone; hours without minutes get zeros, as FHIR asks. A time without zone is
// one of the practice. A month or day of zeros (births known by the year only)
// ends the precision before it.

// dateTime returns the FHIR dateTime of a TS, empty when it is none: 9 digits,
// a 13th month, a 30th of February. Nothing is guessed.
func (c *conversion) dateTime(n *node) string {
	return parseTS(n.Attr("value"), c.zone)
}

// date returns the FHIR date of a TS, without its time of day.
func (c *conversion) date(n *node) string {
	s := c.dateTime(n)
	day, _, _ := strings.Cut(s, "T")
	return day
}

// instant returns the TS as a FHIR instant, empty unless it is exact to the
// second.
func (c *conversion) instant(n *node) string {
	if s := c.dateTime(n); strings.Contains(s, "T") {
		return s
	}
	return ""
}

func parseTS(v string, zone *time.Location) string {
	digits, offset := strings.TrimSpace(v), ""
	if i := strings.IndexAny(digits, "+-"); i >= 0 {
		digits, offset = digits[:i], digits[i:]
	} else if utc, ok := strings.CutSuffix(digits, "Z"); ok { // as ISO 8601 has it
		digits, offset = utc, "+0000"
	}
	digits, fraction, _ := strings.Cut(digits, ".")
	if !allDigits(digits) || !allDigits(fraction) || len(fraction) > 9 {
		return ""
	}
	switch len(digits) {
	case 8: // some senders give a zone to a day; it says nothing of the day
		if offset != "" && parseOffset(offset) == "" {
			return ""
		}
		return partialDate(digits)
	case 4, 6:
		if offset != "" || fraction != "" {
			return ""
		}
		return partialDate(digits)
	case 10, 12, 14:
		return fullDate(digits, fraction, offset, zone)
	}
	return ""
}

// partialDate reads YYYY, YYYYMM or YYYYMMDD; zeros end the precision.
func partialDate(s string) string {
	if s[:4] == "0000" {
		return ""
	}
	if len(s) == 4 || s[4:6] == "00" {
		return s[:4]
	}
	if len(s) == 6 || s[6:8] == "00" {
		if _, err := time.Parse("200601", s[:6]); err != nil {
			return ""
		}
		return s[:4] + "-" + s[4:6]
	}
	if _, err := time.Parse("20060102", s); err != nil {
		return ""
	}
	return s[:4] + "-" + s[4:6] + "-" + s[6:8]
}

// fullDate reads YYYYMMDDhh[mm[ss]] with fraction and offset.
func fullDate(s, fraction, offset string, zone *time.Location) string {
	s = (s + "0000")[:14]
	t, err := time.ParseInLocation("20060102150405", s, zone)
	if err != nil {
		return ""
	}
	suffix := t.Format("-07:00")
	if offset != "" {
		if suffix = parseOffset(offset); suffix == "" {
			return ""
		}
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return s[:4] + "-" + s[4:6] + "-" + s[6:8] + "T" + s[8:10] + ":" + s[10:12] + ":" + s[12:14] + fraction + suffix
}

// parseOffset reads ±hh or ±hhmm.
func parseOffset(s string) string {
	switch len(s) {
	case 3:
		s += "00"
	case 5:
	default:
		return ""
	}
	if !allDigits(s[1:]) || s[1:3] > "14" || s[3:5] > "59" {
		return ""
	}
	return s[:3] + ":" + s[3:]
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// period returns the Period of an IVL_TS, or of a TS the period that starts
// and ends with it. It is empty when nothing is said.
func (c *conversion) period(n *node) *object {
	p := new(object)
	if n == nil {
		return p
	}
	if n.Attr("value") != "" {
		t := c.dateTime(n)
		return p.Set("start", t, mark(n)).Set("end", t, mark(n))
	}
	low, high := n.Element("low"), n.Element("high")
	return p.Set("start", c.dateTime(low), mark(low)).Set("end", c.dateTime(high), mark(high))
}

// when sets the choice element name to what an effectiveTime says: a dateTime
// for a TS or an interval of which only one end or both alike are known to be a
// point, a Period otherwise.
func (c *conversion) when(o *object, name string, n *node) {
	if n == nil {
		return
	}
	if n.Attr("value") != "" {
		o.Set(name+"|dateTime", c.dateTime(n), mark(n))
		return
	}
	if center := n.Element("center"); center != nil {
		o.Set(name+"|dateTime", c.dateTime(center), mark(center))
		return
	}
	o.Put(name+"|Period", c.period(n))
}
