package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

func (s *script) search(ctx context.Context, text string) string {
	q, err := s.parse(text, true)
	if err != nil {
		return wordError(err)
	}
	page, err := s.repo.Search(ctx, q)
	if err != nil {
		return wordError(err)
	}
	return s.page(q, page)
}

func (s *script) page(q fhir.Query, page fhir.Page) string {
	var words []string
	for _, m := range page.Matches {
		s.guardSpliced(m)
		if q.Type == "" {
			words = append(words, m.Type+"/"+m.ID)
		} else {
			words = append(words, m.ID)
		}
	}
	for _, m := range page.Included {
		words = append(words, "+"+m.Type+"/"+m.ID)
	}
	return strings.Join(words, " ")
}

// guardSpliced insists that every body says what its key says.
func (s *script) guardSpliced(r fhir.Resource) {
	var h struct {
		head
		Meta struct {
			VersionID   string `json:"versionId"`
			LastUpdated string `json:"lastUpdated"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(r.Body, &h); err != nil || h.ID != r.ID || h.ResourceType != r.Type || h.Meta.VersionID != r.Version || h.Meta.LastUpdated == "" {
		s.t.Errorf("line %d: the body of %s does not carry its id and meta: %s", s.line, r.Key, r.Body)
	}
}

func (s *script) count(ctx context.Context, text string) string {
	q, err := s.parse(text, true)
	if err != nil {
		return wordError(err)
	}
	q.Total = fhir.TotalAccurate
	page, err := s.repo.Search(ctx, q)
	if err != nil {
		return wordError(err)
	}
	return strconv.Itoa(page.Total)
}

func (s *script) walk(ctx context.Context, rest string) string {
	size, text, _ := strings.Cut(rest, " ")
	q, err := s.parse(text, true)
	if err != nil {
		return wordError(err)
	}
	q.Count, _ = strconv.Atoi(size)
	var pages []string
	for {
		page, err := s.repo.Search(ctx, q)
		if err != nil {
			return wordError(err)
		}
		pages = append(pages, s.page(q, page))
		if q.Cursor = page.Next; q.Cursor == "" || len(pages) > 100 {
			return strings.Join(pages, " | ")
		}
	}
}

func (s *script) read(ctx context.Context, ref string) string {
	key, ok := fhir.ParseReference(ref)
	if !ok {
		s.t.Fatalf("line %d: %q is no reference", s.line, ref)
	}
	r, err := s.repo.Read(ctx, key)
	if err != nil {
		return wordError(err)
	}
	s.guardSpliced(r)
	return r.Effect.String() + " " + r.Version
}

func (s *script) history(ctx context.Context, target string) string {
	typ, id, _ := strings.Cut(target, "/")
	q := fhir.HistoryQuery{Type: typ, ID: id, Within: s.view, Count: 2} // small pages: every history is also a walk
	var words []string
	for {
		page, err := s.repo.History(ctx, q)
		if err != nil {
			return wordError(err)
		}
		for _, m := range page.Matches {
			words = append(words, fmt.Sprintf("%s:%s", m.Key, m.Effect))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return strings.ReplaceAll(strings.Join(words, " "), "/_history/", "@")
		}
	}
}
