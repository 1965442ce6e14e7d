package document

import (
	"context"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// A Repository is what documents are made from: the guarded repository, as far
// as it reads.
type Repository interface {
	Read(ctx context.Context, key fhir.Key) (fhir.Resource, error)
	Search(ctx context.Context, q fhir.Query) (fhir.Page, error)
}

// atOnce bounds how many ids one search names.
const atOnce = 100

// fetch returns those of the keys that are there and may be seen. It searches
// by type, so that the trail has one record for each type and not for each
// resource, and reads one by one where the token does not reach a search.
func fetch(ctx context.Context, repo Repository, keys []fhir.Key) (map[fhir.Key]fhir.Resource, error) {
	byType := map[string][]string{}
	for _, k := range keys {
		byType[k.Type] = append(byType[k.Type], k.ID)
	}
	found := map[fhir.Key]fhir.Resource{}
	for _, typ := range sorted(byType) {
		for ids := range slices.Chunk(byType[typ], atOnce) {
			page, err := repo.Search(ctx, fhir.Query{Type: typ, Count: len(ids), Params: []fhir.Param{{Code: "_id", Values: ids}}})
			if fhir.KindOf(err) == fhir.Forbidden {
				page.Matches, err = readEach(ctx, repo, typ, ids)
			}
			if err != nil {
				return nil, err
			}
			for _, r := range page.Matches {
				found[r.Current()] = r
			}
		}
	}
	return found, nil
}

// readEach reads what may be read; what may not is absent.
func readEach(ctx context.Context, repo Repository, typ string, ids []string) (list []fhir.Resource, err error) {
	for _, id := range ids {
		r, err := repo.Read(ctx, fhir.Key{Type: typ, ID: id})
		switch fhir.KindOf(err) {
		case 0:
			list = append(list, r)
		case fhir.NotFound, fhir.Gone:
		case fhir.Forbidden:
			return nil, nil
		default:
			return nil, err
		}
	}
	return list, nil
}

func sorted(m map[string][]string) []string {
	types := make([]string, 0, len(m))
	for typ := range m {
		types = append(types, typ)
	}
	slices.SortFunc(types, strings.Compare)
	return types
}
