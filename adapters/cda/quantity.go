package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/xmltree"
)

// quantity returns the Quantity of a PQ, INT or REAL, nil when it has no number.
func quantity(n *node) *object {
	value := decimal(n.Attr("value"))
	if value == "" {
		return otherwise(n)
	}
	o := new(object)
	for t := range n.Elements("translation") {
		o.Add("extension", quantityTranslation(t))
	}
	o.Literal("value", value, mark(n))
	unit := strings.TrimSpace(n.Attr("unit"))
	switch {
	case unit == "":
	case len(unit) == 8 && allDigits(unit): // a package or form of the EDQM, where others write {tablet}
		o.Set("system", "http://standardterms.edqm.eu").Set("code", unit)
	case unit == "1": // UCUM's unity
		o.Set("system", adapters.SystemUCUM).Set("code", "1")
	case strings.ContainsAny(unit, " \t\n") || !ascii(unit): // "U/l à 37°": words, not UCUM
		o.Set("unit", unit)
	default:
		o.Set("unit", unit).Set("system", adapters.SystemUCUM).Set("code", unit)
	}
	return o
}

// otherwise is the Quantity of a PQ that says its amount only in another unit than
// those of UCUM, as a translation.
func otherwise(n *node) *object {
	for t := range n.Elements("translation") {
		if q := translatedQuantity(t); q != nil {
			return q
		}
	}
	return nil
}

// quantityTranslation is the same amount in another unit (PQR), as HL7's extension
// for it.
func quantityTranslation(n *node) *object {
	q := translatedQuantity(n)
	if q == nil {
		return nil
	}
	return extension(baseExtension+"iso21090-PQ-translation").Put("value|Quantity", q)
}

// translatedQuantity is the Quantity of a PQR.
func translatedQuantity(n *node) *object {
	value, code := decimal(n.Attr("value")), token(n.Attr("code"))
	if value == "" {
		return nil
	}
	q := new(object).Literal("value", value, mark(n)).Set("unit", xmltree.Squeeze(n.Attr("displayName")))
	if code != "" {
		if !q.Has("unit") {
			q.Set("unit", code)
		}
		q.Set("system", adapters.System(n.Attr("codeSystem"))).Set("code", code)
	}
	return q
}

// amount sets a choice element to what a PQ or IVL_PQ says: the Quantity for one
// number, also for an interval whose ends are alike, and the Range for two. An
// interval that is open on one side is a Quantity with comparator where the
// element may have one, or else a Range with one end. An element that takes no Range
// (rangeName is empty) is left out: neither end is the amount.
func amount(o *object, quantityName, rangeName string, comparator bool, n *node) {
	low, high := n.Element("low"), n.Element("high")
	if low == nil && high == nil {
		if center := n.Element("center"); center != nil {
			n = center
		}
		o.Put(quantityName, quantity(n))
		return
	}
	from, to := quantity(low), quantity(high)
	switch {
	case from != nil && to != nil && from.Equal(to):
		from.Note("value", mark(high))
		o.Put(quantityName, from)
	case from != nil && to == nil && comparator:
		o.Put(quantityName, bounded(from, ">", low))
	case from == nil && to != nil && comparator:
		o.Put(quantityName, bounded(to, "<", high))
	case rangeName == "":
	default:
		o.Put(rangeName, new(object).Put("low", from).Put("high", to))
	}
}

// bounded puts the comparator behind the value of an open interval.
func bounded(q *object, comparator string, n *node) *object {
	if n.Attr("inclusive") != "false" {
		comparator += "="
	}
	o := new(object)
	o.Copy(q, "extension")
	o.Literal("value", q.Text("value"), mark(n)).Set("comparator", comparator)
	for _, name := range []string{"unit", "system", "code"} {
		o.Set(name, q.Text(name))
	}
	return o
}

// ratio returns the Ratio of an RTO, nil when nothing is said.
func ratio(n *node) *object {
	o := new(object).Put("numerator", quantity(n.Element("numerator"))).Put("denominator", quantity(n.Element("denominator")))
	if o.Empty() {
		return nil
	}
	return o
}

// decimal returns the FHIR decimal for a CDA real, digit for digit and with its
// exponent, empty when it is none. A decimal comma is not accepted: it is no CDA, and a thousands
// separator elsewhere.
func decimal(s string) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	number, exponent := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		number, exponent = s[:i], "E"+strings.TrimPrefix(s[i+1:], "+")
		if digits := strings.TrimPrefix(exponent[1:], "-"); digits == "" || !allDigits(digits) || len(digits) > 2 {
			return ""
		}
	}
	whole, fraction, _ := strings.Cut(number, ".")
	if !allDigits(whole) || !allDigits(fraction) || whole == "" && fraction == "" || len(s) > 30 {
		return ""
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole + exponent
}

// integer returns the FHIR integer for an INT, empty when it is none.
func integer(s string) string {
	if d := decimal(s); len(d) <= 9 && !strings.ContainsAny(d, ".E") {
		return d
	}
	return ""
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] > '~' || s[i] < ' ' {
			return false
		}
	}
	return true
}
