package writer

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// ts returns the TS of a FHIR date, dateTime or instant, with its precision and
// zone: 20090314, 201409, 20260302112000+0100.
func ts(s string) string {
	day, clock, timed := strings.Cut(s, "T")
	day = strings.ReplaceAll(day, "-", "")
	if !timed {
		return day
	}
	zone := ""
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock, zone = clock[:i], strings.Replace(strings.ReplaceAll(clock[i:], ":", ""), "Z", "+0000", 1)
	}
	return day + strings.ReplaceAll(clock, ":", "") + zone
}

// point is a TS element, nil when there is no time.
func point(name, time string) *element {
	if time == "" {
		return nil
	}
	return el(name, "value", ts(time))
}

// interval is an IVL_TS of two ends, nil when it has none.
func interval(name, start, end string) *element {
	if start == "" && end == "" {
		return nil
	}
	return el(name).add(point("low", start), point("high", end))
}

// period is the IVL_TS of a Period.
func period(name string, n node) *element {
	return interval(name, n.Get("start").Text(), n.Get("end").Text())
}

// when is the effectiveTime of a choice element: a TS for a dateTime, an
// IVL_TS for a Period.
func when(r node, element string) *element {
	switch typ, v := choice(r, element); typ {
	case "DateTime", "Instant":
		return point("effectiveTime", v.Text())
	case "Period":
		return period("effectiveTime", v)
	}
	return nil
}

// units are UCUM codes, or the words of a unit that has none.
func unit(n node) string {
	if code := n.Get("code").Text(); code != "" && (n.Get("system").Text() == adapters.SystemUCUM || n.Get("system").Text() == "http://standardterms.edqm.eu") {
		return code
	}
	return n.Get("unit").Text()
}

// quantity is the PQ of a Quantity without comparator, nil when it has no value.
func quantity(name string, n node) *element {
	if !n.Get("value").Exists() {
		return nil
	}
	e := el(name, "value", n.Get("value").Text(), "unit", unit(n))
	for x := range n.Get("extension").Items() {
		if q := value(x); x.Get("url").Text() == baseExtension+"iso21090-PQ-translation" && q.Get("value").Exists() {
			e.add(el("translation", "value", q.Get("value").Text(), "code", q.Get("code").Text(), "codeSystem", adapters.OID(q.Get("system").Text())))
		}
	}
	return e
}

// amount sets an element to what a Quantity, with comparator or not, or a Range
// says: PQ or IVL_PQ. typed wants the xsi:type.
func amount(name string, typ string, n node, typed bool) *element {
	if !n.Exists() {
		return nil
	}
	pq, ivl := "", ""
	if typed {
		pq, ivl = "PQ", "IVL_PQ"
	}
	switch {
	case typ == "Range":
		return el(name, "xsi:type", ivl).add(quantity("low", n.Get("low")), quantity("high", n.Get("high")))
	case n.Get("comparator").Exists():
		end, inclusive := "low", ""
		comparator := n.Get("comparator").Text()
		if comparator[0] == '<' {
			end = "high"
		}
		if !strings.HasSuffix(comparator, "=") {
			inclusive = "false"
		}
		q := quantity(end, n)
		if q == nil {
			return nil
		}
		return el(name, "xsi:type", ivl).add(q.set("inclusive", inclusive))
	}
	q := quantity(name, n)
	if q != nil && typed {
		q.attrs = append([]string{"xsi:type", pq}, q.attrs...)
	}
	return q
}

// ratio is the RTO of a Ratio.
func ratio(name, xsiType string, n node) *element {
	if !n.Exists() {
		return nil
	}
	part := func(name string) *element {
		q := quantity(name, n.Get(name))
		if q == nil {
			return null(name, "UNK")
		}
		q.attrs = append([]string{"xsi:type", "PQ"}, q.attrs...)
		return q
	}
	return el(name, "xsi:type", xsiType).add(part("numerator"), part("denominator"))
}

