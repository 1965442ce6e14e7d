package storetest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
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
	var words []string
	for _, r := range results {
		words = append(words, r.Effect.String()+" "+r.Version)
	}
	return strings.TrimSpace(strings.Join(words, ", "))
}

func (s *script) put(ctx context.Context, body string) string {
	h := s.head(body)
	return s.commit(ctx, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: h.ResourceType, ID: h.ID}, Body: []byte(body)})
}

func (s *script) create(ctx context.Context, rest string) string {
	body, query, conditional := strings.Cut(rest, "} if ")
	if conditional {
		body += "}"
	}
	c := fhir.Change{Method: fhir.Create, Key: fhir.Key{Type: s.head(body).ResourceType}, Body: []byte(body)}
	if conditional {
		c.IfNoneExist = s.condition(query)
	}
	return s.commit(ctx, c)
}

func (s *script) condition(query string) *fhir.Query {
	q, err := s.parse(query, true)
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
	key, _ := fhir.ParseReference(strings.TrimSpace(ref))
	return s.commit(ctx, fhir.Change{Method: fhir.Delete, Key: key, IfMatch: version})
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

// parse reads "Type?a=b", "?a=b" or "Patient/x/Type?a=b".
func (s *script) parse(text string, strict bool) (fhir.Query, error) {
	target, query, _ := strings.Cut(text, "?")
	req := search.Request{Type: target, Strict: strict}
	if parts := strings.Split(target, "/"); len(parts) == 3 {
		req.Compartment, req.Type = fhir.Key{Type: parts[0], ID: parts[1]}, parts[2]
	}
	var err error
	if req.Values, err = search.Pairs(query); err != nil {
		return fhir.Query{}, err
	}
	q, _, _, err := search.Parse(s.reg, req)
	q.Within = s.view
	return q, err
}
