package oauth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
)

const (
	reasons     = "http://terminology.hl7.org/CodeSystem/v3-ActReason#"
	professions = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante#"
)

// extension is the hl7-b2b of a physician's software, changed.
func extension(change claims) claims {
	return claims{"extensions": claims{"hl7-b2b": with(claims{"version": "1", "organization_id": "Organization/msp",
		"purpose_of_use": []string{reasons + "TREAT"}}, change)}}
}

func TestB2BPrincipal(t *testing.T) {
	h := newHarness(t)
	h.add(oauth.Client{ID: "platform", Purposes: []string{"TREAT", "CAREMGT"}, Subjects: []string{"*"}, Scopes: scopes(t, "system/*.rs")})
	for _, tt := range []struct {
		name   string
		change claims
		want   auth.Principal
	}{
		{"by itself", nil, auth.Principal{Purpose: "TREAT"}},
		{"bare code", claims{"purpose_of_use": []string{"CAREMGT"}}, auth.Principal{Purpose: "CAREMGT"}},
		{"code by OID", claims{"purpose_of_use": []string{"urn:oid:2.16.840.1.113883.5.8#CAREMGT"}}, auth.Principal{Purpose: "CAREMGT"}},
		{"absolute organisation", claims{"organization_id": h.http.URL + "/fhir/Organization/msp"}, auth.Principal{Purpose: "TREAT"}},
		{"practitioner", claims{"subject_id": "Practitioner/p1", "subject_name": "Dr Léa Martin", "subject_role": professions + "10"},
			auth.Principal{Purpose: "TREAT", Practitioner: "Practitioner/p1", Name: "Dr Léa Martin", Profession: "10"}},
		{"function", claims{"subject_id": h.http.URL + "/fhir/PractitionerRole/r1", "subject_role": "urn:oid:1.2.250.1.71.1.2.7#60"},
			auth.Principal{Purpose: "TREAT", Role: "PractitionerRole/r1", Profession: "60"}},
		{"RPPS number", claims{"subject_id": "89990000001"}, auth.Principal{Purpose: "TREAT", Identifier: "https://rpps.esante.gouv.fr|89990000001"}},
		{"other identifier", claims{"subject_id": "urn:oid:1.2.3|x-1"}, auth.Principal{Purpose: "TREAT", Identifier: "urn:oid:1.2.3|x-1"}},
	} {
		body := extension(tt.change)
		body["iss"], body["sub"] = "platform", "platform"
		a := h.post(h.form(h.assertion(nil, body), ""))
		if a.Status != http.StatusOK {
			t.Errorf("%s: %s", tt.name, a.body)
			continue
		}
		p, err := h.Introspect(context.Background(), a.Token)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		got := auth.Principal{Purpose: p.Purpose, Practitioner: p.Practitioner, Role: p.Role, Identifier: p.Identifier, Profession: p.Profession, Name: p.Name}
		if got.Purpose != tt.want.Purpose || got.Practitioner != tt.want.Practitioner || got.Role != tt.want.Role ||
			got.Identifier != tt.want.Identifier || got.Profession != tt.want.Profession || got.Name != tt.want.Name {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// A client for patients speaks for a patient, one for representatives for a
// RelatedPerson, and neither for a professional.
func TestB2BPatients(t *testing.T) {
	h := newHarness(t)
	h.add(oauth.Client{ID: "portal", Roles: []string{auth.RolePatient}, Purposes: []string{"PATRQT"}, Subjects: []string{"*"}, Scopes: scopes(t, "system/*.rs")})
	h.add(oauth.Client{ID: "family", Roles: []string{auth.RoleRepresentative}, Purposes: []string{"PATRQT"}, Subjects: []string{"RelatedPerson/r1"}, Scopes: scopes(t, "system/*.rs")})
	ask := func(client string, change claims) answer {
		body := extension(with(claims{"purpose_of_use": []string{reasons + "PATRQT"}}, change))
		body["iss"], body["sub"] = client, client
		return h.post(h.form(h.assertion(nil, body), ""))
	}
	for client, subject := range map[string]string{"portal": "Patient/p1", "family": "RelatedPerson/r1"} {
		p, err := h.Introspect(context.Background(), ask(client, claims{"subject_id": subject}).Token)
		if want := map[string]auth.Kind{"portal": auth.KindPatient, "family": auth.KindRepresentative}[client]; err != nil || p.Kind() != want {
			t.Errorf("%s: %+v, %v", client, p, err)
		}
		if client == "portal" && p.Patient != "p1" || client == "family" && p.Related != subject {
			t.Errorf("%s speaks for %q and %q", client, p.Patient, p.Related)
		}
	}
	for _, subject := range []string{"Practitioner/p1", "RelatedPerson/r1", "Patient/p1/_history/1", "89990000001"} {
		ask("portal", claims{"subject_id": subject}).refused(t, "portal for "+subject, http.StatusBadRequest, "invalid_grant")
	}
	ask("portal", claims{"subject_id": "Patient/p1", "subject_role": "10"}).refused(t, "with a profession", http.StatusBadRequest, "invalid_grant")
	for _, subject := range []string{"Patient/p1", "RelatedPerson/r2", "Practitioner/p1"} {
		ask("family", claims{"subject_id": subject}).refused(t, "family for "+subject, http.StatusBadRequest, "invalid_grant")
	}
}

// C15: what the client declares is held against its registration.
func TestC15B2BRefused(t *testing.T) {
	h := newHarness(t)
	h.add(oauth.Client{ID: "one", Subjects: []string{"Practitioner/p1"}, Scopes: scopes(t, "system/*.rs")})
	for name, change := range map[string]claims{
		"no version":               {"version": nil},
		"version 2":                {"version": "2"},
		"no organisation":          {"organization_id": nil},
		"another organisation":     {"organization_id": "Organization/other"},
		"organisation elsewhere":   {"organization_id": "https://other.example/fhir/Organization/msp"},
		"no purpose":               {"purpose_of_use": nil},
		"two purposes":             {"purpose_of_use": []string{"TREAT", "TREAT"}},
		"unregistered purpose":     {"purpose_of_use": []string{reasons + "HOPERAT"}},
		"purpose of another kind":  {"purpose_of_use": []string{"urn:oid:1.2.3#TREAT"}},
		"break the glass":          {"purpose_of_use": []string{"BTG"}},
		"empty purpose":            {"purpose_of_use": []string{""}},
		"another person":           {"subject_id": "Practitioner/p2"},
		"name without person":      {"subject_name": "Dr Martin"},
		"role without person":      {"subject_role": "10"},
		"unknown profession":       {"subject_id": "Practitioner/p1", "subject_role": "urn:oid:1.2.3#10"},
		"name with bidi marks":     {"subject_id": "Practitioner/p1", "subject_name": "Dr \u202enitraM"},
		"name of many characters":  {"subject_id": "Practitioner/p1", "subject_name": strings.Repeat("x", 101)},
		"name with a line break":   {"subject_id": "Practitioner/p1", "subject_name": "a\nb"},
		"person of another server": {"subject_id": "https://other.example/fhir/Practitioner/p1"},
	} {
		body := extension(change)
		body["iss"], body["sub"] = "one", "one"
		h.post(h.form(h.assertion(nil, body), "")).refused(t, name, http.StatusBadRequest, "invalid_grant")
	}
	nobody := extension(claims{"subject_id": "Practitioner/p1"}) // app is registered for no person
	h.post(h.form(h.assertion(nil, nobody), "")).refused(t, "a person unasked for", http.StatusBadRequest, "invalid_grant")
	h.add(oauth.Client{ID: "any", Subjects: []string{"*"}, Scopes: scopes(t, "system/*.rs")})
	for _, subject := range []string{"Patient/p1", "Practitioner/p1/_history/1", "8999000000", "8999000000a", "|x", "x|", "x|\x00", "x|" + strings.Repeat("x", 300)} {
		body := extension(claims{"subject_id": subject})
		body["iss"], body["sub"] = "any", "any"
		h.post(h.form(h.assertion(nil, body), "")).refused(t, subject, http.StatusBadRequest, "invalid_grant")
	}
}

func TestPurposeByRegistration(t *testing.T) {
	h := newHarness(t)
	h.add(oauth.Client{ID: "officer", Roles: []string{auth.RoleOfficer}, Purposes: []string{"HSYSADMIN"}, Scopes: scopes(t, "system/AuditEvent.rs")})
	h.add(oauth.Client{ID: "two", Purposes: []string{"HSYSADMIN", "HOPERAT"}, Scopes: scopes(t, "system/*.rs")})
	a := h.post(h.form(h.assertion(nil, claims{"iss": "officer", "sub": "officer"}), ""))
	if p, err := h.Introspect(context.Background(), a.Token); err != nil || p.Purpose != "HSYSADMIN" || !p.Is(auth.RoleOfficer) {
		t.Errorf("%+v %v", p, err)
	}
	h.post(h.form(h.assertion(nil, claims{"iss": "two", "sub": "two"}), "")).refused(t, "no default purpose", http.StatusBadRequest, "invalid_grant")
}
