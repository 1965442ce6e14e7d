package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/conformance/harness"
	"github.com/cordee-sante/cordee/conformance/script"
)

// A deed is a kind of request and what the trail must say of it: for each
// AuditEvent its subtype and outcome, in order of the letters. What is refused
// before anything is looked up is "other", a login that fails DCM 110122.
type deed struct {
	request script.Request
	status  int
	events  string
}

const noted = `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/jeanne-durand"}}`

// deeds are what the workload of TestR14Completeness draws from. ${n} is the
// number of the request.
func deeds() []deed {
	get := func(actor, path string, status int, events string) deed {
		return deed{script.Request{Actor: actor, Method: "GET", Path: path}, status, events}
	}
	with := func(method, path, body string, status int, events string, header ...[2]string) deed {
		return deed{script.Request{Actor: "practice", Method: method, Path: path, Body: []byte(body), Header: header}, status, events}
	}
	return []deed{
		get("practice", "Condition/jeanne-durand-diabete", 200, "read 0"),
		get("practice", "Condition/none-${n}", 404, "read 4"),
		get("outsider", "Condition/jeanne-durand-diabete", 404, "read 4"),
		get("officer", "Condition/jeanne-durand-diabete", 403, "read 4"),
		get("nobody", "Condition/jeanne-durand-diabete", 401, "110122 4"),
		get("practice", "Condition/jeanne-durand-diabete/_history/1", 200, "vread 0"),
		get("practice", "Condition/jeanne-durand-diabete/_history", 200, "history-instance 0"),
		get("practice", "Condition?patient=jeanne-durand&_count=1", 200, "search-type 0"),
		get("outsider", "Condition?patient=jeanne-durand", 200, "search-type 0"),
		get("practice", "Condition?nonsense=${n}", 400, "other 4"),
		get("practice", "Condition?_cursor=AAAA", 400, "search-type 4"),
		get("practice", "Patient/jeanne-durand/$everything", 200, "search-system 0,search-system 0"), // of the patient, and of the directory
		get("practice", "Conditoin/x", 404, "other 4"),
		with("POST", "Observation", noted, 201, "create 0"),
		with("POST", "Observation", `{"resourceType":"Observation"}`, 422, "create 4"),
		with("POST", "Observation", `{"resourceType":`, 400, "other 4"),
		with("PUT", "Observation/r14-${n}", strings.Replace(noted, `"status"`, `"id":"r14-${n}","status"`, 1), 201, "update 0"),
		with("PUT", "Condition/jeanne-durand-diabete", noted, 400, "other 4"),
		with("PUT", "Observation/r14-${n}", strings.Replace(noted, `"status"`, `"id":"r14-${n}","status"`, 1), 404, "update 4", [2]string{"If-Match", `W/"7"`}),
		with("PUT", "Condition/jeanne-durand-diabete", `{"resourceType":"Condition","id":"jeanne-durand-diabete","subject":{"reference":"Patient/jeanne-durand"}}`, 412, "update 4", [2]string{"If-Match", `W/"7"`}),
		with("PATCH", "Observation/r14-${n}", "[]", 405, "other 4"),
		with("DELETE", "Observation/none-${n}", "", 204, "delete 0"),
		with("POST", ".", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Condition/jeanne-durand-diabete"}},{"request":{"method":"GET","url":"Condition/none"}},{"request":{"method":"DELETE","url":"Observation/none-${n}"}}]}`, 200, "batch 0,delete 0,read 0,read 4"),
		with("POST", ".", `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":`+noted+`,"request":{"method":"POST","url":"Observation"}},{"resource":`+noted+`,"request":{"method":"POST","url":"Observation"}}]}`, 200, "create 0,create 0,transaction 0"),
	}
}

// TestR14Completeness: after a drawn workload the trail holds exactly the events
// that its requests imply, those that were refused included, and no other; and
// it verifies.
func TestR14Completeness(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a gateway of its own")
	}
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	g := running(t, data)
	actors := harness.NewActors(g)
	list, want, before := deeds(), map[string]string{}, trailOf(t, actors)
	for n := range 6 * len(list) {
		d := list[rand.IntN(len(list))]
		if n < len(list) {
			d = list[n]
		}
		fill := strings.NewReplacer("${n}", fmt.Sprint(n))
		id := fmt.Sprintf("r14-%d", n)
		q := d.request
		q.Path, q.Body = fill.Replace(q.Path), []byte(fill.Replace(string(q.Body)))
		q.Header = append(slices.Clip(q.Header), [2]string{"X-Request-Id", id})
		a, err := actors.Send(q)
		if err != nil || a.Status != d.status {
			t.Fatalf("%s %s: %d %.300s %v, want %d", q.Method, q.Path, a.Status, a.Body, err, d.status)
		}
		want[id] = d.events
	}
	got := trailOf(t, actors)
	for id, events := range want {
		if said := strings.Join(got[id], ","); said != events {
			t.Errorf("%s: the trail says %q, want %q", id, said, events)
		}
		delete(got, id)
	}
	if tokens := len(got[""]) - len(before[""]); tokens != 2 { // of the practice and the outsider
		t.Errorf("%d events of tokens, want 2", tokens)
	}
	if delete(got, ""); len(got) > 0 {
		t.Errorf("events of no request that was sent: %v", got)
	}
	if err := g.Stop(); err != nil {
		t.Error(err)
	}
	if code, said := harness.Verify(territory.binary, data); code != 0 {
		t.Errorf("audit verify: exit %d\n%s", code, said)
	}
}

// trailOf reads the whole trail as the officer and returns its events by the id
// of their request, in order, the reading itself apart. Those of the
// demonstration and of tokens have no such id.
func trailOf(t *testing.T, actors *harness.Actors) map[string][]string {
	t.Helper()
	const reading = "the-officer-reads"
	events := map[string][]string{}
	for path := "AuditEvent?date=ge2026-01-01&_count=100"; path != ""; {
		a, err := actors.Send(script.Request{Actor: "officer", Method: "GET", Path: path, Header: [][2]string{{"X-Request-Id", reading}}})
		if err != nil || a.Status != http.StatusOK {
			t.Fatal(err, a.Status, string(a.Body))
		}
		var page struct {
			Link  []struct{ Relation, URL string }
			Entry []struct {
				Resource json.RawMessage
			}
		}
		if err := json.Unmarshal(a.Body, &page); err != nil {
			t.Fatal(err)
		}
		path = ""
		for _, l := range page.Link {
			if l.Relation == "next" {
				path = strings.TrimPrefix(l.URL, actors.Gateway.FHIR+"/")
			}
		}
		for _, e := range page.Entry {
			id, what := eventOf(e.Resource)
			events[id] = append(events[id], what)
		}
	}
	delete(events, reading)
	for _, list := range events {
		slices.Sort(list)
	}
	return events
}

func eventOf(text []byte) (id, what string) {
	var e struct {
		Subtype []struct{ Code string }
		Outcome string
		Entity  []struct {
			What struct{ Identifier struct{ Value string } }
			Type struct{ Code string }
		}
	}
	json.Unmarshal(text, &e)
	for _, en := range e.Entity {
		if v := en.What.Identifier.Value; v != "" {
			id = v
		}
	}
	return id, e.Subtype[0].Code + " " + e.Outcome
}
