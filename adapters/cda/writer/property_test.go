package writer_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// TestAnyRecord: whatever codes, words, dates and quantities problems, results,
// treatments, allergies, vaccinations and acts have, they are the same after
// FHIR → CDA → FHIR.
func TestAnyRecord(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.StringMatching(`[A-Za-zéèàç<>&"' ]{0,20}[A-Za-zé]`)
		day := rapid.SampledFrom([]string{"2009", "2014-09", "2019-11-03", "2026-03-02T11:20:00+01:00", "2025-06-30T23:59:59.123+02:00"})
		code := func(label string) map[string]any {
			return map[string]any{"coding": []any{map[string]any{"system": rapid.SampledFrom([]string{"http://hl7.org/fhir/sid/icd-10", "http://loinc.org", "urn:oid:1.2.250.1.213.1.1.4.322"}).Draw(rt, label+" system"),
				"code": rapid.StringMatching(`[A-Z][0-9]{2}\.[0-9]`).Draw(rt, label)}}, "text": strings.Join(strings.Fields(word.Draw(rt, label+" text")), " ")}
		}
		reference := map[string]any{"reference": "Patient/p"}
		condition := map[string]any{"resourceType": "Condition", "id": "c", "subject": reference, "code": code("problem"), "onsetDateTime": day.Draw(rt, "onset"),
			"clinicalStatus": map[string]any{"coding": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
				"code": rapid.SampledFrom([]string{"active", "inactive", "recurrence", "relapse", "remission", "resolved"}).Draw(rt, "status")}}}}
		number := rapid.StringMatching(`(0|[1-9][0-9]{0,5})(\.[0-9]{1,4})?`).Draw(rt, "number")
		result := map[string]any{"resourceType": "Observation", "id": "o", "status": "final", "subject": reference, "code": code("result"), "effectiveDateTime": day.Draw(rt, "seen"),
			"valueQuantity": map[string]any{"value": json.Number(number), "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}}
		quantity := func(label, unit string) map[string]any {
			return map[string]any{"value": json.Number(rapid.StringMatching(`(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?`).Draw(rt, label)), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
		}
		treatment := map[string]any{"resourceType": "MedicationStatement", "id": "m", "status": "active", "subject": reference, "medicationCodeableConcept": code("medicine"),
			"effectivePeriod": map[string]any{"start": day.Draw(rt, "taken")},
			"dosage": []any{map[string]any{"timing": map[string]any{"repeat": map[string]any{"frequency": json.Number("1"), "period": json.Number(rapid.StringMatching(`[1-9]`).Draw(rt, "every")),
				"periodUnit": rapid.SampledFrom([]string{"h", "d", "wk"}).Draw(rt, "unit")}}, "route": code("route"), "doseAndRate": []any{map[string]any{"doseQuantity": quantity("dose", "mg")}}}}}
		allergy := map[string]any{"resourceType": "AllergyIntolerance", "id": "a", "patient": reference, "code": code("agent"), "onsetDateTime": day.Draw(rt, "allergic"),
			"clinicalStatus": map[string]any{"coding": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": rapid.SampledFrom([]string{"active", "inactive", "resolved"}).Draw(rt, "allergy")}}},
			"type":           rapid.SampledFrom([]string{"allergy", "intolerance"}).Draw(rt, "type"), "category": []any{rapid.SampledFrom([]string{"medication", "food"}).Draw(rt, "category")},
			"criticality": rapid.SampledFrom([]string{"low", "high", "unable-to-assess"}).Draw(rt, "criticality"),
			"reaction":    []any{map[string]any{"manifestation": []any{code("reaction")}, "severity": rapid.SampledFrom([]string{"mild", "moderate", "severe"}).Draw(rt, "severity")}}}
		vaccination := map[string]any{"resourceType": "Immunization", "id": "v", "status": rapid.SampledFrom([]string{"completed", "not-done"}).Draw(rt, "given"), "patient": reference, "vaccineCode": code("vaccine"),
			"occurrenceDateTime": day.Draw(rt, "on"), "lotNumber": rapid.StringMatching(`[A-Z0-9]{1,8}`).Draw(rt, "lot"), "doseQuantity": quantity("vaccine dose", "mL"),
			"protocolApplied": []any{map[string]any{"doseNumberPositiveInt": json.Number(rapid.StringMatching(`[1-9]`).Draw(rt, "rank"))}}}
		act := map[string]any{"resourceType": "Procedure", "id": "x", "status": rapid.SampledFrom([]string{"completed", "in-progress", "stopped", "on-hold"}).Draw(rt, "act"), "subject": reference, "code": code("procedure"),
			"performedDateTime": day.Draw(rt, "performed"), "bodySite": []any{code("site")}}
		composition := map[string]any{"resourceType": "Composition", "id": "d", "status": "final", "subject": reference, "date": "2026-03-02T11:20:00+01:00", "title": "Synthèse",
			"type": map[string]any{"coding": []any{map[string]any{"system": "http://loinc.org", "code": "60591-5"}}},
			"section": []any{map[string]any{"title": "Tout", "entry": []any{map[string]any{"reference": "Condition/c"}, map[string]any{"reference": "Observation/o"},
				map[string]any{"reference": "MedicationStatement/m"}, map[string]any{"reference": "AllergyIntolerance/a"}, map[string]any{"reference": "Immunization/v"}, map[string]any{"reference": "Procedure/x"}}}}}
		patient := map[string]any{"resourceType": "Patient", "id": "p", "identifier": []any{map[string]any{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "247050001203496"}}}
		b := &document.Bundle{Timestamp: adaptertest.Now}
		for _, r := range []map[string]any{composition, patient, condition, result, treatment, allergy, vaccination, act} {
			body, err := json.Marshal(r)
			if err != nil {
				rt.Fatal(err)
			}
			doc, err := fhirjson.Parse(body)
			if err != nil {
				rt.Fatal(err)
			}
			b.Entries = append(b.Entries, document.Entry{FullURL: fmt.Sprintf("%s/%s", r["resourceType"], r["id"]), Doc: doc})
		}
		wanted := map[string]map[string]any{"Condition": condition, "Observation": result, "MedicationStatement": treatment, "AllergyIntolerance": allergy, "Immunization": vaccination, "Procedure": act}
		for _, change := range read(t, write(t, b)).Changes {
			want, ok := wanted[change.Key.Type]
			if !ok {
				continue
			}
			var got map[string]any
			d := json.NewDecoder(strings.NewReader(string(change.Body)))
			d.UseNumber()
			if err := d.Decode(&got); err != nil {
				rt.Fatal(err)
			}
			for name := range want {
				switch name {
				case "resourceType", "id", "subject", "patient":
					continue
				}
				if name == "reaction" {
					delete(got[name].([]any)[0].(map[string]any), "_severity") // its code of SNOMED CT
				}
				if x, y := text(want[name]), text(got[name]); x != y {
					rt.Errorf("%s.%s: %s → %s", change.Key.Type, name, x, y)
				}
			}
			delete(wanted, change.Key.Type)
		}
		if len(wanted) > 0 {
			rt.Errorf("gone: %v", wanted)
		}
	})
}
