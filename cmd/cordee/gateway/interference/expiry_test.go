package interference

import (
	"net/http"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
)

// TestC10EmergencyEndsBetweenPages: a token for an emergency opens its one
// patient, and nothing of the next page once it has run out.
func TestC10EmergencyEndsBetweenPages(t *testing.T) {
	p := openPair(t, openRegistry(t))
	scopes, err := auth.ParseScopes("system/*.rs")
	if err != nil {
		t.Fatal(err)
	}
	*p.caller = auth.Principal{Client: "caller", Organization: "Organization/o3", Practitioner: "Practitioner/d1", Profession: "10", Patient: "p0",
		Purpose: auth.PurposeBreakTheGlass, Scopes: scopes, Roles: []string{auth.RolePractice}, Expires: time.Now().Add(time.Minute),
		Emergency: auth.Emergency{ID: "session", Start: time.Now().Add(time.Minute - auth.EmergencyLife)}}
	territory := []write{{by: "Organization/o1", key: "Patient/p0", body: `{"resourceType":"Patient","id":"p0"}`}}
	for _, id := range []string{"a", "b", "c"} {
		territory = append(territory, write{by: "Organization/o1", key: "Condition/" + id,
			body: `{"resourceType":"Condition","id":"` + id + `","subject":{"reference":"Patient/p0"}}`})
	}
	c := &playing{pair: p}
	if err := c.build(p.full, territory, nil); err != nil {
		t.Fatal(err)
	}
	first := p.full.send(request{method: "GET"}, base+"/Condition?patient=p0&_count=1")
	if first.Code != http.StatusOK || next(first) == "" {
		t.Fatalf("the first page: %d %s", first.Code, first.Body)
	}
	p.caller.Expires = time.Now().Add(-time.Second)
	if second := p.full.send(request{method: "GET"}, next(first)); second.Code != http.StatusUnauthorized {
		t.Errorf("the second page, after the end: %d %s", second.Code, second.Body)
	}
}
