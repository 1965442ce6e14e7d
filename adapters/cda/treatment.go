package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
)

// treatmentOf maps FR-Traitement (IHE Medications Entry) to a
// MedicationStatement: what the patient takes, took or is to take.
func treatmentOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("MedicationStatement", n)
	identifiers(&r.Object, n)
	c.treatmentStatus(r, n)
	c.medication(r, n)
	c.subject(&r.Object, "subject")
	c.treatmentTimes(r, n)
	c.informed(r, n)
	c.dosages(r, n)
	c.treatmentText(r, n)
	c.administrationKind(r, n)
	c.externalDocuments(r, n)
	return c.withRelated(r, n)
}

// fixedCode is the origin of the code of a statement when it is the one that every
// statement of the kind has: it says what the resource type says.
func fixedCode(n *node, code string) []origin {
	at := n.Element("code")
	if at.Attr("code") != code {
		return nil
	}
	from := []origin{mark(at)}
	for t := range at.Elements("translation") {
		from = append(from, mark(t))
	}
	return from
}

// administrationKind sets category to what kind of administration the act is, where
// it is more than that of a medicine.
func (c *conversion) administrationKind(r *draft.Resource, n *node) {
	if drug := fixedCode(n, "DRUG"); drug != nil {
		r.Mark(drug...)
		return
	}
	switch code := c.coded(n.Element("code")); {
	case code == nil:
	case r.Type == "MedicationRequest":
		r.Add("category", code)
	default:
		r.Put("category", code)
	}
}

// treatmentStatus sets status. In CDA the state is that of writing it down,
// completed as a rule: whether the patient still takes the medicine follows
// from the dates (IHE PCC TF-2 6.3.4.16.6).
func (c *conversion) treatmentStatus(r *draft.Resource, n *node) {
	state := n.Element("statusCode")
	end := c.dateTime(doseTime(n, "IVL_TS").Element("high"))
	status := "active"
	switch code := state.Attr("code"); {
	case isNegated(n):
		r.Mark(mark(n))
		status = "not-taken"
	case n.Attr("moodCode") != "EVN":
		status = "intended"
	case code == "aborted" || code == "cancelled":
		status = "stopped"
	case code == "suspended" || code == "held":
		status = "on-hold"
	case code == "nullified":
		status = "entered-in-error"
	case end != "" && c.effective != "" && end < c.effective:
		status = "completed"
	}
	r.Set("status", status, mark(state))
}

// doseTime returns the effectiveTime of that type, nil when there is none. An
// interval may leave its type out.
func doseTime(n *node, typ string) *node {
	for t := range n.Elements("effectiveTime") {
		if x := xsiType(t); x == typ || x == "" && typ == "IVL_TS" {
			return t
		}
	}
	return nil
}

// treatmentTimes sets effective[x] to the period of the treatment.
func (c *conversion) treatmentTimes(r *draft.Resource, n *node) {
	interval := doseTime(n, "IVL_TS")
	if interval.Attr("value") != "" {
		r.Set("effective|dateTime", c.dateTime(interval), mark(interval))
		return
	}
	r.Put("effective|Period", c.period(interval))
}

// informed adds who gave the information, and when it was written down.
func (c *conversion) informed(r *draft.Resource, n *node) {
	author := n.Element("author")
	at := author.Element("time")
	r.Set("dateAsserted", c.dateTime(at), mark(at))
	source := c.party(author.Element("assignedAuthor"))
	if informant := n.Element("informant"); informant != nil {
		source = c.informer(informant)
	}
	if c.isOneOf(source, "Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Organization") {
		r.Put("informationSource", source)
	}
}

// treatmentText keeps the words of the statement: those of the medicine or of
// the dosage where they are the same, and else a note.
func (c *conversion) treatmentText(r *draft.Resource, n *node) {
	text, from := c.text(n.Element("text"))
	if text == "" {
		return
	}
	for _, o := range []*object{r.Object.Object("medication|CodeableConcept"), c.medicationCode(r), r.Object.Object("dosage"), r.Object.Object("dosageInstruction")} {
		if o.Text("text") == text {
			o.Note("text", from...)
			return
		}
	}
	r.Add("note", new(object).Set("text", text, from...))
}

// medication sets medication[x]: a concept when code and name are all that is
// said of the product, a Medication when there is more.
func (c *conversion) medication(r *draft.Resource, n *node) {
	product := firstElement(n, "consumable", "product").Element("manufacturedProduct")
	material := firstElement(product, "manufacturedMaterial", "manufacturedLabeledDrug")
	code := c.productCode(material)
	if code == nil {
		code = c.wording(n)
	}
	if detail := c.product(product, material); !detail.Empty() {
		m := c.New("Medication", n.Path())
		m.Put("code", code)
		c.medications[c.Reference(m).Text("reference")] = code
		m.Merge(detail)
		r.Put("medication|Reference", c.Reference(m))
		return
	}
	r.Put("medication|CodeableConcept", code)
}

// productCode returns the concept of a product: codes of brand, package and
// class, and its name as text when the document has no other words for it.
func (c *conversion) productCode(material *node) *object {
	code := c.coded(material.Element("code"))
	name, from := words(material.Element("name"))
	if name == "" {
		return code
	}
	if code == nil {
		code = new(object)
	}
	switch before := code.Text("text"); before {
	case "":
		code.Set("text", name, from...)
	case name:
		code.Note("text", from...)
	default:
		if nameInWords(name, code) {
			code.Mark(from...)
		} else {
			code.Add("extension", extension(productName).Set("value|string", name, from...))
		}
	}
	return code
}

// medicationCode returns the concept of the Medication that a statement refers
// to, or nil.
func (c *conversion) medicationCode(r *draft.Resource) *object {
	reference := r.Object.Object("medication|Reference")
	if reference == nil {
		return nil
	}
	return c.medications[reference.Text("reference")]
}

// productName is the extension of the ANS for the name of a product beside its
// code, from IHE's medication profile.
const productName = "https://profiles.ihe.net/PHARM/MPD/StructureDefinition/ihe-ext-medication-productname"

// nameInWords reports whether a name is how a display or text of the code
// begins: it then says nothing of its own.
func nameInWords(name string, code *object) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(strings.ToLower(code.Text("text")), name) {
		return true
	}
	for _, coding := range code.Objects("coding") {
		if strings.HasPrefix(strings.ToLower(coding.Text("display")), name) {
			return true
		}
	}
	return false
}
