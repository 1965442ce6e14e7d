package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

func bundleOf(kind string, entries ...string) string {
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
}

func request(method, url string, more ...string) string {
	return fmt.Sprintf(`{%s"request":{"method":%q,"url":%q}}`, strings.Join(more, ""), method, url)
}

func with(resource string) string { return `"resource":` + resource + `,` }

func TestBundleRefused(t *testing.T) {
	h := func() http.Handler {
		return serve(t, newFake(patient), func(c *rest.Config) { c.Limits.Entries = 3 })
	}
	get := request("GET", "Patient/p1")
	runAll(t, h, []call{
		{name: "no Bundle", request: "POST /", body: patient, status: 400, id: "bundle.expected"},
		{name: "no type", request: "POST /", body: `{"resourceType":"Bundle"}`, status: 400, id: "bundle.type", at: "Bundle.type"},
		{name: "a collection", request: "POST /", body: bundleOf("collection", get), status: 400, id: "bundle.type"},
		{name: "a message", request: "POST /", body: bundleOf("message"), status: 400, id: "bundle.type"},
		{name: "XML", request: "POST /", headers: "Content-Type: application/fhir+xml", body: "<Bundle/>", status: 415, id: "rest.content-type"},
		{name: "P09 too many entries", request: "POST /", body: bundleOf("transaction", get, get, get, get), status: 413, id: "bundle.entries"},
		{name: "no request", request: "POST /", body: bundleOf("transaction", `{}`), status: 400, id: "bundle.request", at: "Bundle.entry[0].request"},
		{name: "patch", request: "POST /", body: bundleOf("transaction", request("PATCH", "Patient/p1")), status: 400, id: "bundle.method"},
		{name: "A21 absolute URL", request: "POST /", body: bundleOf("transaction", request("DELETE", "https://elsewhere.example/fhir/Patient/p1")), status: 400, id: "bundle.url"},
		{name: "A21 own absolute URL", request: "POST /", body: bundleOf("transaction", request("DELETE", base+"/Patient/p1")), status: 400, id: "bundle.url"},
		{name: "A21 leading slash", request: "POST /", body: bundleOf("transaction", request("DELETE", "/Patient/p1")), status: 400, id: "bundle.url"},
		{name: "A21 urn", request: "POST /", body: bundleOf("transaction", request("DELETE", "urn:uuid:1")), status: 400, id: "bundle.url"},
		{name: "A21 dots", request: "POST /", body: bundleOf("transaction", request("DELETE", "../admin/Patient/p1")), status: 400, id: "rest.unknown-type"},
		{name: "A21 PUT to another id", request: "POST /", body: bundleOf("transaction", request("PUT", "Patient/p2", with(patient))), status: 400, id: "rest.id-mismatch", at: "Bundle.entry[0].resource.id"},
		{name: "other type", request: "POST /", body: bundleOf("transaction", get, request("POST", "Observation", with(patient))), status: 400, id: "rest.type-mismatch", at: "Bundle.entry[1].resource"},
		{name: "unknown type", request: "POST /", body: bundleOf("transaction", request("POST", "Pateint", with(patient))), status: 400, id: "rest.unknown-type", at: "Bundle.entry[0].request.url"},
		{name: "no resource", request: "POST /", body: bundleOf("transaction", request("POST", "Patient")), status: 400, id: "bundle.resource"},
		{name: "delete all", request: "POST /", body: bundleOf("transaction", request("DELETE", "Patient")), status: 400, id: "bundle.interaction"},
		{name: "delete by nothing", request: "POST /", body: bundleOf("transaction", request("DELETE", "Patient?")), status: 400, id: "rest.condition-empty"},
		{name: "operation", request: "POST /", body: bundleOf("transaction", request("POST", "Patient/$validate", with(patient))), status: 400, id: "bundle.interaction"},
		{name: "empty condition", request: "POST /", body: bundleOf("transaction", `{"resource":`+draft+`,"request":{"method":"POST","url":"Patient","ifNoneExist":"?"}}`), status: 400, id: "rest.condition-empty", at: "Bundle.entry[0].request.ifNoneExist"},
		{name: "ifMatch of a create", request: "POST /", body: bundleOf("transaction", `{"resource":`+draft+`,"request":{"method":"POST","url":"Patient","ifMatch":"W/\"1\""}}`), status: 400, id: "rest.condition-unsupported", at: "Bundle.entry[0].request.ifMatch"},
		{name: "ifMatch of nonsense", request: "POST /", body: bundleOf("transaction", `{"request":{"method":"DELETE","url":"Patient/p1","ifMatch":"1"}}`), status: 400, id: "rest.if-match", at: "Bundle.entry[0].request.ifMatch"},
		{name: "ifNoneMatch of a write", request: "POST /", body: bundleOf("transaction", `{"request":{"method":"DELETE","url":"Patient/p1","ifNoneMatch":"*"}}`), status: 400, id: "bundle.interaction"},
		{name: "entry that is no array", request: "POST /", body: `{"resourceType":"Bundle","type":"batch","entry":{}}`, status: 200},
	})
}

