package gateway

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
)

const explainedSearch = "Observation?patient=jeanne-durand&_sort=-date&_include=Observation:patient&_explain=true"

// A04: of a plan nobody learns but an officer or an operator, alone or in a
// batch, of whoever exists or not.
func TestA04SearchExplainIsNotForEverybody(t *testing.T) {
	s := demonstration(t)
	if resp, err := http.Get(s.Base() + "/" + explainedSearch); err != nil || resp.StatusCode != 401 {
		t.Errorf("without a token: %v %v", resp, err)
	}
	for name, c := range map[string]caller{
		"practice":     as(t, s, "practice", "system/Observation.rs", oauth.Declaration{}),
		"care team":    as(t, s, "physio", "system/Observation.rs", oauth.Declaration{}),
		"outside":      as(t, s, "outsider", "system/*.rs", oauth.Declaration{}),
		"patient":      patientsPortal(t, s, "jeanne-durand"),
		"in emergency": emergencies(t, s)("jeanne-durand"),
		"registrar":    asRole(t, s, auth.RoleRegistrar, "system/*.rs"),
		"contributor":  asRole(t, s, auth.RoleContributor, "system/*.rs"),
		"platform":     asRole(t, s, auth.RolePlatform, "system/*.rs"),
		"no scope":     asRole(t, s, auth.RoleOperator, "system/Patient.rs"),
	} {
		status, body := c.send("GET", explainedSearch, "")
		absentStatus, absent := c.send("GET", strings.Replace(explainedSearch, "jeanne-durand", "nobody", 1), "")
		if status != 403 || absentStatus != 403 || body != absent || !strings.Contains(body, `"search.explain"`) || strings.Contains(body, "search.explain-") {
			t.Errorf("%s: %d %.300s", name, status, body)
		}
		status, body = c.send("POST", "", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"`+strings.ReplaceAll(explainedSearch, "&", `\u0026`)+`"}}]}`)
		if status != 200 || !strings.Contains(body, "403 ") || !strings.Contains(body, `"search.explain"`) || strings.Contains(body, "search.explain-") {
			t.Errorf("%s, in a batch: %d %.300s", name, status, body)
		}
	}
}

// Who may gets a searchset of one outcome, by whichever way of searching. It
// holds no resource, no total and no value; the question is on record.
func TestSearchExplain(t *testing.T) {
	s := demonstration(t)
	operator := asRole(t, s, auth.RoleOperator, "system/*.rs")
	officer := as(t, s, "officer", "system/AuditEvent.rs", oauth.Declaration{})
	for _, c := range []caller{operator, officer} {
		for path, wants := range map[string][]string{
			explainedSearch: {"search.explain-source", "search.explain-consent", "search.explain-page", "search.explain-include", "search.explain-cost", "Observation:patient"},
			"Patient/jeanne-durand/Observation?_explain=true":           {"search.explain-test", "[Patient]"},
			"?_type=Patient,Condition&_explain=true":                    {"search.explain-source", "Condition"},
			"Patient/jeanne-durand/*?_explain=true":                     {"search.explain-source"},
			"Observation?_summary=count&_explain=true":                  {"search.explain-count"},
			"Observation?subject:Patient.name=d&_explain=true":          {"search.explain-link", "subject:Patient.name"},
			"Observation?code:not=1234-5&_total=accurate&_explain=true": {"search.explain-test", "code:not"},
		} {
			status, body := c.send("GET", path, "")
			if status != 200 || entries(t, body) != 1 || !strings.Contains(body, `"mode":"outcome"`) || !strings.Contains(body, "_explain=true") ||
				strings.Contains(body, `"total"`) || strings.Contains(body, `"next"`) || strings.Contains(body, "fullUrl") {
				t.Errorf("%s: %d %.500s", path, status, body)
			}
			for _, want := range wants {
				if !strings.Contains(body, want) {
					t.Errorf("%s lacks %s: %.2000s", path, want, body)
				}
			}
			_, outcome, _ := strings.Cut(body, `"OperationOutcome"`)
			if strings.Contains(outcome, "jeanne-durand") || strings.Contains(outcome, "1234-5") {
				t.Errorf("%s tells a value: %s", path, outcome)
			}
		}
		if status, body := c.send("GET", "Observation?_explain=perhaps", ""); status != 400 {
			t.Errorf("malformed: %d %.300s", status, body)
		}
		if status, body := c.send("GET", "Patient/jeanne-durand", ""); status != 403 {
			t.Errorf("a record: %d %.300s", status, body)
		}
		if status, body := c.send("GET", "Observation?patient=jeanne-durand", ""); status != 403 {
			t.Errorf("a search: %d %.300s", status, body)
		}
	}
	if status, body := officer.send("GET", "AuditEvent?date=ge2026-01-01&_explain=true", ""); status != 400 || !strings.Contains(body, "search.explain-elsewhere") {
		t.Errorf("the trail: %d %.300s", status, body)
	}
	if _, body := officer.send("GET", "AuditEvent?date=ge2026-01-01&patient=jeanne-durand&subtype=search-type", ""); entries(t, body) < 4 {
		t.Errorf("the questions are not on record: %.400s", body)
	}
}

// asRole registers software with the role, and gets it a token.
func asRole(t *testing.T, s *Server, role, scope string) caller {
	t.Helper()
	scopes, err := auth.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	id := role + strings.Trim(strings.NewReplacer("/", "-", "*", "all", ".", "-").Replace(scope), "-")
	file := filepath.Join(t.TempDir(), "client.json")
	client := oauth.Client{ID: id, Name: role, Organization: "Organization/cpts-deux-rives", Roles: []string{role}, Purposes: []string{auth.PurposeAdministration}, Scopes: scopes}
	if err := Register(t.Context(), s.Gateway().Clients(), client, ClientFile{Path: file, Base: s.Base()}); err != nil {
		t.Fatal(err)
	}
	return as(t, s, file, scope, oauth.Declaration{})
}
