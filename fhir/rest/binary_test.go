package rest_test

import (
	"encoding/base64"
	"net/http"
	"testing"
)

func TestBinary(t *testing.T) {
	bin := func(id, contentType, data string) string {
		return `{"resourceType":"Binary","id":"` + id + `","contentType":"` + contentType + `","data":"` + data + `"}`
	}
	page := base64.StdEncoding.EncodeToString([]byte("<script>alert(1)</script>"))
	h := func() http.Handler {
		return serve(t, newFake(bin("html", "text/html; charset=utf-8", page), bin("odd", "text/plain\\r\\nSet-Cookie: a=b", page), bin("broken", "text/plain", "%%%"),
			bin("folded", "text/plain", "YWJj\\r\\nZGVm"), bin("json", "application/json", "e30="), `{"resourceType":"Binary","id":"empty","contentType":"text/plain"}`))
	}
	safe := "X-Content-Type-Options: nosniff\nContent-Disposition: attachment\nContent-Security-Policy: sandbox; default-src 'none'\n"
	runAll(t, h, []call{
		{name: "absent", request: "GET /Binary/nobody", headers: "Accept: application/pdf", status: 404},
		{name: "not of that type", request: "GET /Binary/html", headers: "Accept: application/pdf", status: 406, id: "rest.not-acceptable"},
		{name: "_format of nonsense", request: "GET /Binary/html?_format=pdf", status: 406},
		{name: "unknown parameter", request: "GET /Binary/html?x=1", status: 400, id: "rest.unknown-parameter"},
		{name: "broken", request: "GET /Binary/broken", headers: "Accept: text/plain", status: 422, id: "rest.binary-data", wants: "!Content-Disposition: *"},
		{name: "N04 header injection", request: "GET /Binary/odd", status: 200, wants: safe + "Content-Type: application/octet-stream\n!Set-Cookie: *"},

		{name: "A19 raw", request: "GET /Binary/html", status: 200, wants: safe + "Content-Type: text/html; charset=utf-8\nETag: W/\"1\"\n<script>alert(1)</script>"},
		{name: "raw for a browser", request: "GET /Binary/html", headers: "Accept: text/html,*/*;q=0.8", status: 200, wants: safe},
		{name: "raw by group", request: "GET /Binary/html", headers: "Accept: text/*", status: 200, wants: safe},
		{name: "raw version", request: "GET /Binary/html/_history/1", headers: "Accept: text/html", status: 200, wants: safe},
		{name: "HEAD", request: "HEAD /Binary/html", status: 200, wants: safe},
		{name: "not modified", request: "GET /Binary/html", headers: `If-None-Match: W/"1"`, status: 304},
		{name: "folded", request: "GET /Binary/folded", status: 200, wants: "abcdef"},
		{name: "empty", request: "GET /Binary/empty", status: 200, wants: "Content-Length: 0"},
		{name: "JSON by content", request: "GET /Binary/json", headers: "Accept: application/json", status: 200, wants: safe + "Content-Type: application/json"},
		{name: "resource", request: "GET /Binary/html", headers: "Accept: application/fhir+json", status: 200, wants: "!Content-Disposition: *\n\"resourceType\":\"Binary\""},
		{name: "resource for HAPI", request: "GET /Binary/html", headers: "Accept: application/fhir+xml;q=1.0, application/fhir+json;q=1.0", status: 200, wants: "\"resourceType\":\"Binary\""},
		{name: "resource by _format", request: "GET /Binary/html?_format=json", headers: "Accept: */*", status: 200, wants: "\"resourceType\":\"Binary\""},
		{name: "resource for who takes only JSON", request: "GET /Binary/html", headers: "Accept: application/json", status: 200, wants: "\"resourceType\":\"Binary\""},
	})
}
