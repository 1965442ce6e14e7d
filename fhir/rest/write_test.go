package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

const draft = `{"resourceType":"Patient","identifier":[{"value":"T1"}]}`

func TestCreate(t *testing.T) {
	two := `{"resourceType":"Patient","id":"p2","identifier":[{"value":"T2"}]}`
	also := `{"resourceType":"Patient","id":"p3","identifier":[{"value":"T2"}]}`
	h := func() http.Handler { return serve(t, newFake(patient, two, also)) }
	runAll(t, h, []call{
		{name: "no body", request: "POST /Patient", headers: "Content-Type: application/fhir+json", status: 400, id: "rest.body-missing"},
		{name: "not JSON", request: "POST /Patient", body: `{"resourceType":`, status: 400},
		{name: "P04 twice the same name", request: "POST /Patient", body: `{"resourceType":"Patient","active":true,"active":false}`, status: 400},
		{name: "other type", request: "POST /Patient", body: `{"resourceType":"Observation"}`, status: 400, id: "rest.type-mismatch", at: "resourceType"},
		{name: "no type", request: "POST /Patient", body: `{}`, status: 400, id: "rest.type-mismatch"},
		{name: "array", request: "POST /Patient", body: `[]`, status: 400, id: "rest.type-mismatch"},
		{name: "unknown type", request: "POST /Pateint", body: draft, status: 404, id: "rest.unknown-type"},
		{name: "subset", request: "POST /Patient", body: `{"resourceType":"Patient","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}}`, status: 422, id: "rest.subsetted", at: "Patient.meta.tag"},
		{name: "to an id", request: "POST /Patient/p1", body: draft, status: 405, id: "rest.method-not-allowed", wants: "Allow: GET, HEAD, PUT, DELETE"},
		{name: "A21 method override", request: "POST /Patient", headers: "X-HTTP-Method-Override: DELETE", body: draft, status: 400, id: "rest.method-override"},
		{name: "If-Match", request: "POST /Patient", headers: `If-Match: W/"1"`, body: draft, status: 400, id: "rest.condition-unsupported"},
		{name: "If-None-Exist of nothing", request: "POST /Patient", headers: "If-None-Exist: ", body: draft, status: 400, id: "rest.condition-empty", at: "http.If-None-Exist"},
		{name: "If-None-Exist of the unknown", request: "POST /Patient", headers: "If-None-Exist: idntifier=x\nPrefer: handling=lenient", body: draft, status: 400, id: "search.unknown-parameter"},
		{name: "If-None-Exist of what is contained", request: "POST /Patient", headers: "If-None-Exist: identifier=x&_contained=true", body: draft, status: 400, id: "rest.condition-result"},
		{name: "update of what contains", request: "PUT /Patient?identifier=x&_contained=true", body: draft, status: 400, id: "rest.condition-result"},
		{name: "delete of what contains", request: "DELETE /Patient?identifier=x&_contained=both&_containedType=contained", status: 400, id: "rest.condition-result"},
		{name: "If-None-Exist that shapes results", request: "POST /Patient", headers: "If-None-Exist: identifier=x&_sort=name", body: draft, status: 400, id: "rest.condition-result"},
		{name: "If-None-Exist, several", request: "POST /Patient", headers: "If-None-Exist: identifier=T2", body: draft, status: 412},

		{name: "new", request: "POST /Patient", body: draft, status: 201, wants: "Location: " + base + "/Patient/new-1/_history/1\nETag: W/\"1\"\nLast-Modified: *\n\"id\":\"new-1\""},
		{name: "an id in the body is ignored", request: "POST /Patient", body: patient, status: 201, wants: "Location: " + base + "/Patient/new-1/_history/1"},
		{name: "minimal", request: "POST /Patient", headers: "Prefer: return=minimal", body: draft, status: 201, wants: "Location: *\n!Patient"},
		{name: "outcome", request: "POST /Patient", headers: "Prefer: return=OperationOutcome", body: draft, status: 201, wants: "Location: *\nrest.created"},
		{name: "B13 a wish nobody knows", request: "POST /Patient", headers: "Prefer: return=presentation", body: draft, status: 201, wants: "\"id\":\"new-1\""},
		{name: "old name of JSON", request: "POST /Patient", headers: "Content-Type: application/json+fhir", body: draft, status: 201},
		{name: "charset", request: "POST /Patient", headers: "Content-Type: application/fhir+json; charset=UTF-8", body: draft, status: 201},
		{name: "If-None-Exist, none", request: "POST /Patient", headers: "If-None-Exist: identifier=T9", body: draft, status: 201},
		{name: "If-None-Exist, one", request: "POST /Patient", headers: "If-None-Exist: Patient?identifier=T1", body: draft, status: 200, wants: "Content-Location: " + base + "/Patient/p1/_history/1\n!Location: *\nZoé"},
	})
}

