package rest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

func many(n int) *fake {
	f := newFake()
	for i := range n {
		f.put(`{"resourceType":"Patient","id":"p` + strconv.Itoa(i) + `","active":true,"name":[{"family":"Fictive"}]}`)
	}
	return f
}

type bundle struct {
	ResourceType, Type string
	Total              *int
	Link               []struct{ Relation, URL string }
	Entry              []struct {
		FullURL  string
		Resource json.RawMessage
		Search   struct{ Mode string }
		Request  *struct{ Method, URL string }
		Response *struct {
			Status, Location, Etag, LastModified string
			Outcome                              json.RawMessage
		}
	}
}

func parseBundle(t *testing.T, w *httptest.ResponseRecorder) (b bundle) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil || b.ResourceType != "Bundle" {
		t.Fatalf("no Bundle: %v %s", err, w.Body)
	}
	return b
}

func (b bundle) link(relation string) string {
	for _, l := range b.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

func TestSearchType(t *testing.T) {
	h := func() http.Handler { return serve(t, many(3)) }
	runAll(t, h, []call{
		{name: "B14 unknown parameter", request: "GET /Patient?nmae=x", status: 400, id: "search.unknown-parameter"},
		{name: "B14 strict", request: "GET /Patient?nmae=x", headers: "Prefer: handling=strict", status: 400},
		{name: "unknown type", request: "GET /Patients?_id=1", status: 404, id: "rest.unknown-type"},
		{name: "A22 GET with a form", request: "GET /Patient", headers: "Content-Type: application/x-www-form-urlencoded", body: "_id=p1", status: 400, id: "rest.body-not-expected"},
		{name: "A22 _method", request: "GET /Patient?_method=DELETE", status: 400},
		{name: "POST of JSON", request: "POST /Patient/_search", body: "{}", status: 415, id: "rest.content-type", wants: "x-www-form-urlencoded"},
		{name: "broken escape", request: "GET /Patient?_id=%zz", status: 400},
		{name: "summary and elements", request: "GET /Patient?_summary=true&_elements=name", status: 400, id: "rest.parameter-value"},

		{name: "all", request: "GET /Patient", status: 200, wants: `"total":3`},
		{name: "HEAD", request: "HEAD /Patient", status: 200},
		{name: "one", request: "GET /Patient?_id=p1", status: 200, wants: "\"total\":1\n\"fullUrl\":\"" + base + "/Patient/p1\"\n\"mode\":\"match\""},
		{name: "none", request: "GET /Patient?_id=p9", status: 200, wants: "\"total\":0\n!entry"},
		{name: "B17 POST", request: "POST /Patient/_search", headers: "Content-Type: application/x-www-form-urlencoded", body: "_id=p1", status: 200, wants: `"total":1`},
		{name: "B17 POST without form", request: "POST /Patient/_search?_id=p1", status: 200, wants: `"total":1`},
		{name: "B17 POST with both", request: "POST /Patient/_search?_id=p1,p2", headers: "Content-Type: application/x-www-form-urlencoded; charset=utf-8", body: "_id=p1", status: 200, wants: `"total":1`},
		{name: "B14 lenient", request: "GET /Patient?nmae=x&_id=p1", headers: "Prefer: handling=lenient", status: 200,
			wants: "\"mode\":\"outcome\"\nsearch.unknown-parameter\n!nmae=x\nContent-Language: fr"},
		{name: "count", request: "GET /Patient?_summary=count", status: 200, wants: "\"total\":3\n!entry\n_summary=count\n!next"},
		{name: "count by size", request: "GET /Patient?_count=0", status: 200, wants: "\"total\":3\n!entry\n_count=0"},
		{name: "elements", request: "GET /Patient?_id=p1&_elements=active", status: 200, wants: "SUBSETTED\n!Fictive\n_elements=active"},
	})
}

// B15: the page size that was used is in the self link, next is opaque and
// complete, and following it shows everything once.
func TestSearchPages(t *testing.T) {
	h := serve(t, many(5))
	var ids []string
	path := "/Patient?name=Fictive&_count=2"
	for range 4 {
		b := parseBundle(t, call{request: "GET " + path, status: 200}.run(t, h))
		for _, e := range b.Entry {
			ids = append(ids, e.FullURL[strings.LastIndex(e.FullURL, "/")+1:])
		}
		if self := b.link("self"); !strings.HasPrefix(self, base+"/Patient?name=Fictive&_count=2") {
			t.Errorf("self %s", self)
		}
		if path = strings.TrimPrefix(b.link("next"), base); path == "" {
			break
		}
		if u, err := url.Parse(path); err != nil || u.Query().Get("_cursor") == "" || u.Query().Get("name") != "Fictive" {
			t.Errorf("next %s", path)
		}
	}
	if got := strings.Join(ids, " "); got != "p0 p1 p2 p3 p4" {
		t.Errorf("pages show %s", got)
	}
	b := parseBundle(t, call{request: "GET /Patient?_count=1000000000", status: 200}.run(t, h))
	if !strings.Contains(b.link("self"), "_count=100") || strings.Contains(b.link("self"), "1000000000") {
		t.Errorf("P11: the self link hides that _count was cut: %s", b.link("self"))
	}
}

func TestSearchSystemAndCompartment(t *testing.T) {
	f := newFake(patient, `{"resourceType":"Observation","id":"o1"}`)
	h := func() http.Handler { return serve(t, f) }
	runAll(t, h, []call{
		{name: "compartment of something else", request: "GET /Location/x/Observation", status: 404, id: "rest.compartment"},
		{name: "unknown member", request: "GET /Patient/p1/Observations", headers: "Accept-Language: en", status: 404, id: "rest.unknown-type", wants: "Did you mean Observation?"},
		{name: "bad id", request: "GET /Patient/a_b/Observation", status: 400, id: "rest.invalid-id"},
		{name: "system", request: "GET /?_type=Patient,Observation", status: 200, wants: `"total":2`},
		{name: "system without slash", request: "GET ?_type=Patient", status: 200, wants: `"total":1`},
		{name: "system by POST", request: "POST /_search", headers: "Content-Type: application/x-www-form-urlencoded", body: "_type=Observation", status: 200, wants: `"total":1`},
		{name: "compartment", request: "GET /Patient/p1/Observation?_id=o1", status: 200, wants: base + "/Patient/p1/Observation?_id=o1"},
		{name: "compartment by POST", request: "POST /Patient/p1/Observation/_search", status: 200},
		{name: "whole compartment", request: "GET /Patient/p1/*?_type=Observation", status: 200},
	})
	q := f.queries[len(f.queries)-2]
	if q.Compartment != (fhir.Key{Type: "Patient", ID: "p1"}) || q.Type != "Observation" {
		t.Errorf("asked %+v", q)
	}
}

// An error of the repository is the answer; warnings of a page are an entry.
func TestSearchRepositoryFailsAndWarns(t *testing.T) {
	f := many(1)
	f.fail = fhir.Errorf(fhir.Gone, "fake", "fake.cursor", fhir.CodeExpired, "http._cursor", fhir.T("old", "vieux"), fhir.T("again", "encore"))
	call{request: "GET /Patient?_cursor=x", status: 410, id: "fake.cursor", at: "http._cursor"}.run(t, serve(t, f))
	f.fail, f.issues = nil, []fhir.Issue{{ID: "fake.cut", Severity: fhir.SeverityWarning, Code: fhir.CodeTooCostly, Text: fhir.T("cut", "coupé"), Hint: fhir.T("ask less", "demandez moins")}}
	call{request: "GET /Patient", status: 200, wants: "fake.cut\n\"severity\":\"warning\"\n\"mode\":\"outcome\""}.run(t, serve(t, f))
	call{request: "GET /Patient?nmae=1", status: 200}.run(t, serve(t, many(1), func(c *rest.Config) { c.Lenient = true }))
}

func TestHistory(t *testing.T) {
	h := func() http.Handler { return serve(t, twoVersions()) }
	runAll(t, h, []call{
		{name: "absent", request: "GET /Patient/nobody/_history", status: 404},
		{name: "unknown type", request: "GET /Pat/_history", status: 404, id: "rest.unknown-type"},
		{name: "unknown parameter", request: "GET /Patient/_history?_snice=1", headers: "Accept-Language: en", status: 400, id: "rest.unknown-parameter", wants: "Did you mean _since?"},
		{name: "_since without zone", request: "GET /Patient/_history?_since=2026-11-21T08:00:00", status: 400, id: "rest.parameter-value", at: "http._since"},
		{name: "_since with a space for +", request: "GET /Patient/_history?_since=2026-11-21T08:00:00+01:00", status: 400, id: "rest.parameter-value"},
		{name: "_count 0", request: "GET /Patient/_history?_count=0", status: 400, id: "rest.parameter-value"},
		{name: "_count twice", request: "GET /Patient/_history?_count=1&_count=2", status: 400, id: "rest.parameter-value"},

		{name: "instance", request: "GET /Patient/p1/_history", status: 200, wants: "\"type\":\"history\"\n\"etag\":\"W/\\\"2\\\"\"\n\"lastModified\":\"2026-11-21T09:00:00.123Z\"\n\"status\":\"201 Created\""},
		{name: "deleted", request: "GET /Patient/gone/_history", status: 200, wants: "\"method\":\"DELETE\",\"url\":\"Patient/gone\"\n\"status\":\"204 No Content\""},
		{name: "type", request: "GET /Patient/_history?_since=2026-11-21T08:30:00Z", status: 200, wants: "_since=2026-11-21T08:30:00Z&_count=20"},
		{name: "system", request: "GET /_history?_count=1", status: 200, wants: "\"relation\":\"next\"\n_count=1&_cursor=1"},
		{name: "lenient", request: "GET /_history?x=1", headers: "Prefer: handling=lenient", status: 200, wants: "!x=1"},
	})
	b := parseBundle(t, send(serve(t, twoVersions()), "GET /Patient/gone/_history", "", ""))
	if len(b.Entry) != 2 || b.Entry[0].Resource != nil || b.Entry[1].Resource == nil {
		t.Errorf("a deletion has no resource, a creation has: %+v", b.Entry)
	}
}
