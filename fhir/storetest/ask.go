package storetest

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

func (s *script) search(ctx context.Context, text string) string {
	q, err := s.parse(text)
	if err != nil {
		return wordError(err)
	}
	page, err := s.repo.Search(ctx, q)
	if err != nil {
		return wordError(err)
	}
	answer := s.page(ctx, q, page)
	if page.Next == "" && q.Summary != "count" {
		answer += s.agree(ctx, q, page)
	}
	return answer
}

func (s *script) lenient(ctx context.Context, text string) string {
	q, issues, err := s.understand(text, false)
	if err != nil {
		return wordError(err)
	}
	page, err := s.repo.Search(ctx, q)
	if err != nil {
		return wordError(err)
	}
	answer := s.page(ctx, q, page)
	for _, i := range append(issues, page.Issues...) {
		answer += " ~" + i.ID
	}
	return strings.TrimSpace(answer)
}

func (s *script) count(ctx context.Context, text string) string {
	q, err := s.parse(text)
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

func (s *script) total(ctx context.Context, text string) string {
	q, err := s.parse(text)
	if err != nil {
		return wordError(err)
	}
	page, err := s.repo.Search(ctx, q)
	if err != nil {
		return wordError(err)
	}
	return strings.TrimSpace(strconv.Itoa(page.Total) + " " + s.page(ctx, q, page))
}

// parse reads "Type?a=b", "?a=b", "Patient/x/Type?a=b" or "Patient/x/$everything?start=2024".
func (s *script) parse(text string) (fhir.Query, error) {
	q, _, err := s.understand(text, true)
	return q, err
}

func (s *script) understand(text string, strict bool) (fhir.Query, []fhir.Issue, error) {
	target, query, _ := strings.Cut(s.timed(text), "?")
	req := search.Request{Type: target, Strict: strict}
	if parts := strings.Split(target, "/"); len(parts) == 3 {
		req.Compartment, req.Type = fhir.Key{Type: parts[0], ID: parts[1]}, strings.TrimSuffix(parts[2], "*")
	}
	var err error
	if req.Values, err = search.Pairs(query); err != nil {
		return fhir.Query{}, nil, err
	}
	var care fhir.Care
	if strings.HasSuffix(target, "/$everything") {
		req.Type, care = "", everything(&req)
	}
	q, _, issues, err := search.Parse(s.reg, req)
	q.Within, q.Care = s.view, care
	return q, issues, err
}

// everything takes what is of the operation alone out of a request (R4
// patient-operation-everything.html).
func everything(req *search.Request) fhir.Care {
	care := fhir.Care{All: true, Support: true}
	req.Values = slices.DeleteFunc(req.Values, func(p search.Pair) bool {
		switch p.Name {
		case "start":
			care.Start = p.Value
		case "end":
			care.End = p.Value
		}
		return p.Name == "start" || p.Name == "end"
	})
	return care
}

// version is a key in braces.
var version = regexp.MustCompile(`\{[A-Za-z]+/[A-Za-z0-9.-]+/_history/[0-9]+\}`)

// timed puts the lastUpdated of a version in place of its key in braces.
func (s *script) timed(text string) string {
	return version.ReplaceAllStringFunc(text, func(key string) string {
		return s.updated(key[1 : len(key)-1]).Format("2006-01-02T15:04:05.000Z")
	})
}

// updated is when a version was written, a tombstone included.
func (s *script) updated(ref string) time.Time {
	r, err := s.repo.Read(context.Background(), s.key(ref))
	if err != nil && fhir.KindOf(err) != fhir.Gone {
		s.t.Fatalf("line %d: %v", s.line, err)
	}
	return r.LastUpdated.UTC()
}
