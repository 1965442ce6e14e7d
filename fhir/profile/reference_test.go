package profile

import "testing"

func TestReferences(t *testing.T) {
	subject := func(reference string) string { return observed(`"subject":{` + reference + `}`) }
	const at = " Observation.subject.reference"
	testRefusals(t, []refusal{
		{"relative", subject(`"reference":"Patient/1"`), nil},
		{"versioned", subject(`"reference":"Patient/1/_history/2"`), nil},
		{"another type", subject(`"reference":"Practitioner/1"`), []string{"reference-target" + at}},
		{"no type of R4", subject(`"reference":"Person1/1"`), []string{"reference" + at}},
		{"no type of R4, well formed", subject(`"reference":"Patients/1"`), []string{"unknown-type" + at}},
		{"no id", subject(`"reference":"Patient/"`), []string{"reference" + at}},
		{"no type", subject(`"reference":"1"`), []string{"reference" + at}},
		{"an id with characters it may not have", subject(`"reference":"Patient/a_b"`), []string{"reference" + at}},
		{"conditional", subject(`"reference":"Patient?identifier=a|b"`), nil},
		{"conditional, another type", subject(`"reference":"Practitioner?identifier=a|b"`), []string{"reference-target" + at}},
		{"absolute", subject(`"reference":"https://example.org/fhir/Patient/1"`), nil},
		{"absolute, another type", subject(`"reference":"https://example.org/fhir/Practitioner/1/_history/2"`), []string{"reference-target" + at}},
		{"absolute, not of a FHIR server", subject(`"reference":"https://example.org/who?id=1"`), nil},
		{"urn", subject(`"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"`), nil},
		{"any type", observed(`"focus":[{"reference":"Practitioner/1"}]`), nil},
		{"type agrees", subject(`"reference":"Patient/1","type":"Patient"`), nil},
		{"type differs", subject(`"reference":"Patient/1","type":"Group"`), []string{"reference-type Observation.subject.type"}},
		{"type of a logical reference", subject(`"identifier":{"value":"1"},"type":"Practitioner"`), []string{"reference-target Observation.subject.type"}},
		{"type unknown", subject(`"display":"x","type":"Person1"`), []string{"unknown-type Observation.subject.type"}},
		{"in an extension", patient(`"extension":[{"url":"http://x.y","valueReference":{"reference":"1"}}]`), []string{"reference Patient.extension[0].value.reference"}},
	})
}

func TestContained(t *testing.T) {
	with := func(contained, reference string) string {
		return observed(`"contained":[` + contained + `],"subject":{"reference":"` + reference + `"}`)
	}
	testRefusals(t, []refusal{
		{"found", with(`{"resourceType":"Patient","id":"p"}`, "#p"), nil},
		{"not found", with(`{"resourceType":"Patient","id":"p"}`, "#q"), []string{"reference-contained Observation.subject.reference"}},
		{"of another type", with(`{"resourceType":"Practitioner","id":"p"}`, "#p"), []string{"reference-target Observation.subject.reference"}},
		{"unknown element", with(`{"resourceType":"Patient","id":"p","x":1}`, "#p"), []string{"unknown-element Observation.contained[0].x"}},
		{"without id", with(`{"resourceType":"Patient","active":true}`, "Patient/1"), []string{"contained-id Observation.contained[0].id"}},
		{"the same id", with(`{"resourceType":"Patient","id":"p"},{"resourceType":"Group","id":"p","type":"person","actual":true}`, "#p"),
			[]string{"contained-twice Observation.contained[1].id"}},
		{"nested", with(`{"resourceType":"Patient","id":"p","contained":[{"resourceType":"Patient","id":"q"}]}`, "#p"),
			[]string{"contained-nested Observation.contained[0].contained"}},
		{"with a version", with(`{"resourceType":"Patient","id":"p","meta":{"versionId":"1"}}`, "#p"), []string{"contained-meta Observation.contained[0].meta.versionId"}},
		{"with a label", with(`{"resourceType":"Patient","id":"p","meta":{"security":[{"code":"R"}]}}`, "#p"), []string{"contained-meta Observation.contained[0].meta.security"}},
		{"one refers to another", with(`{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"#o"}},{"resourceType":"Organization","id":"o","name":"x"}`, "#p"), nil},
		{"one refers to what contains it", observed(`"contained":[{"resourceType":"Provenance","id":"p","target":[{"reference":"#"}],"recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"display":"x"}}]}]`), nil},
		{"of another entry", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + observed(`"contained":[{"resourceType":"Patient","id":"p"}]`) +
			`},{"resource":` + observed(`"subject":{"reference":"#p"}`) + `}]}`, []string{"reference-contained Bundle.entry[1].resource.subject.reference"}},
	})
}
