package rest_test

import (
	"net/http"
	"testing"
)

func TestAccept(t *testing.T) {
	h := func() http.Handler { return serve(t, newFake(patient)) }
	const fhirJSON, plain = "Content-Type: application/fhir+json; charset=utf-8", "Content-Type: application/json; charset=utf-8"
	runAll(t, h, []call{
		{name: "B5 turtle", request: "GET /Patient/p1", headers: "Accept: text/turtle", status: 406, id: "rest.not-acceptable", at: "http.Accept", wants: "application/fhir+json"},
		{name: "XML alone", request: "GET /Patient/p1", headers: "Accept: application/fhir+xml", status: 406},
		{name: "refused by weight", request: "GET /Patient/p1", headers: "Accept: application/fhir+json;q=0", status: 406},
		{name: "other version", request: "GET /Patient/p1", headers: "Accept: application/fhir+json; fhirVersion=5.0", status: 406},
		{name: "_format wins", request: "GET /Patient/p1?_format=xml", headers: "Accept: application/fhir+json", status: 406, at: "http._format"},
		{name: "404 is JSON all the same", request: "GET /Patient/nobody?_format=json", headers: "Accept: text/turtle", status: 404},

		{name: "none", request: "GET /Patient/p1", status: 200, wants: fhirJSON},
		{name: "empty", request: "GET /Patient/p1", headers: "Accept: ", status: 200, wants: fhirJSON},
		{name: "B4 HAPI", request: "GET /Patient/p1", headers: "Accept: application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, application/json+fhir;q=0.9", status: 200, wants: fhirJSON},
		{name: "fhirclient.js", request: "GET /Patient/p1", headers: "Accept: application/json", status: 200, wants: plain},
		{name: "old name", request: "GET /Patient/p1", headers: "Accept: application/json+fhir", status: 200, wants: fhirJSON},
		{name: "text/json", request: "GET /Patient/p1", headers: "Accept: text/json", status: 200, wants: "Content-Type: text/json; charset=utf-8"},
		{name: "browser", request: "GET /Patient/p1", headers: "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", status: 200, wants: fhirJSON},
		{name: "weights", request: "GET /Patient/p1", headers: "Accept: application/fhir+json;q=0.1, application/json", status: 200, wants: plain},
		{name: "two headers", request: "GET /Patient/p1", headers: "Accept: text/turtle\nAccept: application/fhir+json", status: 200, wants: fhirJSON},
		{name: "version", request: "GET /Patient/p1", headers: "Accept: application/fhir+json; fhirVersion=4.0", status: 200, wants: fhirJSON},
		{name: "B7 _format", request: "GET /Patient/p1?_format=json", headers: "Accept: text/turtle", status: 200, wants: fhirJSON},
		{name: "_format with a plus that is a space", request: "GET /Patient/p1?_format=application/fhir+json", status: 200, wants: fhirJSON},
		{name: "Accept-Charset", request: "GET /Patient/p1", headers: "Accept-Charset: iso-8859-1", status: 200, wants: fhirJSON},
	})
}

func TestContentType(t *testing.T) {
	h := func() http.Handler { return serve(t, newFake()) }
	runAll(t, h, []call{
		{name: "B6 XML", request: "POST /Patient", headers: "Content-Type: application/fhir+xml", body: "<Patient/>", status: 415, id: "rest.content-type", at: "http.Content-Type", wants: "application/fhir+json"},
		{name: "form", request: "POST /Patient", headers: "Content-Type: application/x-www-form-urlencoded", body: "a=b", status: 415},
		{name: "nonsense", request: "POST /Patient", headers: "Content-Type: ;;;", body: draft, status: 415},
		{name: "other charset", request: "POST /Patient", headers: "Content-Type: application/fhir+json; charset=iso-8859-1", body: draft, status: 415, id: "rest.charset"},
		{name: "P02 gzip", request: "POST /Patient", headers: "Content-Encoding: gzip", body: draft, status: 415, id: "rest.content-encoding"},
		{name: "P02 unknown coding", request: "POST /Patient", headers: "Content-Encoding: br, gzip", body: draft, status: 415, id: "rest.content-encoding"},
		{name: "identity", request: "POST /Patient", headers: "Content-Encoding: identity", body: draft, status: 201},
	})
}
