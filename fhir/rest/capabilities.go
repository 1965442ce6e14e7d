package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/search"
)

// OAuth names the endpoints of the authorization server. The same are in its
// .well-known documents; some clients look for them only here.
type OAuth struct {
	Authorize, Token, Register, Manage, Introspect, Revoke string // URLs; empty when there is none
}

// statement is the CapabilityStatement, encoded.
type statement struct {
	body []byte
	tag  string
}

// statements keeps the statement while the search parameters stay the same: a
// custom one is listed when it is ready.
type statements struct {
	mu         sync.Mutex
	generation uint64
	last       statement
}

func (s *Server) statement() (statement, error) {
	s.statements.mu.Lock()
	defer s.statements.mu.Unlock()
	generation := s.cfg.Registry.Generation()
	if s.statements.last.body != nil && s.statements.generation == generation {
		return s.statements.last, nil
	}
	built, err := s.newStatement()
	if err == nil {
		s.statements.last, s.statements.generation = built, generation
	}
	return built, err
}

// capabilities answers GET [base]/metadata (R4 http.html#capabilities) without
// a token: it is how a client finds the authorization server.
func (s *Server) capabilities(w http.ResponseWriter, r *http.Request) error {
	a, err := ask(r.URL.RawQuery)
	if err != nil {
		return err
	}
	a.rest = slices.DeleteFunc(a.rest, func(p search.Pair) bool {
		return p.Name == "mode" && (p.Value == "full" || p.Value == "normative")
	})
	if err := a.alone(s.strict(prefer(r.Header))); err != nil {
		return err
	}
	out, err := a.output(r, false)
	if err != nil {
		return err
	}
	statement, err := s.statement()
	if err != nil {
		return err
	}
	h := w.Header()
	h["Etag"] = []string{etag(statement.tag)}
	h["Cache-Control"] = []string{"no-cache"} // it holds nothing of anybody
	h["Vary"] = append(h["Vary"], "Accept", "Origin")
	if notModified(r, statement.tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	body, err := out.shape("CapabilityStatement", statement.body)
	if err != nil {
		return err
	}
	return out.send(w, http.StatusOK, body)
}

// newStatement builds the statement from what is routed and from the registry
// of search parameters, so that it cannot promise anything else.
func (s *Server) newStatement() (statement, error) {
	released := s.cfg.Released
	if released.IsZero() {
		released = time.Now()
	}
	version, cors := s.cfg.Version, len(s.cfg.Origins) > 0
	syntax := search.Syntax()
	rest := r4.CapabilityStatementRest{Mode: r4.RestfulCapabilityModeServer, Documentation: &syntax, Security: s.security(&cors),
		Interaction: s.systemInteractions(), SearchParam: commonParams(s.cfg.Registry), Operation: s.operationsAt(fhir.Key{}),
		Compartment: compartments()}
	back := s.revIncludes()
	for _, typ := range tables.Types() {
		resource, err := s.typeStatement(typ, back[typ])
		if err != nil {
			return statement{}, err
		}
		rest.Resource = append(rest.Resource, resource)
	}
	body, err := fhirjson.Encode(r4.CapabilityStatement{
		Status: r4.PublicationStatusActive, Date: released.UTC().Format(time.RFC3339), Kind: r4.CapabilityStatementKindInstance,
		Software:       &r4.CapabilityStatementSoftware{Name: "Cordée", Version: &version},
		Implementation: &r4.CapabilityStatementImplementation{Description: "Cordée, FHIR R4 gateway for coordinated primary care", Url: &s.base},
		FhirVersion:    r4.FHIRVersion4_0_1, Format: []string{"application/fhir+json", "json"}, Rest: []r4.CapabilityStatementRest{rest}})
	sum := sha256.Sum256(body)
	return statement{body, hex.EncodeToString(sum[:8])}, err
}

// security points to the authorization server in the two ways that clients
// know (SMART App Launch 2.2 and the older oauth-uris extension).
func (s *Server) security(cors *bool) *r4.CapabilityStatementRestSecurity {
	system, code := "http://terminology.hl7.org/CodeSystem/restful-security-service", "SMART-on-FHIR"
	sec := &r4.CapabilityStatementRestSecurity{Cors: cors, Service: []r4.CodeableConcept{{Coding: []r4.Coding{{System: &system, Code: &code}}}}}
	uris := r4.Extension{Url: "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"}
	for _, e := range []struct{ name, url string }{{"authorize", s.cfg.OAuth.Authorize}, {"token", s.cfg.OAuth.Token}, {"register", s.cfg.OAuth.Register},
		{"manage", s.cfg.OAuth.Manage}, {"introspect", s.cfg.OAuth.Introspect}, {"revoke", s.cfg.OAuth.Revoke}} {
		if e.url != "" {
			uris.Extension = append(uris.Extension, r4.Extension{Url: e.name, ValueUri: &e.url})
		}
	}
	if len(uris.Extension) > 0 {
		sec.Extension = []r4.Extension{uris}
	}
	return sec
}

// codes lists the interaction codes of the routes below a type, or of those that
// are not, each once, in the order of the routes.
func (s *Server) codes(ofType bool) []string {
	var list []string
	for _, rt := range s.routes {
		if rt.code != "operation" && rt.code != "capabilities" && strings.HasPrefix(rt.pattern, "/{type}") == ofType && !slices.Contains(list, rt.code) {
			list = append(list, rt.code)
		}
	}
	return list
}

func (s *Server) systemInteractions() (list []r4.CapabilityStatementRestInteraction) {
	for _, code := range append(s.codes(false), "batch") { // batch shares the route of transaction
		var c r4.SystemRestfulInteraction
		if c.UnmarshalJSON([]byte(code)) == nil {
			list = append(list, r4.CapabilityStatementRestInteraction{Code: c})
		}
	}
	return list
}

func (s *Server) typeStatement(typ string, back []string) (r4.CapabilityStatementRestResource, error) {
	yes, profile := true, "http://hl7.org/fhir/StructureDefinition/"+typ
	versioned, read, remove := r4.ResourceVersionPolicyVersioned, r4.ConditionalReadStatusNotMatch, r4.ConditionalDeleteStatusSingle
	t := r4.CapabilityStatementRestResource{Profile: &profile, Versioning: &versioned, ConditionalRead: &read,
		SearchRevInclude: back, Operation: s.operationsAt(fhir.Key{Type: typ}, fhir.Key{Type: typ, ID: "1"})}
	if err := t.Type.UnmarshalJSON([]byte(typ)); err != nil {
		return t, err
	}
	for _, code := range s.codes(true) {
		var c r4.TypeRestfulInteraction
		if s.offers(typ, code) && c.UnmarshalJSON([]byte(code)) == nil {
			t.Interaction = append(t.Interaction, r4.CapabilityStatementRestResourceInteraction{Code: c})
		}
	}
	if s.offers(typ, "vread") {
		t.ReadHistory = &yes
	}
	if s.offers(typ, "update") {
		t.UpdateCreate, t.ConditionalCreate, t.ConditionalUpdate, t.ConditionalDelete = &yes, &yes, &yes, &remove
	}
	apart := s.cfg.Repos[typ] != nil // and includes nothing
	if t.SearchInclude = []string{"*", typ + ":*"}; apart {
		t.SearchInclude, t.SearchRevInclude = nil, nil
	}
	for _, p := range s.cfg.Registry.Params(typ) {
		if p.Base == typ {
			t.SearchParam = append(t.SearchParam, searchParam(p))
		}
		if p.Type == search.Reference && !apart {
			t.SearchInclude = append(t.SearchInclude, typ+":"+p.Code)
		}
	}
	return t, nil
}

// commonParams are those that every type has, and those that say how to answer.
func commonParams(reg *search.Registry) (list []r4.CapabilityStatementRestResourceSearchParam) {
	for _, p := range reg.Params("Basic") {
		if p.Base == "Resource" {
			list = append(list, searchParam(p))
		}
	}
	for _, c := range search.Controls() {
		list = append(list, searchParam(&search.Param{Code: c.Name, Type: c.Type}))
	}
	slices.SortFunc(list, func(a, b r4.CapabilityStatementRestResourceSearchParam) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func searchParam(p *search.Param) r4.CapabilityStatementRestResourceSearchParam {
	out := r4.CapabilityStatementRestResourceSearchParam{Name: p.Code}
	if p.URL != "" {
		out.Definition = &p.URL
	}
	if out.Type.UnmarshalJSON([]byte(p.Type.String())) != nil {
		out.Type = r4.SearchParamTypeSpecial
	}
	return out
}

// compartments are the canonicals of the compartments that are searched.
func compartments() (list []string) {
	for _, name := range []string{"Patient", "Encounter", "RelatedPerson", "Practitioner", "Device"} {
		if len(tables.Compartment(name)) > 0 {
			list = append(list, "http://hl7.org/fhir/CompartmentDefinition/"+strings.ToLower(name[:1])+name[1:])
		}
	}
	return list
}

// revIncludes lists, by type, the references that lead to it.
func (s *Server) revIncludes() map[string][]string {
	to := map[string][]string{}
	for _, target := range tables.Types() {
		to[target] = []string{"*"}
	}
	for _, typ := range tables.Types() {
		if s.cfg.Repos[typ] != nil {
			continue // searched by itself
		}
		var leads []string // of all its references
		for _, p := range s.cfg.Registry.Params(typ) {
			if p.Type != search.Reference {
				continue
			}
			targets := p.Targets
			if len(targets) == 0 {
				targets = tables.Types()
			}
			for _, target := range targets {
				if !slices.Contains(leads, target) {
					leads, to[target] = append(leads, target), append(to[target], typ+":*")
				}
				to[target] = append(to[target], typ+":"+p.Code)
			}
		}
	}
	return to
}

// operationsAt lists the operations offered at one of the keys.
func (s *Server) operationsAt(keys ...fhir.Key) (list []r4.CapabilityStatementRestResourceOperation) {
	var names []string
	for _, k := range keys {
		names = append(names, s.operations.names(k)...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		o := s.operations[name[1:]]
		list = append(list, r4.CapabilityStatementRestResourceOperation{Name: o.Name, Definition: o.Definition})
	}
	return list
}