// A writer that may not read is given no body, whatever it prefers.
func TestA04CreateWithoutReading(t *testing.T) {
	f := newFake()
	f.blind = true
	call{request: "POST /Patient", headers: "Prefer: return=representation", body: draft, status: 201, wants: "Location: *\n!Patient"}.run(t, serve(t, f))
}

func TestUpdate(t *testing.T) {
	h := func() http.Handler { return serve(t, twoVersions()) }
	runAll(t, h, []call{
		{name: "other id", request: "PUT /Patient/p2", body: patient, status: 400, id: "rest.id-mismatch", at: "Patient.id"},
		{name: "no id", request: "PUT /Patient/p1", body: draft, status: 400, id: "rest.id-missing", at: "Patient.id"},
		{name: "id that is no string", request: "PUT /Patient/1", body: `{"resourceType":"Patient","id":1}`, status: 400, id: "rest.id-mismatch"},
		{name: "other type", request: "PUT /Observation/p1", body: patient, status: 400, id: "rest.type-mismatch"},
		{name: "stale", request: "PUT /Patient/p1", headers: `If-Match: W/"1"`, body: patient, status: 412, id: "fake.version", at: "http.If-Match"},
		{name: "If-Match of nonsense", request: "PUT /Patient/p1", headers: "If-Match: 2", body: patient, status: 400, id: "rest.if-match"},
		{name: "If-Match of anything", request: "PUT /Patient/p1", headers: "If-Match: *", body: patient, status: 400, id: "rest.if-match"},
		{name: "If-Match twice", request: "PUT /Patient/p1", headers: "If-Match: W/\"1\"\nIf-Match: W/\"2\"", body: patient, status: 400, id: "rest.if-match"},
		{name: "If-None-Match", request: "PUT /Patient/p1", headers: "If-None-Match: *", body: patient, status: 400, id: "rest.condition-unsupported"},
		{name: "to the base", request: "PUT /", body: patient, status: 405, wants: "Allow: GET, HEAD, POST"},

		{name: "next version", request: "PUT /Patient/p1", headers: `If-Match: W/"2"`, body: patient, status: 200, wants: "ETag: W/\"3\"\nZoé"},
		{name: "If-Match without W/", request: "PUT /Patient/p1", headers: `If-Match: "2"`, body: patient, status: 200},
		{name: "as create", request: "PUT /Patient/p7", body: `{"resourceType":"Patient","id":"p7"}`, status: 201, wants: "Location: " + base + "/Patient/p7/_history/1"},
		{name: "back from deletion", request: "PUT /Patient/gone", body: `{"resourceType":"Patient","id":"gone"}`, status: 201, wants: "ETag: W/\"3\""},
	})
}

func TestConditionalUpdate(t *testing.T) {
	h := func() http.Handler { return serve(t, newFake(patient)) }
	runAll(t, h, []call{
		{name: "no condition", request: "PUT /Patient", body: draft, status: 400, id: "rest.condition-empty"},
		{name: "unknown condition", request: "PUT /Patient?nonsense=1", headers: "Prefer: handling=lenient", body: draft, status: 400, id: "search.unknown-parameter"},
		{name: "bad id in the body", request: "PUT /Patient?identifier=T9", body: `{"resourceType":"Patient","id":"a b"}`, status: 400, id: "rest.invalid-id", at: "Patient.id"},
		{name: "one match", request: "PUT /Patient?identifier=T1&_pretty=true", body: draft, status: 200, wants: "ETag: W/\"2\"\n\"id\": \"p1\""},
		{name: "no match", request: "PUT /Patient?identifier=T9", body: draft, status: 201, wants: "Location: *"},
		{name: "no match, an id", request: "PUT /Patient?identifier=T9", body: `{"resourceType":"Patient","id":"p9"}`, status: 201, wants: "Location: " + base + "/Patient/p9/_history/1"},
	})
}

