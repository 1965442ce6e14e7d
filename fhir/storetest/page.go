package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// page words one page.
func (s *script) page(ctx context.Context, q fhir.Query, page fhir.Page) string {
	words := keys(q, page.Matches)
	for _, m := range page.Matches {
		s.guardSpliced(m)
	}
	included := make([]string, len(page.Included))
	for i, m := range page.Included {
		s.guardSpliced(m)
		included[i] = "+" + m.Current().String()
		if now, err := s.repo.Read(ctx, m.Current()); err == nil && now.Version != m.Version || fhir.KindOf(err) == fhir.Gone {
			included[i] = "+" + m.Key.String()
		}
	}
	slices.Sort(included) // R4 gives them no order
	return strings.Join(append(words, included...), " ")
}

// keys are the ids of the matches, with their types where several are searched.
func keys(q fhir.Query, matches []fhir.Resource) []string {
	words := make([]string, len(matches))
	for i, m := range matches {
		if words[i] = m.ID; q.Type == "" {
			words[i] = m.Current().String()
		}
		if m.Fragment != "" {
			words[i] += "#" + m.Fragment
		}
	}
	return words
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

// agree asks the same in smaller pages and for the total. It returns how the
// answers differ, empty when they agree.
func (s *script) agree(ctx context.Context, q fhir.Query, whole fhir.Page) string {
	want := keys(q, whole.Matches)
	for _, size := range []int{1, 3} {
		small := q
		small.Count, small.Includes = size, nil
		var got []string
		pages, err := s.pages(ctx, small)
		for _, p := range pages {
			got = append(got, keys(q, p.Matches)...)
		}
		if err != nil || !slices.Equal(got, want) {
			return fmt.Sprintf(" (in pages of %d: %s %v)", size, strings.Join(got, " "), err)
		}
	}
	q.Total, q.Count = fhir.TotalAccurate, 1
	if page, err := s.repo.Search(ctx, q); err != nil || page.Total != len(want) {
		return fmt.Sprintf(" (with a total of %d %v)", page.Total, err)
	}
	return ""
}

// pages follows the cursors to the last page.
func (s *script) pages(ctx context.Context, q fhir.Query) (pages []fhir.Page, err error) {
	for {
		page, err := s.repo.Search(ctx, q)
		if err != nil {
			return pages, err
		}
		if pages = append(pages, page); page.Next == "" || len(pages) > 100 {
			return pages, nil
		}
		q.Cursor = page.Next
	}
}

func (s *script) walk(ctx context.Context, rest string) string {
	q, err := s.sized(rest)
	if err != nil {
		return wordError(err)
	}
	pages, err := s.pages(ctx, q)
	if err != nil {
		return wordError(err)
	}
	words := make([]string, len(pages))
	for i, p := range pages {
		words[i] = s.page(ctx, q, p)
	}
	return strings.Join(words, " | ")
}

// sized reads "N QUERY".
func (s *script) sized(rest string) (fhir.Query, error) {
	size, text, _ := strings.Cut(rest, " ")
	q, err := s.parse(text)
	if err != nil {
		return q, err
	}
	q.Count, err = strconv.Atoi(size)
	return q, err
}

func (s *script) first(ctx context.Context, rest string) (answer string) {
	q, err := s.sized(rest)
	if err != nil {
		return wordError(err)
	}
	s.more = q
	return s.step(ctx)
}

// next goes on from the last page, as whoever asks now.
func (s *script) next(ctx context.Context, _ string) string {
	if s.more.Cursor == "" {
		return "-"
	}
	s.more.Within = s.view
	return s.step(ctx)
}

func (s *script) step(ctx context.Context) string {
	page, err := s.repo.Search(ctx, s.more)
	if err != nil {
		return wordError(err)
	}
	s.more.Cursor = page.Next
	return s.page(ctx, s.more, page)
}
