package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
)

// A caller sends requests with one token.
type caller struct {
	t     *testing.T
	base  string
	token string
	file  oauth.ClientFile // whose token it is
}

func (c caller) send(method, path, body string) (int, string) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.base+"/"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, strings.ReplaceAll(string(text), resp.Header.Get("X-Request-Id"), "")
}

// as gets a token for a client of the demonstration, or of the file.
func as(t *testing.T, s *Server, client, scope string, who oauth.Declaration) caller {
	t.Helper()
	if !strings.HasSuffix(client, ".json") {
		client = filepath.Join(s.Gateway().DemoClients(), client+".json")
	}
	file, err := oauth.ReadClientFile(client)
	if err != nil {
		t.Fatal(err)
	}
	token, err := oauth.ExchangeAs(t.Context(), file, scope, who)
	if err != nil {
		t.Fatal(err)
	}
	return caller{t, s.Base(), token.AccessToken, file}
}

func demonstration(t *testing.T) *Server {
	t.Helper()
	cfg := configuration(t, t.TempDir())
	cfg.Demo = true
	s, stop := started(t, cfg)
	t.Cleanup(stop)
	return s
}

// emergencies registers the software of a call centre that has nothing to do
// with any patient, and returns how it breaks the glass of one.
func emergencies(t *testing.T, s *Server) func(patient string) caller {
	t.Helper()
	scopes, err := auth.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "samu.json")
	client := oauth.Client{ID: "samu", Name: "Centre 15", Organization: "Organization/samu", Roles: []string{auth.RolePractice},
		Purposes: []string{auth.PurposeBreakTheGlass}, Subjects: []string{"*"}, Scopes: scopes}
	if err := Register(t.Context(), s.Gateway().Clients(), client, ClientFile{Path: file, Base: s.Base()}); err != nil {
		t.Fatal(err)
	}
	return func(patient string) caller {
		return as(t, s, file, "system/*.rs", oauth.Declaration{Organization: "Organization/samu", Purpose: "BTG", Subject: "89990000001", Profession: "10",
			Patient: "Patient/" + patient, Reason: "Patient inconscient, appel au centre 15"})
	}
}

// TestC09BreakGlass breaks the glass of a patient through the whole gateway.
func TestC09BreakGlass(t *testing.T) {
	s := demonstration(t)
	breaks := emergencies(t, s)
	jeanne := breaks("jeanne-durand")
	_, absent := jeanne.send("GET", "Patient/nobody", "")
	for _, tt := range []struct {
		path   string
		status int
	}{
		{"Patient/andre-le-bihan", 404}, {"Patient/andre-le-bihan/_history", 404}, {"Patient/andre-le-bihan/_history/1", 404}, {"Patient/nobody", 404},
		{"Patient/jeanne-durand", 200}, {"Patient/jeanne-durand/_history", 200}, {"Condition/jeanne-durand-diabete", 200}, {"Patient/jeanne-durand/$everything", 200},
	} {
		status, body := jeanne.send("GET", tt.path, "")
		if status != tt.status || status == 404 && strings.HasPrefix(tt.path, "Patient/andre") && body != absent {
			t.Errorf("%s: %d %.200s", tt.path, status, body)
		}
	}
	for _, path := range []string{"Patient?_count=100", "Condition?_count=100", "Observation?_count=100", "_history?_count=100"} {
		status, body := jeanne.send("GET", path, "")
		if status != 200 || strings.Contains(body, "Patient/andre-le-bihan") || strings.Contains(body, `"id":"andre-le-bihan"`) {
			t.Errorf("%s tells of other patients: %d %.300s", path, status, body)
		}
	}
	for method, path := range map[string]string{"PUT": "Patient/jeanne-durand", "POST": "Patient"} {
		if status, body := jeanne.send(method, path, `{"resourceType":"Patient","id":"jeanne-durand"}`); status != 403 {
			t.Errorf("%s: %d %.200s", method, status, body)
		}
	}
	if status, _ := jeanne.send("DELETE", "Condition/jeanne-durand-diabete", ""); status != 403 {
		t.Errorf("DELETE: %d", status)
	}
	practice := as(t, s, "practice", "system/*.rs", oauth.Declaration{})
	_, notices := practice.send("GET", "Communication?patient=jeanne-durand&category=break-glass", "")
	if n := entries(t, notices); n != 1 {
		t.Errorf("%d notices: %.400s", n, notices)
	}
	officer := as(t, s, "officer", "system/AuditEvent.rs", oauth.Declaration{})
	_, begun := officer.send("GET", "AuditEvent?date=ge2026-01-01&subtype=110127", "")
	if entries(t, begun) != 1 || !strings.Contains(begun, "centre 15") || !strings.Contains(begun, `"Patient/jeanne-durand"`) {
		t.Errorf("the trail of the beginning: %.600s", begun)
	}
	if _, all := officer.send("GET", "AuditEvent?date=ge2026-01-01&agent:identifier=89990000001&_count=500", ""); strings.Count(all, `"purposeOfEvent"`) != entries(t, all) {
		t.Errorf("an event is not flagged: %.600s", all)
	}
	nobody := breaks("nobody")
	if status, body := nobody.send("GET", "Patient/nobody", ""); status != 404 || body != absent {
		t.Errorf("a patient who does not exist: %d %.200s", status, body)
	}
}

