package writer

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

const vocabulary = "http://terminology.hl7.org/CodeSystem/v3-"

// required is the element for a code that FHIR requires, as the ConceptMaps by
// which package cda reads it have it: the nearest code of a system that CDA has a
// name for. It is nil for one that no map knows.
func (w *writer) required(name, xsiType, target, code string) *element {
	if code == "" {
		return nil
	}
	for _, c := range w.maps.Written(target, code) {
		if oid := w.oid(c.System); oid != "" {
			return el(name, "xsi:type", xsiType, "code", c.Code, "displayName", c.Display, "codeSystem", oid, "codeSystemName", systemNames[oid])
		}
	}
	return nil
}

// fixedBy is the code of a vocabulary of HL7 V3 that CDA fixes, so that it is
// not named: a state, a mood, a use. It is empty for what no map knows.
func (w *writer) fixedBy(system, target, code string) string {
	if code == "" {
		return ""
	}
	for _, c := range w.maps.Written(target, code) {
		if c.System == vocabulary+system {
			return c.Code
		}
	}
	return ""
}

// state is the statusCode for a status of FHIR.
func (w *writer) state(target, status string) *element {
	if code := w.fixedBy("ActStatus", target, status); code != "" {
		return el("statusCode", "code", code)
	}
	return null("statusCode", "UNK")
}

// sex is the administrativeGenderCode, nil when it is not known.
func (w *writer) sex(code string) *element {
	if code == "unknown" { // no code of AdministrativeGender
		return nil
	}
	return w.required("administrativeGenderCode", "", conceptmap.Gender, code)
}

// oid is the OID of a code system: the one that maps have for its URI.
func (w *writer) oid(system string) string {
	if oid := w.maps.OID(system); oid != "" {
		return oid
	}
	return adapters.OID(system)
}
