package writer

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

type node = fhirjson.Node

// maxDepth bounds sections in sections and statements in statements: references
// may lead in circles.
const maxDepth = 16

// writer is the state of one document. It belongs to one goroutine.
type writer struct {
	*document.Bundle
	maps    *conceptmap.Maps
	file    func(url string) ([]byte, bool)
	kind    kind
	nested  map[string]bool     // fullUrls of what stands inside another entry
	entered map[string]bool     // fullUrls of what is an entry of a section
	taken   map[string]bool     // fullUrls of specimens of which it was written how they were taken
	files   map[string][]byte   // by URL; nil for what cannot be had
	parts   map[string][]string // fullUrls of what names the resource as what it is part of
	anchors map[string]string   // ids of the section's narrative by what they say
	depth   int

	embedded int              // bytes of files
	about    string           // fullUrl of the Patient whom the part is about
	focus    string           // fullUrl of the RelatedPerson whom it looks at
	secret   label            // of the document
	secrets  map[string]label // of sections, by their text
}

// resource is an entry of the document that is being written.
type resource struct {
	node
	url string // fullUrl
}

// typ returns the resource type.
func (r resource) typ() string { return r.Get("resourceType").Text() }

// Sources are what a document is written from beside its resources.
type Sources struct {
	// Maps are the ConceptMaps by which codes and code systems are written; nil are
	// those that are shipped.
	Maps *conceptmap.Maps

	// File returns the bytes of a Binary by the URL of an Attachment, and whether
	// they can be had. Without it files are named and not embedded.
	File func(url string) ([]byte, bool)
}

// Write writes a document as CDA R2. The Bundle is one of package document or
// summary, or of the same form: the Composition first, and a Patient whom it is
// about. It fails with *fhir.Error of kind Unprocessable when there is none.
func Write(b *document.Bundle, from Sources) ([]byte, error) {
	w := &writer{Bundle: b, maps: from.Maps, file: from.File, nested: map[string]bool{}, parts: map[string][]string{}, entered: map[string]bool{}, taken: map[string]bool{},
		files: map[string][]byte{}}
	c := resource{b.Composition(), ""}
	if len(b.Entries) > 0 {
		c.url = b.Entries[0].FullURL
	}
	patient, ok := w.find(c, c.Get("subject"))
	if c.typ() != "Composition" || !ok || patient.typ() != "Patient" {
		return nil, fhir.Errorf(fhir.Unprocessable, "writer.Write", "cda.no-subject", fhir.CodeRequired, "Composition.subject",
			fhir.T("The document has no patient whom you may see.", "Le document n'a pas de patient que vous puissiez voir."),
			fhir.T("CDA documents are about one patient.", "Un document CDA concerne un patient."))
	}
	w.kind, w.about = kindOf(c), patient.url
	if err := w.labels(c); err != nil {
		return nil, err
	}
	w.relations()
	w.enter(c, c.node)
	root := el("ClinicalDocument", "xmlns", "urn:hl7-org:v3", "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance",
		"xmlns:sdtc", "urn:hl7-org:sdtc", "xmlns:pharm", "urn:ihe:pharm:medication")
	w.header(root, c, patient)
	body := w.whole(c)
	if body == nil {
		body = el("structuredBody")
		for s := range c.Get("section").Items() {
			body.add(el("component").add(w.section(c, s)))
		}
	}
	root.add(el("component").add(body))
	root.sort()
	var out strings.Builder
	out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	root.write(&out, "")
	out.WriteByte('\n')
	return []byte(out.String()), nil
}

// find returns the resource that a Reference of r leads to.
func (w *writer) find(r resource, reference node) (resource, bool) {
	url := reference.Get("reference").Text()
	n := w.Find(r.url, url)
	if !n.Exists() {
		return resource{}, false
	}
	for _, e := range w.Entries {
		if e.Doc.Root() == n {
			return resource{n, e.FullURL}, true
		}
	}
	return resource{}, false
}

// all finds the resources that a list of References leads to.
func (w *writer) all(r resource, references node) (list []resource) {
	for reference := range references.Items() {
		if to, ok := w.find(r, reference); ok {
			list = append(list, to)
		}
	}
	return list
}