// TestC09BreakGlassEndedEarly: who revokes the token is out with the next request, and
// the officer sees the end.
func TestC09BreakGlassEndedEarly(t *testing.T) {
	s := demonstration(t)
	breaks := emergencies(t, s)
	jeanne, again := breaks("jeanne-durand"), breaks("jeanne-durand")
	if status, _ := jeanne.send("GET", "Patient/jeanne-durand", ""); status != 200 {
		t.Fatal(status)
	}
	if err := oauth.Revoke(t.Context(), again.file, again.token); err != nil {
		t.Fatal(err)
	}
	for _, c := range []caller{jeanne, again} {
		if status, body := c.send("GET", "Patient/jeanne-durand", ""); status != 401 {
			t.Errorf("%d %.200s", status, body)
		}
	}
	officer := as(t, s, "officer", "system/AuditEvent.rs", oauth.Declaration{})
	for subtype, n := range map[string]int{"110127": 1, "110138": 1, "110123": 1} {
		if _, events := officer.send("GET", "AuditEvent?date=ge2026-01-01&subtype="+subtype, ""); entries(t, events) != n {
			t.Errorf("%s: %.600s", subtype, events)
		}
	}
	if _, statement := officer.send("GET", "metadata", ""); !strings.Contains(statement, oauth.RevokePath) {
		t.Error("the CapabilityStatement does not say where tokens are revoked")
	}
}

// TestC09Objection: a patient who objected before is as absent as one who does
// not exist.
func TestC09Objection(t *testing.T) {
	s := demonstration(t)
	practice := as(t, s, "practice", "system/*.cruds", oauth.Declaration{})
	objection := `{"resourceType":"Consent","id":"objection","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},` +
		`"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/jeanne-durand"},"dateTime":"2026-11-21",` +
		`"performer":[{"reference":"Patient/jeanne-durand"}],"organization":[{"reference":"Organization/msp-tilleuls"}],"policy":[{"uri":"https://profiles.ihe.net/ITI/PCF/Policy-deny"}],"provision":{"type":"deny"}}`
	if status, body := practice.send("PUT", "Consent/objection", objection); status != 201 {
		t.Fatalf("%d %.300s", status, body)
	}
	jeanne := emergencies(t, s)("jeanne-durand")
	_, absent := jeanne.send("GET", "Patient/nobody", "")
	if status, body := jeanne.send("GET", "Patient/jeanne-durand", ""); status != 404 || body != absent {
		t.Errorf("%d %.300s", status, body)
	}
	if _, body := jeanne.send("GET", "Condition?patient=jeanne-durand", ""); entries(t, body) != 0 {
		t.Errorf("%.300s", body)
	}
	if _, notices := practice.send("GET", "Communication?patient=jeanne-durand", ""); strings.Contains(notices, "break-glass") {
		t.Errorf("told of what was not given: %.300s", notices)
	}
}

func entries(t *testing.T, body string) int {
	t.Helper()
	var b struct{ Entry []json.RawMessage }
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		t.Fatal(err)
	}
	return len(b.Entry)
}
