package gateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth/oauth"
)

// A03, A14: a conditional reference searches, and so it finds nothing of a type that
// the token may read and not search.
func TestA14ConditionalReferenceNeedsSearch(t *testing.T) {
	s := demonstration(t)
	transaction := func(reference string) string {
		return fmt.Sprintf(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Observation"},"resource":{"resourceType":"Observation","status":"final",`+
			`"code":{"text":"x"},"subject":{"reference":%q}}}]}`, reference)
	}
	searches := as(t, s, "practice", "system/Patient.rs system/Observation.cr", oauth.Declaration{})
	reads := as(t, s, "practice", "system/Patient.r system/Observation.cr", oauth.Declaration{})
	if status, body := searches.send("POST", "", transaction("Patient?_id=jeanne-durand")); status != 200 || !strings.Contains(body, "201") {
		t.Fatalf("%d %.400s", status, body)
	}
	status, found := reads.send("POST", "", transaction("Patient?_id=jeanne-durand"))
	_, absent := reads.send("POST", "", transaction("Patient?_id=nobody"))
	if status == 200 || found != absent {
		t.Errorf("%d %.400s\nand for nobody\n%.400s", status, found, absent)
	}
	if status, body := reads.send("POST", "", transaction("Patient/jeanne-durand")); status != 200 {
		t.Errorf("%d %.400s", status, body)
	}
}
