package cda_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/adapters/cda/writer"
	"github.com/cordee-sante/cordee/adapters/document"
	"pgregory.net/rapid"
)

// TestFormsOut: what is made of a document in any form can be written as CDA, and
// that is read again without a rule broken; its problems, allergies, treatments and
// the like are as many.
func TestFormsOut(t *testing.T) {
	documents := family(t)
	names := slices.Sorted(maps.Keys(documents))
	every := slices.Concat(forms, headerForms, lookalikes, shapes)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "document")
		f := rapid.SampledFrom(every).Filter(func(f form) bool { return f.name != "subject*" && f.name != "sections with participants*" }).Draw(rt, "form") // nothing about relatives is an entry
		doc := elementOf(t, documents[name])
		f.change(t, doc)
		first, err := cda.Adapter{}.Convert(t.Context(), adaptertest.Input([]byte(doc.String())))
		if err != nil {
			rt.Fatal(err)
		}
		b := &document.Bundle{Timestamp: adaptertest.Now}
		for _, change := range first.Changes {
			entry := document.Entry{FullURL: change.FullURL, Doc: parse(t, change)}
			switch change.Key.Type {
			case "Binary", "Provenance":
			case "Composition":
				b.Entries = append([]document.Entry{entry}, b.Entries...)
			default:
				b.Entries = append(b.Entries, entry)
			}
		}
		out, err := writer.Write(b, writer.Sources{File: func(url string) ([]byte, bool) {
			for _, change := range first.Changes {
				if change.Key.Type == "Binary" && url == change.FullURL {
					return change.Content, true
				}
			}
			return nil, false
		}})
		if err != nil {
			rt.Fatalf("%s, %s: %v", name, f.name, err)
		}
		again, err := adaptertest.Check(t, cda.Adapter{}, adaptertest.Input(out))
		if err != nil || t.Failed() {
			rt.Fatalf("%s, %s: %v\n%s", name, f.name, err, out)
		}
		before, after := byType(first), byType(again)
		for _, typ := range []string{"Condition", "AllergyIntolerance", "MedicationStatement", "Immunization", "Procedure", "Encounter", "Goal", "FamilyMemberHistory", "ImagingStudy", "Specimen"} {
			if after[typ] < before[typ] {
				rt.Errorf("%s, %s: %d %s instead of %d", name, f.name, after[typ], typ, before[typ])
			}
		}
	})
}

func byType(c adapters.Conversion) map[string]int {
	n := map[string]int{}
	for _, change := range c.Changes {
		n[change.Key.Type]++
	}
	return n
}
