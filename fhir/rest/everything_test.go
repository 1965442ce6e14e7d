package rest_test

import (
	"context"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

// asked is a repository that remembers the query and answers with one match, or
// with none for patient "nobody".
type asked struct {
	fhir.Repository
	q    *fhir.Query
	read int
}

func (a *asked) Search(_ context.Context, q fhir.Query) (fhir.Page, error) {
	a.q = &q
	if q.Compartment.ID == "nobody" {
		return fhir.Page{}, nil
	}
	return fhir.Page{Matches: []fhir.Resource{{Key: fhir.Key{Type: "Patient", ID: "a", Version: "1"}}}, Count: q.Count}, nil
}

func (a *asked) Read(context.Context, fhir.Key) (fhir.Resource, error) {
	a.read++
	return fhir.Resource{}, fhir.Errorf(fhir.NotFound, "test", "resource.not-found", fhir.CodeNotFound, "", fhir.Text{}, fhir.Text{})
}

func TestEverything(t *testing.T) {
	pairs := func(list ...string) (p []search.Pair) {
		for i := 0; i < len(list); i += 2 {
			p = append(p, search.Pair{Name: list[i], Value: list[i+1]})
		}
		return p
	}
	parameters := func(list string) string { return `{"resourceType":"Parameters","parameter":[` + list + `]}` }
	for name, c := range map[string]struct {
		params []search.Pair
		body   string
		id     string
		kind   fhir.Kind
		types  int
		count  int
	}{
		"all that the token allows":         {id: "a", types: 3, count: 500},
		"some types, a page size":           {id: "a", params: pairs("_type", "Goal,CarePlan", "_count", "7"), types: 2, count: 7},
		"a type that the token lacks":       {id: "a", params: pairs("_type", "Condition"), kind: fhir.Forbidden},
		"a type that does not exist":        {id: "a", params: pairs("_type", "Gaol"), kind: fhir.Malformed},
		"the dates of care":                 {id: "a", params: pairs("start", "2024", "end", "2024-06-30"), types: 3, count: 500},
		"no date of care":                   {id: "a", params: pairs("start", "ge2024"), kind: fhir.Malformed},
		"no page":                           {id: "a", params: pairs("_count", "0"), kind: fhir.Malformed},
		"types given one by one":            {id: "a", params: pairs("_type", "Goal", "_type", "CarePlan"), types: 2, count: 500},
		"types one by one, one twice":       {id: "a", params: pairs("_type", "Goal,CarePlan", "_type", "Goal"), types: 2, count: 500},
		"what narrows, in Parameters":       {id: "a", body: parameters(`{"name":"_type","valueCode":"Goal"},{"name":"_type","valueCode":"CarePlan"},{"name":"_count","valueInteger":7}`), types: 2, count: 7},
		"a date of care in Parameters":      {id: "a", body: parameters(`{"name":"start","valueDate":"ge2024"}`), kind: fhir.Malformed},
		"an unknown parameter":              {id: "a", params: pairs("_tpye", "Goal"), kind: fhir.Malformed},
		"an unknown one in Parameters":      {id: "a", body: parameters(`{"name":"_tpye","valueCode":"Goal"}`), kind: fhir.Malformed},
		"what shapes, in Parameters":        {id: "a", body: parameters(`{"name":"_elements","valueString":"id"}`), kind: fhir.Malformed},
		"another resource as body":          {id: "a", body: `{"resourceType":"Patient"}`, kind: fhir.Malformed},
		"a size given twice":                {id: "a", params: pairs("_count", "7", "_count", "8"), kind: fhir.Malformed},
		"a date given in both places":       {id: "a", params: pairs("start", "2024"), body: parameters(`{"name":"start","valueDate":"2023"}`), kind: fhir.Malformed},
		"a patient who is absent or hidden": {id: "nobody", types: 3, count: 500, kind: fhir.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &asked{}
			op := rest.Everything(repo, func(context.Context) []string { return []string{"CarePlan", "Goal", "Patient"} })
			_, err := op.Handle(context.Background(), rest.Call{Key: fhir.Key{Type: "Patient", ID: c.id}, Params: c.params, Body: []byte(c.body)})
			if fhir.KindOf(err) != c.kind {
				t.Fatalf("got %v, want %v", err, c.kind)
			}
			if c.types > 0 && (len(repo.q.Types) != c.types || repo.q.Count != c.count || repo.q.Compartment.ID != c.id) {
				t.Errorf("asked %+v", repo.q)
			}
			if repo.q != nil && !repo.q.Care.All {
				t.Errorf("asked for the compartment alone: %+v", repo.q)
			}
		})
	}
}
