package cda

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// dosages adds the dosage of a statement. A split or tapered dose is a
// statement per part: each is a dosage in its order, with route, site and
// condition of the whole.
func (c *conversion) dosages(r *draft.Resource, n *node) {
	name := "dosage"
	if r.Type != "MedicationStatement" {
		name = "dosageInstruction"
	}
	whole := c.dosage(n)
	parts := 0
	for link := range n.Elements("entryRelationship") {
		s := link.Element("substanceAdministration")
		if s == nil || link.Attr("typeCode") != "COMP" {
			continue
		}
		c.taken[s], c.made[s] = true, r
		c.sameProduct(r, s)
		part := new(object)
		order := link.Element("sequenceNumber")
		part.Literal("sequence", integer(order.Attr("value")), mark(order))
		part.Merge(c.dosage(s))
		if text, from := c.text(s.Element("text")); text != "" && (part.Text("text") == "" || strings.Contains(part.Text("text"), text)) {
			said := part.Text("text")
			if said == "" {
				said = text
			}
			part.Set("text", said, append(part.From("text"), from...)...)
		}
		if !part.Empty() {
			part.Mark(mark(s.Element("statusCode")))
			for id := range s.Elements("id") {
				part.Add("extension", partIdentifier(id))
			}
		}
		inherit(part, whole)
		if !part.Empty() {
			r.Add(name, part)
			parts++
		}
	}
	if parts == 0 {
		r.Add(name, whole)
	}
}

// partIdentifier is the id of a part of a dosage, which has none in FHIR.
func partIdentifier(n *node) *object {
	i := identifier(n)
	if i == nil {
		return nil
	}
	return extension(adapters.Canonical+"/StructureDefinition/dosage-identifier").Put("value|Identifier", i)
}

// inherit gives a part of a dosage what is said of the whole only.
func inherit(part, whole *object) {
	for _, name := range []string{"patientInstruction", "asNeeded|CodeableConcept", "site", "route"} {
		switch {
		case part.Has(name) && part.Object(name) != nil && part.Object(name).Equal(whole.Object(name)):
			part.Object(name).Merge(whole.Object(name))
		case part.Has(name) || !whole.Has(name):
		case name == "patientInstruction":
			part.Set(name, whole.Text(name), whole.From(name)...)
		default:
			part.Put(name, whole.Object(name))
		}
	}
	for _, name := range []string{"maxDosePerPeriod", "timing"} {
		if !part.Has(name) && whole.Has(name) {
			part.Put(name, whole.Object(name))
		}
	}
}

// dosage returns the Dosage of one statement, in the order of R4.
func (c *conversion) dosage(n *node) *object {
	o := new(object)
	words := new(phrase)
	timing := c.timing(n, words)
	dose := c.dose(n, words)
	o.Set("text", words.String(), words.from...)
	c.patientInstruction(o, n)
	o.Put("timing", timing)
	for p := range n.Elements("precondition") {
		o.Put("asNeeded|CodeableConcept", c.condition(p.Element("criterion")))
	}
	o.Put("site", c.coded(n.Element("approachSiteCode")))
	o.Put("route", c.coded(n.Element("routeCode")))
	o.Add("doseAndRate", dose)
	o.Put("maxDosePerPeriod", ratio(n.Element("maxDoseQuantity")))
	return o
}

// dose returns Dosage.doseAndRate.
func (c *conversion) dose(n *node, words *phrase) *object {
	o := new(object)
	quantity := n.Element("doseQuantity")
	amount(o, "dose|Quantity", "dose|Range", false, quantity)
	c.administrationUnit(o, n.Element("administrationUnitCode"))
	for t := range quantity.All() {
		if t.Name == "originalText" {
			words.add(c.text(t))
		}
	}
	rate := n.Element("rateQuantity")
	for t := range rate.All() {
		if t.Name == "originalText" {
			words.add(c.text(t))
		}
	}
	if rate.Element("numerator") != nil {
		o.Put("rate|Ratio", ratio(rate))
	} else {
		amount(o, "rate|Quantity", "rate|Range", false, rate)
	}
	return o
}

// administrationUnit says of what the dose is so many, where the dose itself does
// not: of tablets, of puffs.
func (c *conversion) administrationUnit(dose *object, n *node) {
	unit := coding(n)
	if unit == nil {
		return
	}
	doses := []*object{dose.Object("dose|Quantity"), dose.Object("dose|Range").Object("low"), dose.Object("dose|Range").Object("high")}
	for _, q := range doses {
		if q == nil || q.Has("unit") || q.Has("code") && q.Text("code") != "1" {
			continue
		}
		words := unit.Text("display")
		if words == "" {
			words = unit.Text("code")
		}
		q.Set("unit", words).Set("system", unit.Text("system")).Set("code", unit.Text("code"), mark(n))
	}
}

// condition returns the concept of a criterion: when a medicine is to be taken.
func (c *conversion) condition(n *node) *object {
	o := c.coded(n.Element("value"))
	if o == nil {
		o = c.coded(n.Element("code"))
	}
	text, from := c.text(n.Element("text"))
	switch {
	case text == "":
	case o == nil:
		o = new(object).Set("text", text, from...)
	case o.Text("text") == "" || o.Text("text") == text:
		o.Set("text", text, from...)
	}
	return o
}

// patientInstruction says what FR-Instructions-au-patient says.
func (c *conversion) patientInstruction(o *object, n *node) {
	s := c.find(n, patientInstructions)
	text, from := c.text(s.Element("text"))
	if text != "" {
		c.taken[s] = true
		o.Set("patientInstruction", text, append(from, head(s)...)...)
	}
}

// phrase is a text made of several pieces of the source, each once.
type phrase struct {
	texts []string
	from  []origin
}

func (p *phrase) add(text string, from []origin) {
	if text != "" && !slices.Contains(p.texts, text) {
		p.texts = append(p.texts, text)
	}
	p.from = append(p.from, from...)
}

// String returns the pieces with commas between them.
func (p *phrase) String() string { return strings.Join(p.texts, ", ") }
