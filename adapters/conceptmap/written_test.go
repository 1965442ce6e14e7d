package conceptmap

import (
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// TestWritten: a required code is written as the nearest that is read as it, an
// operator's before the shipped ones, and never as one that he reads as another.
func TestWritten(t *testing.T) {
	const status = "http://terminology.hl7.org/CodeSystem/v3-ActStatus"
	own, err := New(append(Shipped(),
		concepts("active", "urn:oid:1.2.3", ReactionSeverity, "equivalent L7>mild", "wider L8>mild", "unmatched L9>x"),
		concepts("active", "http://snomed.info/sct", ReactionSeverity, "equivalent 24484000>moderate"),
		concepts("active", ObservationStatus, status, "equivalent final>active", "unmatched preliminary>x"),
		concepts("draft", "urn:oid:1.2.4", ReactionSeverity, "equivalent D>mild"))...)
	if err != nil {
		t.Fatal(err)
	}
	var none *Maps
	for _, test := range []struct {
		maps         *Maps
		system, code string
		first        string
		never        string
	}{
		{none, ReactionSeverity, "mild", "255604002", "371923003"},
		{own, ReactionSeverity, "mild", "L7", "D"},
		{none, ReactionSeverity, "severe", "24484000", ""},
		{own, ReactionSeverity, "severe", "H", "24484000"}, // he reads it as moderate
		{own, ReactionSeverity, "moderate", "24484000", ""},
		{none, ObservationStatus, "amended", "completed", ""},
		{none, ObservationStatus, "final", "completed", ""},
		{own, ObservationStatus, "final", "active", ""},
		{own, ObservationStatus, "preliminary", "active", ""},
		{none, ObservationStatus, "nonsense", "", ""},
		{none, "http://nowhere", "mild", "", ""},
	} {
		list := test.maps.Written(test.system, test.code)
		got := ""
		if len(list) > 0 {
			got = list[0].Code
		}
		if got != test.first {
			t.Errorf("%s|%s: %v, want %s first", test.system, test.code, list, test.first)
		}
		for i, c := range list {
			if c.Code == test.never && i == 0 || c.Code == "D" {
				t.Errorf("%s|%s: %v", test.system, test.code, list)
			}
		}
	}
	if none.OID("http://loinc.org") != "" || own.OID("http://loinc.org") != "2.16.840.1.113883.6.1" {
		t.Error("OIDs of code systems")
	}
}

// TestShippedBothWays: for what the shipped maps read as a required code they have
// a code that is read as the same again.
func TestShippedBothWays(t *testing.T) {
	var none *Maps
	for _, body := range Shipped() {
		doc, err := fhirjson.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		for group := range doc.Root().Get("group").Items() {
			target := group.Get("target").Text()
			if shippedMaps().required[target] == nil || target == uris {
				continue
			}
			for element := range group.Get("element").Items() {
				code := element.Get("target").First().Get("code").Text()
				if code == "" {
					continue
				}
				list := none.Written(target, code)
				if !slices.ContainsFunc(list, func(c Code) bool { again, known := none.Exact(target, c.System, c.Code); return known && again == code }) {
					t.Errorf("%s|%s is written %v", target, code, list)
				}
			}
		}
	}
}
