package writer

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// section writes a section of the Composition with its entries and sections.
func (w *writer) section(c resource, s node) *element {
	e := el("section").add(templates(w.kind.templatesOf(s.Get("code"))...)...)
	e.add(sectionID(c, s), w.optional("code", "", s.Get("code")))
	outer, about, focus := w.anchors, w.about, w.focus
	e.add(w.subjectOf(c, s.Get("focus")))
	e.add(leaf("title", s.Get("title").Text()), w.narrative(s.At("text", "div").Text()))
	if l, secret := w.secrets[s.Raw()]; secret {
		e.add(l.element(w.oid(l.system)))
	}
	w.authors(e, c, s.Get("author"), c.Get("date").Text())
	for x := range s.Get("extension").Items() {
		if x.Get("url").Text() == documentExtension+"informant-extension" {
			e.add(w.informant(c, extension(x, "party")))
		}
	}
	for reference := range s.Get("entry").Items() {
		if r, ok := w.find(c, reference); ok && !w.nested[r.url] {
			if statement := w.statement(r); statement != nil {
				e.add(el("entry").add(statement))
			}
		}
	}
	if w.depth++; w.depth < maxDepth {
		for inner := range s.Get("section").Items() {
			e.add(el("component").add(w.section(c, inner)))
		}
	}
	w.depth--
	w.anchors, w.about, w.focus = outer, about, focus
	return e
}

// sectionID is the id of a section as it came, or one that follows from its
// code.
func sectionID(c resource, s node) *element {
	id := s.Get("id").Text()
	root, rest := rootOf("urn:uuid:"+id), ""
	if len(id) > 37 && id[36] == '.' {
		root, rest = rootOf("urn:uuid:"+id[:36]), id[37:]
	}
	switch {
	case adapters.IsOID(id):
		return el("id", "root", id)
	case len(id) >= 36 && strings.Count(id[:36], "-") == 4:
		return el("id", "root", root, "extension", rest)
	}
	return derived(c, s.Get("code").Get("coding").First().Get("code").Text()+s.Get("title").Text())
}

// entries are the types that become clinical statements.
var entries = map[string]bool{"Condition": true, "AllergyIntolerance": true, "MedicationStatement": true, "MedicationRequest": true, "Immunization": true,
	"Observation": true, "DiagnosticReport": true, "Procedure": true, "ServiceRequest": true, "FamilyMemberHistory": true, "DeviceUseStatement": true,
	"Goal": true, "Task": true, "Encounter": true, "Consent": true, "ImmunizationRecommendation": true, "DeviceRequest": true, "MedicationDispense": true, "MedicationAdministration": true, "AdverseEvent": true,
	"DocumentReference": true, "ImagingStudy": true, "Specimen": true, "CareTeam": true}

// statement writes a resource as a clinical statement, nil for a type that has
// none here.
func (w *writer) statement(r resource) *element {
	if w.depth >= maxDepth || !w.isAbout(r) {
		return nil
	}
	w.depth++
	defer func() { w.depth-- }()
	e := w.written(r)
	if e != nil {
		w.participants(e, r)
		if r.typ() != "Observation" && r.typ() != "DiagnosticReport" {
			w.specimens(e, r)
		}
	}
	return e
}

// written writes it by its type.
func (w *writer) written(r resource) *element {
	switch r.typ() {
	case "Condition":
		return w.problemConcern(r)
	case "AllergyIntolerance":
		return w.allergyConcern(r)
	case "MedicationStatement", "MedicationRequest":
		return w.treatment(r)
	case "Immunization":
		return w.immunization(r)
	case "Observation", "DiagnosticReport":
		return w.observation(r)
	case "Procedure":
		return w.procedure(r)
	case "ServiceRequest":
		return w.request(r)
	case "FamilyMemberHistory":
		return w.familyHistory(r)
	case "DeviceUseStatement":
		return w.deviceUse(r)
	case "DeviceRequest":
		return w.deviceRequest(r)
	case "MedicationDispense":
		return w.dispense(r)
	case "MedicationAdministration":
		return w.administration(r)
	case "AdverseEvent":
		return w.adverseEvent(r)
	case "Goal":
		return w.goal(r)
	case "Task":
		return w.task(r)
	case "Encounter":
		return w.encounter(r)
	case "Consent":
		return w.directive(r)
	case "DocumentReference":
		return w.document(r)
	case "ImagingStudy":
		return w.imagingStudy(r)
	case "Specimen":
		return w.specimen(r)
	case "CareTeam":
		return w.careTeam(r)
	case "ImmunizationRecommendation":
		return w.recommendation(r)
	}
	return nil
}