// relations notes what stands inside another statement in CDA: the members of a
// panel, what an act or a problem is evidenced by, and what names another as what
// it is part of.
func (w *writer) relations() {
	for _, e := range w.Entries {
		r := resource{e.Doc.Root(), e.FullURL}
		for _, m := range w.members(r) {
			if m.url != r.url {
				w.nested[m.url] = true
			}
		}
		if entries[r.typ()] && r.typ() != "DocumentReference" {
			for _, m := range append(w.held(r), w.takenSpecimens(r)...) {
				w.nested[m.url] = true
			}
		}
		for x := range r.Get("extension").Items() {
			if x.Get("url").Text() != pertainsToGoal {
				continue
			}
			if goal, ok := w.find(r, value(x)); ok && goal.typ() == "Goal" && goal.url != r.url && entries[r.typ()] {
				w.nested[r.url] = true
				w.parts[goal.url] = append(w.parts[goal.url], r.url)
				break
			}
		}
		if r.typ() != "Observation" && r.typ() != "Procedure" && r.typ() != "MedicationAdministration" {
			continue
		}
		for _, whole := range w.all(r, r.Get("partOf")) {
			if whole.url != r.url && entries[whole.typ()] {
				w.nested[r.url] = true
				w.parts[whole.url] = append(w.parts[whole.url], r.url)
			}
		}
	}
}

// enter notes what is an entry of a section.
func (w *writer) enter(c resource, parent node) {
	for s := range parent.Get("section").Items() {
		for _, r := range w.all(c, s.Get("entry")) {
			w.entered[r.url] = true
		}
		w.enter(c, s)
	}
}

// members are the resources that a resource holds in CDA.
func (w *writer) members(r resource) (list []resource) {
	switch r.typ() {
	case "Observation":
		list = append(w.all(r, r.Get("hasMember")), w.observed(w.all(r, r.Get("derivedFrom")))...)
	case "DiagnosticReport":
		list = w.all(r, r.Get("result"))
	case "Condition":
		for e := range r.Get("evidence").Items() {
			list = append(list, w.observed(w.all(r, e.Get("detail")))...)
		}
	case "AdverseEvent":
		for suspect := range r.Get("suspectEntity").Items() {
			if to, ok := w.find(r, suspect.Get("instance")); ok && to.typ() == "MedicationStatement" {
				list = append(list, to)
			}
		}
		list = append(list, w.all(r, r.Get("resultingCondition"))...)
	case "DeviceRequest", "ServiceRequest":
		list = w.observed(w.all(r, r.Get("supportingInfo")))
	case "Goal":
		list = w.observed(w.all(r, r.Get("outcomeReference")))
	case "MedicationRequest":
		list = w.observed(w.all(r, r.Get("supportingInformation")))
	case "Immunization":
		for reaction := range r.Get("reaction").Items() {
			if to, ok := w.find(r, reaction.Get("detail")); ok {
				list = append(list, to)
			}
		}
	}
	return list
}

// observed leaves what becomes a statement.
func (w *writer) observed(list []resource) (kept []resource) {
	for _, r := range list {
		if r.typ() == "Observation" || r.typ() == "Procedure" {
			kept = append(kept, r)
		}
	}
	return kept
}

// at returns the resource with that fullUrl.
func (w *writer) at(url string) resource { return resource{w.Find("", url), url} }

// extension returns the value node of the extension with that URL: its first
// member that begins with value, or the extension itself when it has parts.
func extension(n node, url string) node {
	for e := range n.Get("extension").Items() {
		if e.Get("url").Text() == url {
			return value(e)
		}
	}
	return node{}
}

func value(extension node) node {
	for m := range extension.Members() {
		if strings.HasPrefix(m.Name(), "value") {
			return m
		}
	}
	return extension
}

// choice returns the value of a choice element and the name of its type.
func choice(n node, name string) (typ string, v node) {
	for m := range n.Members() {
		if rest, ok := strings.CutPrefix(m.Name(), name); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return rest, m
		}
	}
	return "", node{}
}
