package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

func echo() rest.Operation {
	return rest.Operation{Name: "echo", Definition: "urn:test:echo", Type: true, Types: []string{"Patient"},
		Handle: func(_ context.Context, c rest.Call) (rest.Answer, error) {
			return rest.Answer{Resource: c.Body}, nil
		}}
}

func panics() rest.Operation {
	return rest.Operation{Name: "panic", Definition: "urn:test:panic", System: true,
		Handle: func(context.Context, rest.Call) (rest.Answer, error) { panic("Zoé Fictive") }}
}

func everything() rest.Operation {
	return rest.Operation{Name: "everything", Definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything", Instance: true, Types: []string{"Patient"}, Safe: true,
		Handle: func(_ context.Context, c rest.Call) (rest.Answer, error) {
			if c.Key != (fhir.Key{Type: "Patient", ID: "p1"}) {
				return rest.Answer{}, notFound("fake.absent")
			}
			return rest.Answer{Page: &fhir.Page{Total: -1, Next: "c2", Count: 10, Matches: []fhir.Resource{{Key: fhir.Key{Type: "Patient", ID: "p1", Version: "1"}, Body: []byte(patient)}}}, Self: c.Params}, nil
		}}
}

func ingest() rest.Operation {
	return rest.Operation{Name: "ingest", Definition: "urn:test:ingest", System: true, Accepts: []string{"*/*"}, Limit: 32,
		Handle: func(_ context.Context, c rest.Call) (rest.Answer, error) {
			if string(c.Body) != "MSH|^~\\&" || c.ContentType != "x-application/hl7-v2+er7" || c.Language == "" || c.RequestID == "" {
				return rest.Answer{}, notFound("fake.absent")
			}
			return rest.Answer{Status: 202, Location: "Task/1"}, nil
		}}
}

func TestOperation(t *testing.T) {
	h := func() http.Handler {
		return serve(t, newFake(), func(c *rest.Config) { c.Operations = []rest.Operation{echo(), panics(), everything(), ingest()} })
	}
	runAll(t, h, []call{
		{name: "unknown", request: "POST /Patient/$ecko", headers: "Accept-Language: en", body: patient, status: 404, id: "rest.unknown-operation", wants: "Did you mean $echo?"},
		{name: "unknown, list", request: "POST /Patient/p1/$zzzzzzzzz", headers: "Accept-Language: en", body: patient, status: 404, wants: "$everything"},
		{name: "other type", request: "POST /Observation/$echo", body: patient, status: 404, id: "rest.unknown-operation"},
		{name: "other place", request: "POST /Patient/p1/$echo", body: patient, status: 404, id: "rest.unknown-operation"},
		{name: "GET of what changes", request: "GET /Patient/$echo", status: 405, id: "rest.operation-method", wants: "Allow: POST"},
		{name: "PUT", request: "PUT /Patient/$echo", body: patient, status: 400, id: "rest.invalid-id"},
		{name: "unknown type", request: "POST /Pat/$echo", body: patient, status: 404, id: "rest.unknown-type"},
		{name: "bad id", request: "POST /Patient/a_b/$everything", body: patient, status: 400, id: "rest.invalid-id"},
		{name: "wrong body", request: "POST /Patient/$echo", headers: "Content-Type: text/plain", body: patient, status: 415},
		{name: "failure", request: "GET /Patient/p2/$everything", status: 404, id: "fake.absent"},
		{name: "P17 panic", request: "POST /$panic", body: patient, status: 500, id: "rest.internal", wants: "!Zoé"},
		{name: "own limit", request: "POST /$ingest", body: strings.Repeat("x", 33), status: 413},

		{name: "POST", request: "POST /Patient/$echo", body: patient, status: 200, wants: "Zoé"},
		{name: "escaped dollar", request: "POST /Patient/%24echo", body: patient, status: 200, wants: "Zoé"},
		{name: "page", request: "GET /Patient/p1/$everything?start=2026-01-01", status: 200, wants: "\"type\":\"searchset\"\n" + base + "/Patient/p1/$everything?start=2026-01-01&_count=10&_cursor=c2"},
		{name: "any body", request: "POST /$ingest", headers: "Content-Type: x-application/hl7-v2+er7", body: "MSH|^~\\&", status: 202, wants: "Location: " + base + "/Task/1"},
	})
}

func TestOperationsThatMakeNoSense(t *testing.T) {
	good := echo()
	for name, change := range map[string]func(*rest.Operation){
		"no name": func(o *rest.Operation) { o.Name = "" }, "no place": func(o *rest.Operation) { o.Type = false },
		"no handler": func(o *rest.Operation) { o.Handle = nil }, "no definition": func(o *rest.Operation) { o.Definition = "" },
		"unknown type": func(o *rest.Operation) { o.Types = []string{"Pat"} },
	} {
		bad := good
		change(&bad)
		reg, _ := registry()
		if _, err := rest.New(rest.Config{Base: base, Repo: newFake(), Registry: reg, Operations: []rest.Operation{bad}}); err == nil {
			t.Error(name, "is accepted")
		}
	}
}
