package rest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

type statement struct {
	ResourceType, Status, Kind, FhirVersion string
	Software                                struct{ Name, Version string }
	Implementation                          struct{ URL string }
	Rest                                    []struct {
		Documentation string
		Security      struct {
			Cors      bool
			Extension []struct {
				URL       string
				Extension []struct{ URL, ValueURI string }
			}
		}
		Interaction []struct{ Code string }
		SearchParam []struct{ Name string }
		Operation   []struct{ Name, Definition string }
		Compartment []string
		Resource    []struct {
			Type, Versioning, ConditionalRead, ConditionalDelete            string
			ReadHistory, UpdateCreate, ConditionalCreate, ConditionalUpdate bool
			Interaction                                                     []struct{ Code string }
			SearchParam                                                     []struct{ Name, Type string }
			SearchInclude, SearchRevInclude                                 []string
			Operation                                                       []struct{ Name, Definition string }
		}
	}
}

func statementOf(t *testing.T, h http.Handler) (s statement) {
	t.Helper()
	w := call{request: "GET /metadata", status: 200, wants: "Cache-Control: no-cache\nETag: *"}.run(t, h)
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || s.ResourceType != "CapabilityStatement" || len(s.Rest) != 1 {
		t.Fatalf("%v %+v", err, s)
	}
	return s
}

func withEverything(c *rest.Config) {
	c.Repos = map[string]fhir.Repository{"AuditEvent": newFake()}
	c.Operations = []rest.Operation{echo(), everything(), ingest()}
	c.Origins = []string{"https://app.example"}
	c.OAuth = rest.OAuth{Token: "https://gateway.example/oauth/token", Authorize: "https://gateway.example/oauth/authorize"}
}

func TestCapabilities(t *testing.T) {
	h := serve(t, newFake(), withEverything)
	runAll(t, func() http.Handler { return h }, []call{
		{name: "unknown mode", request: "GET /metadata?mode=terminology", status: 400, id: "rest.unknown-parameter"},
		{name: "turtle", request: "GET /metadata", headers: "Accept: text/turtle", status: 406},
		{name: "POST", request: "POST /metadata", body: "{}", status: 404}, // taken for a type
		{name: "HAPI", request: "GET /metadata", headers: "Accept: application/fhir+xml;q=1.0, application/fhir+json;q=1.0", status: 200},
		{name: "mode", request: "GET /metadata?mode=full&_format=json", status: 200},
		{name: "HEAD", request: "HEAD /metadata", status: 200},
		{name: "pretty", request: "GET /metadata?_pretty=true", status: 200, wants: "\"fhirVersion\": \"4.0.1\""},
	})
	tag := send(h, "GET /metadata", "", "").Header().Get("ETag")
	call{request: "GET /metadata", headers: "If-None-Match: " + tag, status: 304}.run(t, h)

	s := statementOf(t, h)
	sec := s.Rest[0].Security
	if s.FhirVersion != "4.0.1" || s.Kind != "instance" || s.Implementation.URL != base || s.Software.Version != "1.0.0" || !sec.Cors ||
		len(sec.Extension) != 1 || sec.Extension[0].URL != "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris" || len(sec.Extension[0].Extension) != 2 {
		t.Errorf("%+v", s)
	}
	if ops := s.Rest[0].Operation; len(ops) != 1 || ops[0].Name != "ingest" {
		t.Errorf("operations %+v", ops)
	}
	for _, r := range s.Rest[0].Resource {
		writes := r.Type != "AuditEvent"
		if r.UpdateCreate != writes || r.ConditionalCreate != writes || r.ReadHistory != writes || r.Versioning != "versioned" || r.ConditionalRead != "not-match" {
			t.Errorf("%+v", r)
		}
		if r.Type == "Patient" && (len(r.Operation) != 2 || len(r.SearchParam) == 0 && len(parameters(t, "Patient")) > 0) {
			t.Errorf("%+v", r)
		}
	}
}