// id is the II of an Identifier; nil for one of a system that has no OID.
func id(n node) *element {
	system, value := n.Get("system").Text(), n.Get("value").Text()
	switch {
	case value == "":
		return nil
	case system == "urn:ietf:rfc:3986":
		if root := rootOf(value); root != "" {
			return el("id", "root", root)
		}
		return nil
	case system == "" && adapters.IsOID(value):
		return el("id", "root", value)
	case system == "":
		return el("id", "extension", value)
	}
	if root := rootOf(system); root != "" {
		return el("id", "root", root, "extension", value)
	}
	return nil
}

// rootOf returns the OID or UUID of a URN; UUIDs in capitals, as CDA has them.
func rootOf(uri string) string {
	if uuid, ok := strings.CutPrefix(uri, "urn:uuid:"); ok {
		return strings.ToUpper(uuid)
	}
	if oid, ok := strings.CutPrefix(uri, "urn:oid:"); ok && adapters.IsOID(oid) {
		return oid
	}
	return ""
}

// ids are the identifiers of a resource, and for one that has none that CDA can
// name a UUID that follows from its URL.
func ids(r resource) (list []*element) {
	for i := range r.Get("identifier").Items() {
		if e := id(i); e != nil {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		list = append(list, derived(r, ""))
	}
	return list
}

// derived is an id that follows from the URL of a resource and the place.
func derived(r resource, place string) *element {
	return el("id", "root", rootOf(adapters.DeriveURN("cda", r.url, place)))
}

// schemes begin the URL of a ContactPoint that is none.
var schemes = map[string]string{"phone": "tel:", "fax": "fax:", "email": "mailto:", "sms": "sms:"}

// telecoms are the TEL of a list of ContactPoint.
func (w *writer) telecoms(n node) (list []*element) {
	for t := range n.Get("telecom").Items() {
		if value := t.Get("value").Text(); value != "" {
			list = append(list, el("telecom", "value", schemes[t.Get("system").Text()]+value, "use", w.fixedBy("AddressUse", conceptmap.TelecomUse, t.Get("use").Text())))
		}
	}
	return list
}

// addresses are the AD of a list of Address.
func (w *writer) addresses(n node) (list []*element) {
	for a := range n.Get("address").Items() {
		list = append(list, w.address(a))
	}
	return list
}

func (w *writer) address(n node) *element {
	a := el("addr", "use", w.fixedBy("AddressUse", conceptmap.AddressUse, n.Get("use").Text()))
	for line := range n.Get("line").Items() {
		a.add(leaf("streetAddressLine", line.Text()))
	}
	district := n.Get("district").Text()
	if code := extension(n, "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code").Get("code").Text(); code != "" {
		district = code
	}
	a.add(leaf("postalCode", n.Get("postalCode").Text()), leaf("city", n.Get("city").Text()), leaf("county", district),
		leaf("state", n.Get("state").Text()), leaf("country", n.Get("country").Text()))
	if text := n.Get("text").Text(); text != "" && (len(a.children) == 0 || n.Get("line").First().Kind() == fhirjson.Absent) {
		a.words(text)
	}
	return a
}

// name is the PN of somebody who is not the patient.
func (w *writer) name(n node) *element {
	p := el("name", "use", w.fixedBy("EntityNameUse", conceptmap.NameUse, n.Get("use").Text()))
	for _, part := range []string{"prefix", "given"} {
		for v := range n.Get(part).Items() {
			p.add(leaf(part, v.Text()))
		}
	}
	p.add(leaf("family", n.Get("family").Text()))
	for v := range n.Get("suffix").Items() {
		p.add(leaf("suffix", v.Text()))
	}
	if len(p.children) == 0 {
		p.words(n.Get("text").Text())
	}
	return p
}

// names are the PN of a person.
func (w *writer) names(n node) (list []*element) {
	for v := range n.Get("name").Items() {
		list = append(list, w.name(v))
	}
	return list
}
