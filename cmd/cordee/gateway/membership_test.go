package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth/oauth"
)

// Who is added to a care team over the API sees the patient with the next
// search, and who is taken from it no longer does: in a search of everybody,
// where the patient is found by the care team, as in one that names the patient.
func TestMembershipHoldsOnTheNextSearch(t *testing.T) {
	s := demonstration(t)
	practice := as(t, s, "practice", "system/CareTeam.rus", oauth.Declaration{})
	outsider := as(t, s, "outsider", "system/Patient.rs", oauth.Declaration{})
	sees := func(want bool) {
		t.Helper()
		for _, search := range []string{"Patient?_count=100", "Patient?_id=jeanne-durand", "Patient?_lastUpdated=gt2020-01-01&_count=100"} {
			status, body := outsider.send("GET", search, "")
			if status != 200 || strings.Contains(body, `"jeanne-durand"`) != want {
				t.Errorf("%s: %d, want the patient there: %v\n%.300s", search, status, want, body)
			}
		}
	}
	status, body := practice.send("GET", "CareTeam?patient=jeanne-durand", "")
	var page struct {
		Entry []struct{ Resource map[string]any }
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 || len(page.Entry) != 1 {
		t.Fatalf("%d %v %.300s", status, err, body)
	}
	team := page.Entry[0].Resource
	put := func(participants []any) {
		t.Helper()
		team["participant"] = participants
		text, err := json.Marshal(team)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := practice.send("PUT", "CareTeam/"+team["id"].(string), string(text)); status != 200 {
			t.Fatalf("%d %.300s", status, body)
		}
	}
	members := team["participant"].([]any)
	sees(false)
	put(append(members[:len(members):len(members)], map[string]any{"member": map[string]any{"reference": "Organization/cabinet-gare"}}))
	sees(true)
	put(members)
	sees(false)
}
