package cda_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// samples are what becomes of the documents that the ANS and HL7 publish. A
// change of these numbers is a change of docs/formats/cda.md.
var samples = map[string]adapters.Counts{
	"BIO-CR-BIO_2024.01_TSH_1.xml":     {Mapped: 220, Narrative: 11, NotUnderstood: 1},
	"CANCER-FRCP_2022.01_Appareil.xml": {Mapped: 807, Narrative: 231, NotUnderstood: 24},
	"CCD.ccda":                         {Mapped: 379, Narrative: 50, NotUnderstood: 17},
	"Care_Plan.ccda":                   {Mapped: 339, Narrative: 64, NotUnderstood: 52},
	"DOC_NON_STRUCTURE_CDA-R2-N1.xml":  {Mapped: 115, Narrative: 0, NotUnderstood: 0},
	"IPS-FR_2024.01.xml":               {Mapped: 1010, Narrative: 377, NotUnderstood: 45},
	"LDL-EES_2022.01.xml":              {Mapped: 220, Narrative: 47, NotUnderstood: 0},
	"OBP-SEM_2024.01.xml":              {Mapped: 367, Narrative: 45, NotUnderstood: 6},
	"PPS-PAERPA_2021.01.xml":           {Mapped: 319, Narrative: 46, NotUnderstood: 5},
	"TLM-DA_2022.01_TCG.xml":           {Mapped: 394, Narrative: 115, NotUnderstood: 11},
	"VAC_2023.01.xml":                  {Mapped: 307, Narrative: 68, NotUnderstood: 1},
	"VSM_1.4_2022.01.xml":              {Mapped: 332, Narrative: 60, NotUnderstood: 2},
	"eP-MED-DM_2024.01_PosoStruct.xml": {Mapped: 394, Narrative: 108, NotUnderstood: 8},
	"example-ips-martha-v2.xml":        {Mapped: 165, Narrative: 35, NotUnderstood: 16},
}

// TestSamples converts published documents: all come through, nothing is lost,
// and the counts are the known ones.
func TestSamples(t *testing.T) {
	for _, name := range adaptertest.Shared(t, "samples/cda/*/*") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := adaptertest.Check(t, cda.Adapter{}, adaptertest.Input(data)); err != nil {
				if filepath.Base(name) == "care-team-organizer.xml" { // a fragment, with a prefix that it does not declare
					return
				}
				t.Fatal(err)
			}
			c := nothingIsLost(t, name)
			if got := c.Report.Counts(); got != samples[filepath.Base(name)] {
				t.Errorf("counts changed:\n\t%q: {Mapped: %d, Narrative: %d, NotUnderstood: %d},", filepath.Base(name), got.Mapped, got.Narrative, got.NotUnderstood)
			}
		})
	}
}

// divs returns the narrative of every section.
func divs(t *testing.T, c adapters.Conversion) []string {
	t.Helper()
	var list []string
	for _, change := range c.Changes {
		if change.Key.Type != "Composition" {
			continue
		}
		doc := parse(t, change)
		var walk func(n fhirjson.Node)
		walk = func(n fhirjson.Node) {
			for s := range n.Get("section").Items() {
				if div := s.Get("text").Get("div"); div.Exists() {
					list = append(list, div.Text())
				}
				walk(s)
			}
		}
		walk(doc.Root())
	}
	return list
}

func parse(t *testing.T, change fhir.Change) *fhirjson.Doc {
	t.Helper()
	doc, err := fhirjson.Parse(change.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
