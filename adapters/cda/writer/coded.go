package writer

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

// systemNames are names of code systems for people who read the document.
var systemNames = map[string]string{"2.16.840.1.113883.6.1": "LOINC", "2.16.840.1.113883.6.96": "SNOMED CT", "2.16.840.1.113883.6.3": "CIM-10",
	"2.16.840.1.113883.6.73": "ATC", "1.2.250.1.213.2.3.1": "CIS", "1.2.250.1.215.300.1": "CCAM", "0.4.0.127.0.16.1.1.2.1": "EDQM", "1.2.250.1.213.1.1.4.322": "TA_ASIP"}

// coding sets the attributes of a code, and reports false for one of a system
// that CDA has no name for.
func (w *writer) coding(e *element, n node) bool {
	system := n.Get("system").Text()
	oid := w.oid(system)
	if n.Get("code").Text() == "" || oid == "" && system != "" {
		return false
	}
	e.set("code", n.Get("code").Text(), "displayName", n.Get("display").Text(), "codeSystem", oid, "codeSystemName", systemNames[oid],
		"codeSystemVersion", n.Get("version").Text())
	return true
}

// concept is the CD of a CodeableConcept: the first coding, the others as
// translations, and the text as original text. xsiType is empty where the schema
// fixes the type. A concept that is not there, or that says why, is a null flavor.
func (w *writer) concept(name, xsiType string, n node) *element {
	e := el(name, "xsi:type", xsiType)
	var translations []*element
	found := false
	for c := range n.Get("coding").Items() {
		if !found {
			found = w.coding(e, c)
		} else if t := el("translation"); w.coding(t, c) {
			translations = append(translations, t)
		}
	}
	text := w.original(n.Get("text").Text())
	if !found {
		e.set("nullFlavor", w.nullFlavor(n, text != nil))
	}
	e.add(text)
	for q := range n.Get("extension").Items() {
		if q.Get("url").Text() == adapters.Canonical+"/StructureDefinition/qualifier" {
			e.add(w.qualifier(q))
		}
	}
	return e.add(translations...)
}

// optional is the CD of a CodeableConcept, nil when that is not there.
func (w *writer) optional(name, xsiType string, n node) *element {
	if !n.Exists() {
		return nil
	}
	return w.concept(name, xsiType, n)
}

func (w *writer) qualifier(n node) *element {
	e := el("qualifier")
	if name := extension(n, "name"); name.Exists() {
		e.add(w.concept("name", "", name))
	}
	if v := extension(n, "value"); v.Exists() {
		e.add(w.concept("value", "", v))
	}
	return e
}

// original is the original text: a reference to where the narrative of the
// section says the same, or else the words themselves.
func (w *writer) original(text string) *element { return w.said("originalText", text) }

func (w *writer) said(name, text string) *element {
	if text == "" {
		return nil
	}
	if anchor, ok := w.anchors[squeeze(text)]; ok {
		return el(name).add(el("reference", "value", "#"+anchor))
	}
	return leaf(name, text)
}

// flavor is the null flavor for a data-absent-reason.
func (w *writer) flavor(reason string) string {
	return w.fixedBy("NullFlavor", conceptmap.AbsentReason, reason)
}

const absentReason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

// nullFlavor says why a concept has no code: the reason that it gives; that its
// words are all there is; or that nothing is known.
func (w *writer) nullFlavor(n node, worded bool) string {
	if flavor := w.flavor(extension(n, absentReason).Text()); flavor != "" {
		return flavor
	}
	if worded {
		return "OTH"
	}
	return "UNK"
}

// fixed is a code that a template fixes.
func fixed(name, code, display, system string) *element {
	return el(name, "code", code, "displayName", display, "codeSystem", system, "codeSystemName", systemNames[system])
}

const (
	oidLOINC   = "2.16.840.1.113883.6.1"
	oidSNOMED  = "2.16.840.1.113883.6.96"
	oidActCode = "2.16.840.1.113883.5.4"
)

// completed is the state of having been written down.
func completed() *element { return el("statusCode", "code", "completed") }
