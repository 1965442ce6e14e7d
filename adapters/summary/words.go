package summary

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// reader turns elements into words of one language.
type reader struct {
	lang rest.Language
	find func(reference string) fhirjson.Node // within the document
}

func (w *reader) say(t fhir.Text) string {
	if w.lang == rest.English {
		return t.EN
	}
	return t.FR
}

// concept returns a CodeableConcept in the words of its author: text, else a
// display, else the code.
func concept(n fhirjson.Node) string {
	if text := n.Get("text").Text(); text != "" {
		return text
	}
	for c := range n.Get("coding").Items() {
		if d := c.Get("display").Text(); d != "" {
			return d
		}
	}
	return code(n)
}

// date writes a date or dateTime: 14/03/2009, 03/2009, 2009 in French, as it is
// in English. The time of day is left out.
func (w *reader) date(s string) string {
	day, _, _ := strings.Cut(s, "T")
	if w.lang == rest.English {
		return day
	}
	parts := strings.Split(day, "-")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, "/")
}

// period writes a Period: from … to ….
func (w *reader) period(n fhirjson.Node) string {
	start, end := w.date(n.Get("start").Text()), w.date(n.Get("end").Text())
	switch {
	case start == "" && end == "":
		return ""
	case end == "":
		return w.say(fhir.T("since ", "depuis ")) + start
	case start == "":
		return w.say(fhir.T("until ", "jusqu’à ")) + end
	case start == end:
		return start
	}
	return start + " – " + end
}

// number writes a decimal, digit for digit.
func (w *reader) number(n fhirjson.Node) string {
	if w.lang == rest.English {
		return n.Text()
	}
	return strings.Replace(n.Text(), ".", ",", 1)
}

// quantity writes a Quantity with its comparator and unit.
func (w *reader) quantity(n fhirjson.Node) string {
	if !n.Get("value").Exists() {
		return ""
	}
	unit := n.Get("unit").Text()
	if unit == "" && n.Get("code").Text() != "1" {
		unit = n.Get("code").Text()
	}
	return strings.TrimSpace(join(" ", n.Get("comparator").Text(), w.number(n.Get("value")), strings.Trim(unit, "{}")))
}

// scope writes a Range or a Ratio of two quantities.
func (w *reader) scope(n fhirjson.Node, low, high, between string) string {
	from, to := w.quantity(n.Get(low)), w.quantity(n.Get(high))
	switch {
	case from == "":
		return to
	case to == "":
		return from
	}
	return from + between + to
}

// value writes value[x] of an element with that name in front: valueQuantity,
// doseRange ….
func (w *reader) value(n fhirjson.Node, name string) string {
	for m := range n.Members() {
		typ, ok := strings.CutPrefix(m.Name(), name)
		if !ok {
			continue
		}
		switch typ {
		case "Quantity", "Duration", "Age":
			return w.quantity(m)
		case "CodeableConcept":
			return concept(m)
		case "Range":
			return w.scope(m, "low", "high", " – ")
		case "Ratio":
			return w.scope(m, "numerator", "denominator", " / ")
		case "Period":
			return w.period(m)
		case "DateTime", "Date", "Instant":
			return w.date(m.Text())
		case "Boolean":
			if m.Text() == "true" {
				return w.say(fhir.T("yes", "oui"))
			}
			return w.say(fhir.T("no", "non"))
		case "String", "Integer", "Time", "Decimal":
			return m.Text()
		}
	}
	return ""
}

// join joins what is not empty.
func join(between string, parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, between)
}
