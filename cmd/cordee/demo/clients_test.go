package demo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

func TestClients(t *testing.T) {
	m := loaded(t)
	for _, c := range Clients() {
		p, err := c.Principal()
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		for _, role := range c.Roles {
			if !auth.ValidRole(role) {
				t.Errorf("%s: role %s", c.Name, role)
			}
		}
		if !auth.ValidPurpose(c.Purpose) || len(p.Scopes) == 0 || c.Title == "" {
			t.Errorf("%s is incomplete", c.Name)
		}
		key, ok := fhir.ParseReference(c.Organization)
		if !ok || m.find(key) == nil {
			t.Errorf("%s acts for %s, which is not in the directory", c.Name, c.Organization)
		}
	}
	officer, platform := client(t, "officer"), client(t, "platform")
	for _, typ := range []string{"Patient", "Observation", "AuditEvent"} {
		if got := officer.Reach(typ, 's') == auth.ReachAll; got != (typ == "AuditEvent") {
			t.Errorf("the officer reaches %s: %v", typ, got)
		}
		if platform.Reach(typ, 'c') != auth.ReachNone {
			t.Errorf("the platform writes %s", typ)
		}
	}
}

// The pharmacy sends its interview, and may send everything in it.
func TestInterview(t *testing.T) {
	m, pharmacy := loaded(t), client(t, "pharmacy")
	m.commit(t, pharmacy, Interview())
	for e := range parse(t, Interview()).Root().Get("entry").Items() {
		typ := e.At("resource", "resourceType").Text()
		if e.At("request", "method").Text() != "POST" || e.At("request", "url").Text() != typ || pharmacy.Reach(typ, 'c') != auth.ReachAll {
			t.Errorf("%s", typ)
		}
		if !strings.HasPrefix(e.Get("fullUrl").Text(), "urn:uuid:") {
			t.Errorf("%s: fullUrl", typ)
		}
	}
}

// loadedPatient is a transaction as a load generator sends it: a new patient
// with a CareTeam of persons and an opt-in that names nobody.
func loadedPatient(i int) []byte {
	const entry = `{"fullUrl":"http://127.0.0.1/fhir/%[1]s/%[2]s","resource":{"resourceType":"%[1]s","id":"%[2]s",%[3]s},"request":{"method":"PUT","url":"%[1]s/%[2]s"}}`
	id := fmt.Sprintf("load-p%06d", i)
	subject := fmt.Sprintf(`"subject":{"reference":"Patient/%s"}`, id)
	entries := []string{
		fmt.Sprintf(entry, "Organization", "load-organization", `"name":"Maison de santé fictive"`),
		fmt.Sprintf(entry, "Practitioner", "load-practitioner", `"active":true`),
		fmt.Sprintf(entry, "Patient", id, `"active":true`),
		fmt.Sprintf(entry, "CareTeam", id, `"status":"active",`+subject+`,"participant":[{"member":{"reference":"Practitioner/load-practitioner"}}]`),
		fmt.Sprintf(entry, "Consent", id, `"status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/`+id+
			`"},"policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},"provision":{"type":"permit","period":{"start":"2023-01-01"}},"organization":[{"reference":"Organization/load-organization"}]`),
	}
	for _, r := range [][2]string{
		{"Condition", subject},
		{"Goal", subject + `,"lifecycleStatus":"active","description":{"text":"x"}`},
		{"CarePlan", subject + `,"status":"active","intent":"plan"`},
		{"MedicationRequest", subject + `,"status":"active","intent":"order","medicationCodeableConcept":{"text":"x"}`},
		{"Encounter", subject + `,"status":"finished","class":{"code":"AMB"}`},
		{"Observation", subject + `,"status":"final","code":{"text":"x"}`},
		{"Communication", subject + `,"status":"completed"`},
		{"Immunization", `"patient":{"reference":"Patient/` + id + `"},"status":"completed","vaccineCode":{"text":"x"},"occurrenceDateTime":"2023-05-02"`},
	} {
		entries = append(entries, fmt.Sprintf(entry, r[0], id, r[1]))
	}
	return []byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`)
}

// The loader writes patients of its own, writes them again, reads all of them
// back, and nobody else sees them: an opt-in without actor opens nothing.
func TestLoader(t *testing.T) {
	m, loader := loaded(t), client(t, "loader")
	before := len(m.resources)
	for range 2 {
		for i := range 3 {
			m.commit(t, loader, loadedPatient(i))
		}
	}
	for _, c := range Clients() {
		v, err := m.point().View(t.Context(), client(t, c.Name), "Patient")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range m.resources[before:] {
			seen, err := v.Sees(t.Context(), m, []fhir.Facts{r.Facts})
			if err != nil {
				t.Fatal(err)
			}
			directory := len(r.Facts.Patients) == 0 && c.Name != "officer"
			if want := c.Name == "loader" || directory; seen[0] != want {
				t.Errorf("%s sees %s: %v", c.Name, r.Current(), seen[0])
			}
		}
	}
}