// Every faulty entry is named at once, and nothing is committed.
func TestTransactionNamesAllFaults(t *testing.T) {
	f := newFake()
	w := call{request: "POST /", body: bundleOf("transaction", request("POST", "Patient", with(draft)), request("PUT", "Patient/x", with(draft)), request("DELETE", "Nobody/1")), status: 400}.run(t, serve(t, f))
	issues := checkOutcome(t, w)
	if len(issues) != 2 || issues[0].Expression[0] != "Bundle.entry[1].resource.id" || issues[1].Expression[0] != "Bundle.entry[2].request.url" {
		t.Errorf("issues %+v", issues)
	}
	if len(f.commits) != 0 {
		t.Error("something was committed")
	}
}

// R4 http.html#trules: DELETE, POST, PUT, then GET; answers in the order of the
// entries; one commit.
func TestTransactionOrder(t *testing.T) {
	f := newFake(patient, `{"resourceType":"Patient","id":"p2"}`)
	w := call{request: "POST /", headers: "Prefer: return=minimal", status: 200, body: bundleOf("transaction",
		request("GET", "Patient?_id=p3"),
		request("PUT", "Patient/p3", with(`{"resourceType":"Patient","id":"p3"}`)),
		request("POST", "Patient", `"fullUrl":"urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",`, with(draft)),
		request("DELETE", "Patient/p2"),
		request("GET", "Patient/p2"),
	)}.run(t, serve(t, f))
	if len(f.commits) != 1 || len(f.commits[0]) != 3 {
		t.Fatalf("commits %+v", f.commits)
	}
	var methods []string
	for _, c := range f.commits[0] {
		methods = append(methods, c.Method.String())
	}
	if got := strings.Join(methods, " "); got != "DELETE POST PUT" || f.commits[0][1].FullURL != "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a" {
		t.Errorf("order %s", got)
	}
	b := parseBundle(t, w)
	var got []string
	for _, e := range b.Entry {
		got = append(got, e.Response.Status)
	}
	if s := strings.Join(got, ", "); s != "200 OK, 201 Created, 201 Created, 204 No Content, 410 Gone" {
		t.Errorf("statuses %s", s)
	}
	if !strings.Contains(string(b.Entry[0].Resource), `"total":1`) {
		t.Errorf("a GET sees what the transaction wrote: %s", b.Entry[0].Resource)
	}
	created := b.Entry[2]
	if created.Resource != nil || created.Response.Location != base+"/Patient/new-1/_history/1" || created.Response.Etag != `W/"1"` || created.Response.LastModified != "2026-11-21T08:00:00.123Z" {
		t.Errorf("created %+v", created)
	}
	if !strings.Contains(string(b.Entry[4].Response.Outcome), "fake.gone") {
		t.Errorf("outcome %s", b.Entry[4].Response.Outcome)
	}
}

func TestTransactionPrefer(t *testing.T) {
	body := bundleOf("transaction", request("POST", "Patient", with(draft)))
	h := func() http.Handler { return serve(t, newFake()) }
	runAll(t, h, []call{
		{name: "nothing", request: "POST /", body: body, status: 200, wants: "!\"resource\":"},
		{name: "minimal", request: "POST /", headers: "Prefer: return=minimal", body: body, status: 200, wants: "!\"resource\":"},
		{name: "representation", request: "POST /", headers: "Prefer: return=representation", body: body, status: 200, wants: "\"resource\":{\"resourceType\":\"Patient\"\n\"fullUrl\":\"" + base + "/Patient/new-1\""},
		{name: "outcome", request: "POST /", headers: "Prefer: return=OperationOutcome", body: body, status: 200, wants: "rest.created\n\"outcome\":{\"resourceType\":\"OperationOutcome\""},
		{name: "empty", request: "POST /", body: bundleOf("transaction"), status: 200, wants: "transaction-response"},
		{name: "without slash", request: "POST " + base, body: body, status: 200},
	})
}

