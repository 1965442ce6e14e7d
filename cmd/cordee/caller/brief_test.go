package caller

import (
	"strings"
	"testing"
	"time"
)

func TestBrief(t *testing.T) {
	defer func(local *time.Location) { time.Local = local }(time.Local)
	time.Local = time.FixedZone("", 3600)
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"refusal", 404, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","details":{"text":"There is no such Patient."},
			"diagnostics":"Check the id. [X-Request-Id ABC]"}]}`, "404 Not Found\n  error: There is no such Patient.\n    Check the id.\n"},
		{"no body", 204, ``, "204 No Content\n"},
		{"resource", 200, `{"resourceType":"CarePlan","id":"a","title":"Plan"}`, "200 OK, CarePlan/a \"Plan\"\n"},
		// The same names mean other things in other types.
		{"type is a concept", 200, `{"resourceType":"Organization","id":"a","type":[{"text":"MSP"}]}`, "200 OK, Organization/a\n"},
		{"outcome is a concept", 200, `{"resourceType":"AdverseEvent","id":"a","outcome":{"text":"x"}}`, "200 OK, AdverseEvent/a\n"},
		{"entity is another", 200, `{"resourceType":"Provenance","id":"a","entity":[{"role":"source"}]}`, "200 OK, Provenance/a\n"},
		{"searchset", 200, `{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":{"resourceType":"CarePlan","id":"a"},"search":{"mode":"match"}},
			{"resource":{"resourceType":"CareTeam","id":"b"},"search":{"mode":"include"}},
			{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","details":{"text":"left out"}}]},"search":{"mode":"outcome"}}]}`,
			"200 OK, searchset of 1\n  CarePlan/a\n  + CareTeam/b\n  warning: left out\n"},
		{"transaction", 200, `{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created","location":"http://gw/fhir/Task/1/_history/1"}},
			{"response":{"status":"404 Not Found","outcome":{"resourceType":"OperationOutcome","issue":[{"severity":"error","details":{"text":"absent"}}]}}}]}`,
			"200 OK, transaction-response\n  201 Created  Task/1/_history/1\n  404 Not Found  \n  error: absent\n"},
		{"events", 200, `{"resourceType":"Bundle","type":"searchset","entry":[
			{"resource":{"resourceType":"AuditEvent","id":"1","recorded":"2026-11-22T01:25:03.298Z","outcome":"4","outcomeDesc":"auth.withheld","subtype":[{"code":"read"}],
			 "agent":[{"requestor":false,"who":{"display":"gw"}},{"requestor":true,"who":{"identifier":{"value":"outsider"}}}],
			 "entity":[{"role":{"code":"1"},"what":{"reference":"Patient/p"}},{"role":{"code":"4"},"what":{"reference":"CarePlan/c"}}]}},
			{"resource":{"resourceType":"AuditEvent","id":"2","recorded":"2026-11-22T01:25:03Z","outcome":"0","subtype":[{"code":"search-type"}],
			 "entity":[{"role":{"code":"24"},"query":"VGFzaz9fY291bnQ9MQ=="}]}}]}`,
			"200 OK, searchset\n" +
				"  2026-11-22T02:25:03+01:00  refused  read         outsider  CarePlan/c (auth.withheld)\n" +
				"  2026-11-22T02:25:03+01:00  granted  search-type  -         Task?_count=1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			r := Response{Status: c.status, Body: []byte(c.body), base: "http://gw/fhir/"}
			if err := r.Brief(&b); err != nil || b.String() != c.want {
				t.Errorf("error %v\n got %q\nwant %q", err, b.String(), c.want)
			}
		})
	}
}

func TestBriefOfSomethingElse(t *testing.T) {
	var b strings.Builder
	r := Response{Status: 502, Body: []byte("<html>")}
	if err := r.Brief(&b); err == nil || !strings.HasPrefix(b.String(), "502 Bad Gateway") {
		t.Errorf("error %v, text %q", err, b.String())
	}
}
