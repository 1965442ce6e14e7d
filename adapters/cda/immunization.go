package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

const systemPerformerFunction = "http://terminology.hl7.org/CodeSystem/v2-0443"

// immunizationOf maps FR-Vaccination: a vaccine that was given or refused is an
// Immunization, one that is intended a recommendation.
func immunizationOf(c *conversion, n *node) []*draft.Resource {
	if n.Attr("moodCode") != "EVN" {
		return recommendationOf(c, n)
	}
	r := c.newEntry("Immunization", n)
	identifiers(&r.Object, n)
	if code := c.coded(n.Element("code")); code != nil { // first series, booster: what kind of act it was
		r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/immunization-act").Put("value|CodeableConcept", code))
	}
	state := n.Element("statusCode")
	switch {
	case isNegated(n):
		r.Set("status", "not-done", mark(state), mark(n))
	case state.Attr("code") == "nullified":
		r.Set("status", "entered-in-error", mark(state))
	default:
		r.Set("status", "completed", mark(state))
	}
	c.vaccine(r, n)
	c.subject(&r.Object, "patient")
	c.occurrence(r, n)
	author := n.Element("author")
	at := author.Element("time")
	r.Set("recorded", c.dateTime(at), mark(at))
	r.Put("site", c.coded(n.Element("approachSiteCode")))
	r.Put("route", c.coded(n.Element("routeCode")))
	amount(&r.Object, "doseQuantity", "", false, n.Element("doseQuantity"))
	c.vaccinators(r, n)
	c.entryText(r, n, "vaccineCode")
	c.reactionsToVaccine(r, n)
	c.protocol(r, n)
	return c.withRelated(r, n)
}

// vaccine sets what was given, with lot, maker and expiration.
func (c *conversion) vaccine(r *draft.Resource, n *node) {
	product := n.Element("consumable", "manufacturedProduct")
	material := product.Element("manufacturedMaterial")
	code := c.productCode(material)
	if code == nil {
		code = c.wording(n)
	}
	detail := c.product(product, material)
	for _, class := range detail.Objects("extension") { // the class of the vaccine, for people who do not know the brand
		code.Add("extension", class)
	}
	r.Put("vaccineCode", code)
	r.Copy(detail, "manufacturer")
	batch := detail.Object("batch")
	r.Copy(batch, "lotNumber")
	if day := batch.Text("expirationDate"); len(day) >= 4 {
		r.Set("expirationDate", day[:min(len(day), 10)], batch.From("expirationDate")...)
	}
}

// occurrence sets when: R4 has no period here, so that the beginning of one
// stands for it.
func (c *conversion) occurrence(r *draft.Resource, n *node) {
	at := n.Element("effectiveTime")
	if low := at.Element("low"); low != nil {
		at = low
	}
	if t := c.dateTime(at); t != "" {
		r.Set("occurrence|dateTime", t, mark(at))
		return
	}
	r.Put("_occurrence|dateTime", c.absentConcept(at))
}

// vaccinators adds who gave the vaccine, who wrote it down and who told of it.
func (c *conversion) vaccinators(r *draft.Resource, n *node) {
	add := func(party *object, system, function string) {
		if c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization") {
			r.Add("performer", new(object).Put("function", concept(system, function)).Put("actor", party))
		}
	}
	for p := range n.Elements("performer") {
		add(c.party(p.Element("assignedEntity")), systemPerformerFunction, "AP")
	}
	for a := range n.Elements("author") {
		add(c.party(a.Element("assignedAuthor")), systemPerformerFunction, "EP")
	}
	for i := range n.Elements("informant") {
		add(c.informer(i), adapters.System(oidParticipationType), "INF")
	}
}

// reactionsToVaccine makes an Observation of every problem that the vaccine
// caused, which is what Immunization.reaction refers to.
func (c *conversion) reactionsToVaccine(r *draft.Resource, n *node) {
	for link := range n.Elements("entryRelationship") {
		s := link.Element("observation")
		if s == nil || link.Attr("typeCode") != "CAUS" || kindOf(s) != problem || c.taken[s] || isNegated(s) {
			continue
		}
		c.taken[s] = true
		for i, o := range observationOf(c, s, "") {
			if i == 0 {
				onset, _ := c.course(s, nil)
				r.Add("reaction", new(object).Set("date", onset.text).Put("detail", c.Reference(o)))
			}
		}
	}
}

// protocol sets which dose it was (FR-Rang-de-la-vaccination).
func (c *conversion) protocol(r *draft.Resource, n *node) {
	s := c.find(n, vaccineRank)
	value := s.Element("value")
	rank := integer(value.Attr("value"))
	if rank == "" || rank[0] == '-' || rank == "0" {
		return
	}
	c.taken[s] = true
	r.Add("protocolApplied", new(object).Literal("doseNumber|positiveInt", rank, head(s, mark(value))...))
}

const loinc = "http://loinc.org"

// recommendationOf maps a vaccine that is to be given (FR-Vaccin-recommande).
func recommendationOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("ImmunizationRecommendation", n)
	identifiers(&r.Object, n)
	c.subject(&r.Object, "patient")
	r.Set("date", c.effective)
	if c.effective == "" {
		r.Put("_date", c.absentConcept(nil))
	}
	o := new(object)
	material := n.Element("consumable", "manufacturedProduct", "manufacturedMaterial")
	code := c.productCode(material)
	if code == nil {
		code = c.wording(n)
	}
	text, from := c.text(n.Element("text"))
	if code.Text("text") == text {
		code.Note("text", from...)
		text = ""
	}
	o.Add("vaccineCode", code)
	status := concept("http://terminology.hl7.org/CodeSystem/immunization-recommendation-status", "due")
	o.Put("forecastStatus", status.Mark(head(n)...))
	at := n.Element("effectiveTime")
	for _, end := range [][2]string{{"low", "30981-5"}, {"high", "59777-3"}} { // earliest and latest date to give
		if m := c.moment(at, end[0]); m.text != "" {
			o.Add("dateCriterion", new(object).Put("code", concept(loinc, end[1])).Set("value", m.text, m.from...))
		}
	}
	words := new(phrase)
	words.add(text, from)
	for s := c.take(n, comment); s != nil; s = c.take(n, comment) {
		text, from := c.text(s.Element("text"))
		words.add(text, append(from, head(s)...))
	}
	o.Set("description", words.String(), words.from...)
	r.Add("recommendation", o)
	return c.withRelated(r, n)
}