// The repository counts changes in the order of their making; the client counts
// entries.
func TestB21CommitFailureNamesTheEntry(t *testing.T) {
	f := newFake()
	f.fail = &fhir.Error{Kind: fhir.Unprocessable, Op: "fake", Issues: []fhir.Issue{
		{ID: "fake.name", Code: fhir.CodeStructure, At: "Bundle.entry[1].resource.name[0]"}, {ID: "fake.all", Code: fhir.CodeTooCostly}}}
	two := bundleOf("transaction", request("PUT", "Patient/p1", with(patient)), request("GET", "Patient/p1"), request("POST", "Patient", with(draft)))
	w := call{request: "POST /", body: two, status: 422, id: "fake.name", at: "Bundle.entry[0].resource.name[0]"}.run(t, serve(t, f))
	if issues := checkOutcome(t, w); len(issues) != 2 || len(issues[1].Expression) != 0 {
		t.Errorf("issues %+v", issues)
	}
	f.fail = fhir.Errorf(fhir.Unprocessable, "fake", "fake.name", fhir.CodeStructure, "Patient.name[0]", fhir.Text{}, fhir.Text{})
	one := bundleOf("transaction", request("GET", "Patient/p1"), request("POST", "Patient", with(draft)))
	call{request: "POST /", body: one, status: 422, at: "Bundle.entry[1].resource.name[0]"}.run(t, serve(t, f))
	f.fail = fmt.Errorf("canary")
	call{request: "POST /", body: one, status: 500, id: "rest.internal", wants: "!canary"}.run(t, serve(t, f))
}

// A20: every entry of a batch has its own status, and none disturbs another.
func TestBatch(t *testing.T) {
	f := newFake(patient)
	h := serve(t, f, func(c *rest.Config) { c.Operations = []rest.Operation{echo()} })
	w := call{request: "POST /", headers: "Accept-Language: en\nAccept: application/json", status: 200, body: bundleOf("batch",
		request("GET", "Patient/p1"),
		request("GET", "Patient/nobody"),
		request("PUT", "Patient/p1", with(draft)),
		request("POST", "Patient", with(draft)),
		request("DELETE", "https://elsewhere.example/Patient/p1"),
		request("GET", "Patient?nmae=x"),
		`{"resource":`+patient+`,"request":{"method":"PUT","url":"Patient/p1","ifMatch":"W/\"7\""}}`,
		`{"request":{"method":"GET","url":"Patient/p1","ifNoneMatch":"W/\"1\""}}`,
		request("POST", "", with(bundleOf("batch", request("GET", "Patient/p1")))),
		request("POST", "Patient/$echo", with(patient)),
		request("GET", "Nobody/1"),
		request("HEAD", "Patient/p1"),
		request("GET", "metadata?_elements=status"),
	)}.run(t, h)
	b := parseBundle(t, w)
	var got []string
	for _, e := range b.Entry {
		got = append(got, e.Response.Status[:3])
		if e.Response.Status >= "4" && (!strings.Contains(string(e.Response.Outcome), "OperationOutcome") || e.Resource != nil) {
			t.Errorf("entry without outcome: %+v", e)
		}
	}
	if s := strings.Join(got, " "); s != "200 404 400 201 400 400 412 304 400 200 404 200 200" {
		t.Errorf("statuses %s", s)
	}
	if e := b.Entry[0]; !strings.Contains(string(e.Resource), "Zoé") || e.Response.LastModified != "2026-11-21T08:00:00.123Z" || e.Response.Etag != `W/"1"` {
		t.Errorf("read %+v", e)
	}
	if e := b.Entry[3]; e.Resource != nil || e.Response.Location != base+"/Patient/new-1/_history/1" {
		t.Errorf("created %+v", e)
	}
	if got := b.Entry[2].Response.Outcome; !strings.Contains(string(got), "The body has no id.") {
		t.Errorf("entries speak the language of the request: %s", got)
	}
}

// P09: what a small request can make the gateway answer is bounded.
func TestP09BatchAnswerIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("answers 64 MiB")
	}
	f := newFake(`{"resourceType":"Patient","id":"p1","name":[{"family":"` + strings.Repeat("x", 9<<20) + `"}]}`)
	var entries []string
	for range 9 {
		entries = append(entries, request("GET", "Patient/p1"))
	}
	b := parseBundle(t, call{request: "POST /", status: 200, body: bundleOf("batch", entries...)}.run(t, serve(t, f)))
	if first, last := b.Entry[0].Response.Status, b.Entry[8].Response.Status; first != "200 OK" || last != "413 Request Entity Too Large" {
		t.Errorf("%s … %s", first, last)
	}
}

// A panic in one entry is that entry's 500 (P17).
func TestP17BatchEntryPanics(t *testing.T) {
	h := serve(t, newFake(patient), func(c *rest.Config) { c.Operations = []rest.Operation{panics()} })
	b := parseBundle(t, call{request: "POST /", status: 200, body: bundleOf("batch", request("POST", "$panic", with(patient)), request("GET", "Patient/p1"))}.run(t, h))
	if b.Entry[0].Response.Status != "500 Internal Server Error" || b.Entry[1].Response.Status != "200 OK" {
		t.Errorf("%+v", b.Entry)
	}
}
