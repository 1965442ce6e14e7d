package identity

import (
	"context"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A Repository is what the operations need of the guarded repository.
type Repository interface {
	Read(ctx context.Context, key fhir.Key) (fhir.Resource, error)
	Search(ctx context.Context, q fhir.Query) (fhir.Page, error)
	Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error)
}

// A candidate is a patient that shares something with the one asked about.
type candidate struct {
	fhir.Resource
	traits Traits
}

// candidatesMost bounds the patients that one search brings to be compared.
const candidatesMost = 100

// candidates searches the patients that the caller may see for those that share an
// identifier, or two of family name, given name and date of birth: whoever shares
// less cannot reach a grade. more reports that a search found more than are
// compared.
func candidates(ctx context.Context, repo Repository, t Traits) (list []candidate, more bool, err error) {
	families, givens, birth := values(t.Families), values(t.FirstGivens), []string{adapters.Escape(t.BirthDate)}
	var searches [][]fhir.Param
	if len(t.Identifiers) > 0 {
		searches = append(searches, []fhir.Param{{Code: "identifier", Values: adapters.TokenValues(t.Identifiers)}})
	}
	for _, pair := range [][2]fhir.Param{
		{{Code: "family", Values: families}, {Code: "birthdate", Values: birth}},
		{{Code: "given", Values: givens}, {Code: "birthdate", Values: birth}},
		{{Code: "family", Values: families}, {Code: "given", Values: givens}},
	} {
		if len(pair[0].Values) > 0 && len(pair[1].Values) > 0 && pair[1].Values[0] != "" {
			searches = append(searches, pair[:])
		}
	}
	seen := map[string]bool{}
	for _, params := range searches {
		page, err := repo.Search(ctx, fhir.Query{Type: "Patient", Params: params, Count: candidatesMost})
		if err != nil {
			return nil, false, err
		}
		more = more || page.Next != ""
		for _, r := range page.Matches {
			if seen[r.ID] {
				continue
			}
			seen[r.ID] = true
			doc, err := fhirjson.Parse(r.Body)
			if err != nil {
				return nil, false, err
			}
			list = append(list, candidate{r, Read(doc.Root())})
		}
	}
	return list, more, nil
}

func values(names []string) []string {
	escaped := make([]string, len(names))
	for i, name := range names {
		escaped[i] = adapters.Escape(name)
	}
	return escaped
}
