package conceptmap

import (
	"testing"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

func TestShipped(t *testing.T) {
	for _, body := range Shipped() {
		doc, err := fhirjson.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		if issues := profile.Validate(doc); len(issues) > 0 {
			t.Errorf("%s: %+v", doc.Root().Get("id").Text(), issues)
		}
	}
	list := ShippedURIs()
	if list["2.16.840.1.113883.6.1"] != "http://loinc.org" || len(list) < 40 {
		t.Errorf("%d systems", len(list))
	}
	owner := map[string]string{}
	for oid, uri := range list {
		if owner[uri] != "" {
			t.Errorf("%s has the OIDs %s and %s", uri, oid, owner[uri])
		}
		owner[uri] = oid
	}
}

// TestRequired: shipped maps speak of the codes of CDA whatever name their system
// has, an operator's come first, and neither makes codings of the others.
func TestRequired(t *testing.T) {
	const severity, gender = "http://hl7.org/fhir/reaction-event-severity", "http://hl7.org/fhir/administrative-gender"
	var none *Maps
	own, err := New(append(Shipped(), concepts("active", "urn:oid:1.2.3", severity, "equivalent 24484000>moderate", "inexact L7>mild", "unmatched H>x"))...)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		maps                 *Maps
		target, system, code string
		want                 string
		known                bool
	}{
		{none, severity, "http://snomed.info/sct", "24484000", "severe", true},
		{none, severity, "urn:oid:2.999", "24484000", "severe", true}, // of whatever system
		{none, severity, "", "", "", false},
		{none, severity, "http://snomed.info/sct", "1", "", false},
		{none, gender, "", "M", "male", true},
		{none, "http://example.org", "", "M", "", false},
		{none, "http://hl7.org/fhir/allergy-intolerance-category", "http://snomed.info/sct", "420134006", "", true}, // known, and no code
		{own, severity, "urn:oid:1.2.3", "24484000", "moderate", true},
		{own, severity, "http://snomed.info/sct", "24484000", "severe", true},
		{own, severity, "", "24484000", "moderate", true},
		{own, severity, "urn:oid:1.2.3", "L7", "mild", true},
		{own, severity, "urn:oid:1.2.3", "H", "", true},
		{own, gender, "", "F", "female", true},
	} {
		if got, known := test.maps.Required(test.target, test.system, test.code); got != test.want || known != test.known {
			t.Errorf("%s of %s to %s: %q %t", test.code, test.system, test.target, got, known)
		}
	}
	if got := own.Translate(Code{System: "http://snomed.info/sct", Code: "24484000"}); len(got) > 0 {
		t.Errorf("a required code became a coding: %v", got)
	}
	if got := own.Translate(Code{System: "urn:oid:1.2.3", Code: "24484000"}); len(got) != 1 {
		t.Errorf("an operator's code: %v", got)
	}
}
