package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// planning tells a plan beside what it finds.
type planning struct {
	*fake
	more int // operators of a long plan
}

func (p planning) Search(ctx context.Context, q fhir.Query) (fhir.Page, error) {
	page, err := p.fake.Search(ctx, q)
	if q.Explain {
		page.Plan = &fhir.Plan{RoundTrips: 3, Took: 1500 * time.Microsecond, Operators: []fhir.Operator{
			{Kind: fhir.OperatorSource, Access: fhir.AccessMerge, Type: "Patient", Codes: []string{"name:exact", "gender"}, Parts: 2, Estimate: 40, Out: 7},
			{Kind: fhir.OperatorConsent, Type: "Patient", Estimate: -1, In: 7, Out: 5},
			{Kind: fhir.OperatorSource, Access: fhir.AccessContained, Depth: 1, Estimate: -1, Out: 2},
		}}
		for range p.more {
			page.Plan.Operators = append(page.Plan.Operators, fhir.Operator{Kind: fhir.OperatorSource, Access: fhir.AccessIDs, Type: "Patient", Estimate: 1, Out: 1})
		}
	}
	return page, err
}

func TestExplain(t *testing.T) {
	english := "Accept-Language: en"
	runAll(t, func() http.Handler { return serve(t, planning{fake: many(3)}) }, []call{
		{name: "neither true nor false", request: "GET /Patient?_explain=yes", status: 400, id: "rest.parameter-value", wants: "!p0"},
		{name: "twice", request: "GET /Patient?_explain=true&_explain=false", status: 400, id: "rest.parameter-value"},
		{name: "a modifier", request: "GET /Patient?_explain:not=true", status: 400, id: "search.unknown-parameter"},
		{name: "of a read", request: "GET /Patient/p1?_explain=true", status: 400, id: "rest.unknown-parameter"},
		{name: "of a condition", request: "POST /Patient", headers: "If-None-Exist: identifier=a&_explain=true", body: `{"resourceType":"Patient"}`, status: 400, id: "search.unknown-parameter"},
		{name: "false", request: "GET /Patient?_explain=false", status: 200, wants: "\"total\":3\n\"mode\":\"match\"\n!search.explain"},
		{name: "in French", request: "GET /Patient?_explain=true", status: 200,
			wants: "\"mode\":\"outcome\"\nsearch.explain-source\nCandidats tirés de plusieurs index à la fois (name:exact, gender)\nEstimation 40\n3 allers-retours, 1.500 ms\n_explain=true\n!fullUrl\n!\"total\"\n!\"next\"\n!Fictive"},
		{name: "in English", request: "GET /Patient?_explain=true&_count=1", headers: english, status: 200,
			wants: "Candidates from a merge of postings (name:exact, gender)\nEstimate 40, in 2 parts; proposed 7.\nPassed 7; seen 5.\n1. Candidates from what contains\nProposed 2.\n!Fictive\n!\"next\""},
		{name: "POST", request: "POST /Patient/_search", headers: "Content-Type: application/x-www-form-urlencoded", body: "_explain=true", status: 200, wants: "search.explain-cost\n!fullUrl"},
		{name: "count", request: "GET /Patient?_summary=count&_explain=true", status: 200, wants: "search.explain-source\n!\"total\""},
	})
}

// The plan of a search over all types is told to its end: it has some operators
// for each of 147 types.
func TestExplainTellsAll(t *testing.T) {
	w := call{request: "GET /?_id=a&_explain=true", status: 200}.run(t, serve(t, planning{many(3), 441}))
	body := w.Body.String()
	if n := strings.Count(body, `"severity":"information"`); n != 3+441+1 || !strings.Contains(body, "search.explain-cost") {
		t.Errorf("%d issues, with the cost: %v", n, strings.Contains(body, "search.explain-cost"))
	}
}

// A repository that knows no plans gives nothing away either.
func TestExplainWithoutPlan(t *testing.T) {
	w := call{request: "GET /Patient?_explain=true", status: 200}.run(t, serve(t, many(3)))
	if body := w.Body.String(); strings.Contains(body, "entry") || strings.Contains(body, "total") || strings.Contains(body, "Fictive") {
		t.Error(body)
	}
}