func TestDelete(t *testing.T) {
	h := func() http.Handler { return serve(t, twoVersions()) }
	runAll(t, h, []call{
		{name: "all of a type", request: "DELETE /Patient", status: 400, id: "rest.condition-empty"},
		{name: "unknown condition", request: "DELETE /Patient?nonsense=1", headers: "Prefer: handling=lenient", status: 400, id: "search.unknown-parameter"},
		{name: "everything", request: "DELETE /", status: 405, id: "rest.method-not-allowed"},
		{name: "stale", request: "DELETE /Patient/p1", headers: `If-Match: W/"1"`, status: 412},
		{name: "with a body", request: "DELETE /Patient/p1", body: "{}", status: 400, id: "rest.body-not-expected"},
		{name: "history", request: "DELETE /Patient/p1/_history", status: 405, wants: "Allow: GET, HEAD"},

		{name: "one", request: "DELETE /Patient/p1", headers: `If-Match: W/"2"`, status: 204, wants: "ETag: W/\"3\"\n!{"},
		{name: "again", request: "DELETE /Patient/gone", status: 204},
		{name: "nothing", request: "DELETE /Patient/nobody", status: 204, wants: "!ETag: *"},
		{name: "outcome", request: "DELETE /Patient/p1", headers: "Prefer: return=OperationOutcome", status: 200, wants: "rest.deleted"},
		{name: "by condition", request: "DELETE /Patient?identifier=T1", status: 204, wants: "ETag: W/\"3\""},
		{name: "by condition, nothing", request: "DELETE /Patient?identifier=T9", status: 204},
	})
}

func TestTypesKeptElsewhereAreNotWritten(t *testing.T) {
	trail := newFake(`{"resourceType":"AuditEvent","id":"a1"}`)
	h := func() http.Handler {
		return serve(t, newFake(), func(c *rest.Config) { c.Repos = map[string]fhir.Repository{"AuditEvent": trail} })
	}
	event := `{"resourceType":"AuditEvent","id":"a1"}`
	runAll(t, h, []call{
		{name: "create", request: "POST /AuditEvent", body: event, status: 405, wants: "Allow: GET, HEAD"},
		{name: "update", request: "PUT /AuditEvent/a1", body: event, status: 405, wants: "Allow: GET, HEAD"},
		{name: "patch", request: "PATCH /AuditEvent/a1", body: event, status: 405, wants: "Allow: GET, HEAD"},
		{name: "delete", request: "DELETE /AuditEvent/a1", status: 405},
		{name: "conditional delete", request: "DELETE /AuditEvent?_id=a1", status: 405},
		{name: "history", request: "GET /AuditEvent/a1/_history", status: 405},
		{name: "transaction", request: "POST /", body: `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"AuditEvent/a1"}}]}`, status: 400, id: "bundle.interaction", at: "Bundle.entry[0].request"},
		{name: "batch", request: "POST /", body: `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"AuditEvent/a1"}}]}`, status: 200, wants: "405 Method Not Allowed"},
		{name: "read", request: "GET /AuditEvent/a1", status: 200},
		{name: "search", request: "GET /AuditEvent?_id=a1", status: 200, wants: `"total":1`},
		{name: "searched with others", request: "GET /?_type=Patient,AuditEvent&_id=a1", status: 400, id: "rest.separate-type"},
		{name: "searched by type", request: "GET /?_type=AuditEvent&_id=a1", status: 200, wants: `"total":1`},
	})
	if len(trail.commits) != 0 {
		t.Errorf("the trail was asked to change: %v", trail.commits)
	}
}

func TestP01BodyTooLarge(t *testing.T) {
	small := func(c *rest.Config) { c.Limits = rest.Limits{Body: 1 << 20, Binary: 2 << 20} }
	h := serve(t, newFake(), small)
	big := func(typ string, size int) string {
		return `{"resourceType":"` + typ + `","x":"` + strings.Repeat("a", size) + `"}`
	}
	call{request: "POST /Patient", body: big("Patient", 1<<20), status: 413, id: "rest.body-too-large", wants: "Connection: close"}.run(t, h)
	call{request: "POST /Binary", body: big("Binary", 1<<20), status: 201}.run(t, h)
	call{request: "POST /Binary", body: big("Binary", 2<<20), status: 413}.run(t, h)

	// without Content-Length the limit holds all the same
	r, _ := http.NewRequest("POST", base+"/Patient", struct{ *strings.Reader }{strings.NewReader(big("Patient", 1<<20))})
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/fhir+json")
	w := newRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 413 {
		t.Errorf("status %d", w.Code)
	}
}