// B3: for every type the statement lists exactly what is routed and offered. A
// route is offered when it answers anything but 404 and 405.
func TestB3StatementIsWhatIsRouted(t *testing.T) {
	s := serve(t, newFake(), withEverything)
	stated := map[string][]string{}
	for _, r := range statementOf(t, s).Rest[0].Resource {
		for _, i := range r.Interaction {
			stated[r.Type] = append(stated[r.Type], i.Code)
		}
		sort.Strings(stated[r.Type])
	}
	var types []string
	for typ := range stated {
		types = append(types, typ)
	}
	sort.Strings(types)
	if d := cmp.Diff(tables.Types(), types); d != "" {
		t.Errorf("types: %s", d)
	}
	probes := map[string]string{"read": "GET /T/absent", "vread": "GET /T/absent/_history/1", "create": "POST /T", "update": "PUT /T/absent", "delete": "DELETE /T/absent",
		"history-instance": "GET /T/absent/_history", "history-type": "GET /T/_history", "search-type": "GET /T?_id=x", "patch": "PATCH /T/absent"}
	for typ, codes := range stated {
		var offered []string
		for code, probe := range probes {
			w := send(s, strings.ReplaceAll(probe, "/T", "/"+typ), "", map[bool]string{true: "{}"}[probe[0] == 'P'])
			if w.Code != 405 {
				offered = append(offered, code)
			}
		}
		sort.Strings(offered)
		if d := cmp.Diff(codes, offered); d != "" {
			t.Errorf("%s (- stated, + offered): %s", typ, d)
		}
	}
}

// Every route of the router is one of the package comment, and the other way round.
func TestRoutesAreThoseOfThePackageComment(t *testing.T) {
	s := serve(t, newFake(), withEverything)
	documented := documentedRoutes(t)
	var routed []string
	walk := func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		pattern = strings.TrimPrefix(pattern, "/fhir")
		if pattern == "" {
			pattern = "/"
		}
		if method != "HEAD" {
			routed = append(routed, method+" "+pattern)
		}
		return nil
	}
	if err := chi.Walk(rest.Router(s), walk); err != nil {
		t.Fatal(err)
	}
	slices.Sort(routed)
	if d := cmp.Diff(documented, slices.Compact(routed)); d != "" {
		t.Errorf("(- documented, + routed): %s", d)
	}
}

// B1: a strict parser knows every element of the statement.
func TestB1StatementHasOnlyKnownElements(t *testing.T) {
	body := send(serve(t, newFake(), withEverything), "GET /metadata", "", "").Body.Bytes()
	doc, err := fhirjson.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	typ, _ := tables.Lookup("CapabilityStatement")
	checkElements(t, typ.Root(), doc.Root())
	t.Logf("%d bytes", len(body))
}

func checkElements(t *testing.T, e *tables.Element, n fhirjson.Node) {
	t.Helper()
	for m := n.First(); m.Exists(); m = m.Next() {
		if m.Name() == "resourceType" {
			continue
		}
		child, ok := e.Child(m.Name())
		if !ok {
			t.Errorf("%s has no %s", e.Path, m.Name())
			continue
		}
		if child.Repeats() != (m.Kind() == fhirjson.Array) {
			t.Errorf("%s: array %v", child.Path, m.Kind() == fhirjson.Array)
		}
		for item := range m.Items() {
			if item.Kind() == fhirjson.Object {
				checkElements(t, child.Structure(), item)
			}
		}
	}
	for c := range e.Children() {
		if c.Min > 0 && !c.Choice() && !n.Get(c.Name).Exists() {
			t.Errorf("%s is missing", c.Path)
		}
	}
}

func parameters(t *testing.T, typ string) []string {
	t.Helper()
	reg, err := registry()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range reg.Params(typ) {
		names = append(names, p.Code)
	}
	return names
}

