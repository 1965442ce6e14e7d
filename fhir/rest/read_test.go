package rest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
)

func twoVersions() *fake {
	f := newFake(patient, patient, `{"resourceType":"Patient","id":"gone"}`)
	f.Commit(context.Background(), []fhir.Change{{Method: fhir.Delete, Key: fhir.Key{Type: "Patient", ID: "gone"}}})
	return f
}

func TestRead(t *testing.T) {
	runAll(t, func() http.Handler { return serve(t, twoVersions()) }, []call{
		{name: "absent", request: "GET /Patient/nobody", status: 404, id: "fake.absent"},
		{name: "deleted", request: "GET /Patient/gone", status: 410, wants: "!ETag: *\n!Last-Modified: *"},
		{name: "unknown type", request: "GET /Patiant/p1", headers: "Accept-Language: en", status: 404, id: "rest.unknown-type", wants: "Did you mean Patient?"},
		{name: "lower case", request: "GET /patient/p1", headers: "Accept-Language: en", status: 404, id: "rest.unknown-type", wants: "Did you mean Patient?"},
		{name: "abstract type", request: "GET /DomainResource/p1", status: 404, id: "rest.unknown-type"},
		{name: "P13 id of strange characters", request: "GET /Patient/a;b", status: 400, id: "rest.invalid-id"},
		{name: "P13 long id", request: "GET /Patient/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg", status: 400, id: "rest.invalid-id"},
		{name: "P13 escaped slash", request: "GET /Patient/a%2Fb", status: 400, id: "rest.path"},
		{name: "P13 NUL", request: "GET /Patient/a%00", status: 400, id: "rest.invalid-id"},
		{name: "P13 double slash", request: "GET //Patient/p1", status: 404, id: "rest.unknown-type"},
		{name: "unknown path", request: "GET /Patient/p1/_history/1/x", status: 404, id: "rest.unknown-path"},
		{name: "unknown parameter", request: "GET /Patient/p1?_sumary=true", headers: "Accept-Language: en", status: 400, id: "rest.unknown-parameter", at: "http._sumary", wants: "Did you mean _summary?"},
		{name: "A22 _method", request: "GET /Patient/p1?_method=DELETE", status: 400, id: "rest.unknown-parameter"},
		{name: "_summary of nonsense", request: "GET /Patient/p1?_summary=maybe", status: 400, id: "rest.parameter-value"},
		{name: "_summary=count", request: "GET /Patient/p1?_summary=count", status: 400, id: "rest.parameter-value"},
		{name: "A22 body", request: "GET /Patient/p1", body: "{}", status: 400, id: "rest.body-not-expected"},
		{name: "A13 absent before If-None-Match", request: "GET /Patient/nobody", headers: `If-None-Match: W/"1"`, status: 404},
		{name: "A13 any tag", request: "GET /Patient/nobody", headers: "If-None-Match: *", status: 404},

		{name: "current", request: "GET /Patient/p1", status: 200, wants: "ETag: W/\"2\"\nLast-Modified: Sat, 21 Nov 2026 09:00:00 GMT\nContent-Type: application/fhir+json; charset=utf-8\nZoé"},
		{name: "HEAD", request: "HEAD /Patient/p1", status: 200, wants: "ETag: W/\"2\""},
		{name: "lenient", request: "GET /Patient/p1?x=1", headers: "Prefer: handling=lenient", status: 200},
		{name: "not modified", request: "GET /Patient/p1", headers: `If-None-Match: W/"2"`, status: 304, wants: "ETag: W/\"2\"\n!Zoé"},
		{name: "not modified, in a list", request: "GET /Patient/p1", headers: `If-None-Match: "7", "2"`, status: 304},
		{name: "modified", request: "GET /Patient/p1", headers: `If-None-Match: W/"1"`, status: 200},
		{name: "too coarse a condition", request: "GET /Patient/p1", headers: "If-Modified-Since: Sat, 21 Nov 2026 09:00:00 GMT", status: 200},
		{name: "pretty", request: "GET /Patient/p1?_pretty=true", status: 200, wants: "\"resourceType\": \"Patient\""},
		{name: "subset", request: "GET /Patient/p1?_elements=birthDate", status: 200, wants: "1951-02-03\nSUBSETTED\n!Zoé"},
	})
}

func TestVread(t *testing.T) {
	runAll(t, func() http.Handler { return serve(t, twoVersions()) }, []call{
		{name: "absent version", request: "GET /Patient/p1/_history/3", status: 404},
		{name: "deleted version", request: "GET /Patient/gone/_history/2", status: 410},
		{name: "nonsense", request: "GET /Patient/p1/_history/a_b", status: 400, id: "rest.invalid-version"},
		{name: "write to a version", request: "PUT /Patient/p1/_history/1", body: patient, status: 405, id: "rest.method-not-allowed", wants: "Allow: GET, HEAD"},
		{name: "first", request: "GET /Patient/p1/_history/1", status: 200, wants: "ETag: W/\"1\"\n\"versionId\":\"1\""},
	})
}

// The bytes of a resource go through untouched: what was received is what is sent.
func TestReadSendsTheStoredBytes(t *testing.T) {
	f := newFake(`{ "resourceType" : "Patient", "id":"p1" , "_birthDate":{"extension":[{"url":"u","valueDecimal":1.00}]}, "contained":[] }`)
	w := send(serve(t, f), "GET /Patient/p1", "", "")
	res, _ := f.current(fhir.Key{Type: "Patient", ID: "p1"})
	if w.Body.String() != string(res.Body) {
		t.Errorf("sent %s\nkept %s", w.Body, res.Body)
	}
}
