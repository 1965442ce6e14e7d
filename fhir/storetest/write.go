package storetest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// head is what the runner itself reads of a resource.
type head struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
}

func (s *script) head(body string) head {
	var h head
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		s.t.Fatalf("line %d: %v", s.line, err)
	}
	return h
}

func (s *script) commit(ctx context.Context, changes ...fhir.Change) string {
	for i := range changes {
		changes[i].Within = s.view
	}
	results, err := s.repo.Commit(ctx, changes)
	if err != nil {
		return wordError(err)
	}
	if len(results) != len(changes) {
		s.t.Fatalf("line %d: %d results of %d changes", s.line, len(results), len(changes))
	}
	var words []string
	for i, r := range results {
		if r.Effect == fhir.Created && r.ID != changes[i].Key.ID && r.ID != s.idOf(changes[i]) {
			s.chosen = append(s.chosen, r.ID)
		}
		words = append(words, strings.TrimSpace(r.Effect.String()+" "+r.Version))
	}
	return strings.Join(words, ", ")
}

// idOf is the id that the body of a change asks for.
func (s *script) idOf(c fhir.Change) string {
	if c.Body == nil {
		return ""
	}
	return s.head(string(c.Body)).ID
}

// body cuts "JSON word rest" into its parts; word and rest may be missing.
func body(text, word string) (json, rest string) {
	if i := strings.LastIndex(text, "} "+word+" "); i >= 0 {
		return text[:i+1], text[i+len(word)+3:]
	}
	return text, ""
}

func (s *script) put(ctx context.Context, text string) string {
	text, query := body(text, "if")
	text, version := body(text, "match")
	h := s.head(text)
	c := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: h.ResourceType, ID: h.ID}, Body: []byte(text), IfMatch: version}
	if query != "" {
		c.Where = s.condition(query)
	}
	return s.commit(ctx, c)
}

func (s *script) create(ctx context.Context, text string) string {
	text, query := body(text, "if")
	c := fhir.Change{Method: fhir.Create, Key: fhir.Key{Type: s.head(text).ResourceType}, Body: []byte(text)}
	if query != "" {
		c.IfNoneExist = s.condition(query)
	}
	return s.commit(ctx, c)
}

func (s *script) condition(query string) *fhir.Query {
	q, err := s.parse(query)
	if err != nil {
		s.t.Fatalf("line %d: %v", s.line, err)
	}
	return &q
}

func (s *script) delete(ctx context.Context, rest string) string {
	ref, version, _ := strings.Cut(rest, " match ")
	if strings.Contains(ref, "?") {
		q := s.condition(ref)
		return s.commit(ctx, fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: q.Type}, Where: q})
	}
	return s.commit(ctx, fhir.Change{Method: fhir.Delete, Key: s.key(strings.TrimSpace(ref)), IfMatch: version})
}

func (s *script) key(ref string) fhir.Key {
	key, ok := fhir.ParseReference(ref)
	if !ok {
		s.t.Fatalf("line %d: %q is no reference", s.line, ref)
	}
	return key
}

// entry is one entry of a transaction, in the words of Bundle.entry.request.
type entry struct {
	Method, URL, FullURL, IfNoneExist, IfMatch string
	Resource                                   json.RawMessage
}

func (s *script) transaction(ctx context.Context, text string) string {
	var entries []entry
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		s.t.Fatalf("line %d: %v", s.line, err)
	}
	var changes []fhir.Change
	for _, e := range entries {
		c := fhir.Change{FullURL: e.FullURL, Body: e.Resource, IfMatch: e.IfMatch}
		if strings.Contains(e.URL, "?") {
			c.Where = s.condition(e.URL)
			c.Key.Type = c.Where.Type
		} else if key, ok := fhir.ParseReference(e.URL); ok {
			c.Key = key
		} else {
			c.Key.Type = e.URL
		}
		if e.IfNoneExist != "" {
			c.IfNoneExist = s.condition(c.Key.Type + "?" + e.IfNoneExist)
		}
		c.Method = map[string]fhir.Method{"POST": fhir.Create, "PUT": fhir.Update, "DELETE": fhir.Delete}[e.Method]
		changes = append(changes, c)
	}
	return s.commit(ctx, changes...)
}