// The search parameters of the statement are those of the registry.
func TestStatementHasTheParametersOfTheRegistry(t *testing.T) {
	rst := statementOf(t, serve(t, newFake())).Rest[0]
	for _, r := range rst.Resource {
		var names []string
		for _, p := range append(r.SearchParam[:len(r.SearchParam):len(r.SearchParam)], func() (common []struct{ Name, Type string }) {
			for _, p := range rst.SearchParam {
				if !slices.ContainsFunc(search.Controls(), func(c search.Control) bool { return c.Name == p.Name }) {
					common = append(common, struct{ Name, Type string }{Name: p.Name})
				}
			}
			return
		}()...) {
			names = append(names, p.Name)
		}
		sort.Strings(names)
		want := parameters(t, r.Type)
		sort.Strings(want)
		if d := cmp.Diff(want, names); d != "" {
			t.Errorf("%s (- registry, + statement): %s", r.Type, d)
		}
	}
}

// TestStatementOfSearches: what the statement says of searches over any type is
// understood, with every include and reverse include, and every modifier is told.
func TestStatementOfSearches(t *testing.T) {
	rst := statementOf(t, serve(t, newFake(), withEverything)).Rest[0]
	reg, err := registry()
	if err != nil {
		t.Fatal(err)
	}
	understood := func(typ, query string) {
		t.Helper()
		pairs, err := search.Pairs(query)
		if err == nil {
			_, _, _, err = search.Parse(reg, search.Request{Type: typ, Values: pairs, Strict: true})
		}
		if err != nil {
			t.Errorf("%s?%s: %v", typ, query, err)
		}
	}
	values := map[string]string{"_contained": "=both", "_containedType": "=contained", "_count": "=5", "_elements": "=id", "_filter": "=_id+eq+x", "_has": ":Provenance:target:recorded=ge2024",
		"_include": "=*", "_list": "=42", "_revinclude": "=*", "_sort": "=-_lastUpdated", "_summary": "=text", "_total": "=accurate", "_type": "=Basic", "_content": "=a", "_text": "=a",
		"_id": "=a", "_lastUpdated": "=gt2020", "_profile": "=http://x/y", "_security": "=R", "_source": "=urn:x", "_tag": "=a"}
	stated := map[string]bool{}
	for _, p := range rst.SearchParam {
		typ := "Basic"
		if p.Name == "_type" {
			typ = ""
		}
		stated[p.Name] = true
		understood(typ, p.Name+values[p.Name])
	}
	for name := range values {
		if !stated[name] {
			t.Errorf("%s is not stated", name)
		}
	}
	for _, r := range rst.Resource {
		for _, in := range r.SearchInclude {
			understood(r.Type, "_include="+in)
		}
		if apart := r.Type == "AuditEvent"; len(r.SearchRevInclude) < 2 != apart || len(r.SearchInclude) == 0 != apart {
			t.Errorf("%s: %v, %v", r.Type, r.SearchInclude, r.SearchRevInclude)
		}
		for _, in := range r.SearchRevInclude {
			if strings.HasPrefix(in, "AuditEvent") {
				t.Errorf("%s: %s is searched by itself", r.Type, in)
			}
			if in != "*" && !strings.HasSuffix(in, ":*") {
				in += ":" + r.Type
			}
			understood(r.Type, "_revinclude="+in)
		}
	}
	for _, modifier := range []string{":exact", ":contains", ":not", ":text", ":in", ":not-in", ":above", ":below", ":of-type", ":identifier", ":[type]", ":missing", ":iterate", "eb, ap"} {
		if !strings.Contains(rst.Documentation, modifier) {
			t.Errorf("%s is not told: %s", modifier, rst.Documentation)
		}
	}
}

// BenchmarkStatement is what the start and the first question cost.
func BenchmarkStatement(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		send(serve(b, newFake(), withEverything), "GET /metadata", "", "")
	}
}
