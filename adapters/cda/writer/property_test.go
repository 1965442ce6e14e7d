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

// TestAnyRecord: whatever codes, words, dates and quantities problems and results
// have, they are the same after FHIR → CDA → FHIR.
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
		composition := map[string]any{"resourceType": "Composition", "id": "d", "status": "final", "subject": reference, "date": "2026-03-02T11:20:00+01:00", "title": "Synthèse",
			"type":    map[string]any{"coding": []any{map[string]any{"system": "http://loinc.org", "code": "60591-5"}}},
			"section": []any{map[string]any{"title": "Tout", "entry": []any{map[string]any{"reference": "Condition/c"}, map[string]any{"reference": "Observation/o"}}}}}
		patient := map[string]any{"resourceType": "Patient", "id": "p", "identifier": []any{map[string]any{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "247050001203496"}}}
		b := &document.Bundle{Timestamp: adaptertest.Now}
		for _, r := range []map[string]any{composition, patient, condition, result} {
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
		wanted := map[string]map[string]any{"Condition": condition, "Observation": result}
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
			for _, name := range []string{"code", "onsetDateTime", "clinicalStatus", "effectiveDateTime", "valueQuantity"} {
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
