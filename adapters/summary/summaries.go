package summary

import (
	"context"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// Summaries compose the summaries of patients.
type Summaries struct {
	Repo document.Repository
	Base string // own FHIR base

	// Types are the types that the caller may search at all; what the token
	// does not reach is not in his summaries. Nil refuses.
	Types func(context.Context) []string

	// Organization is the reference of the organisation on whose behalf the
	// caller asks: the custodian of the document. Nil, or empty, for none.
	Organization func(context.Context) string

	Version string           // of the gateway, which is the author
	Clock   func() time.Time // nil for time.Now
}

// maxRecord bounds how many resources of a patient a summary chooses from.
const maxRecord = 20000

// Of composes the summary of a patient along a plan. It fails as a read of the
// patient does: a patient who is withheld is absent.
func (s *Summaries) Of(ctx context.Context, key fhir.Key, plan Plan, lang rest.Language) (*document.Bundle, error) {
	patient, err := s.Repo.Read(ctx, key)
	if err != nil {
		return nil, err
	}
	record, err := s.record(ctx, key, plan)
	if err != nil {
		return nil, err
	}
	c := composer{plan: plan, base: s.Base, now: time.Now(), version: s.Version, patient: patient.Current(),
		chosen: map[string][]r{}, reader: reader{lang: lang}}
	if s.Clock != nil {
		c.now = s.Clock()
	}
	if s.Organization != nil {
		c.organization = s.Organization(ctx)
	}
	g := document.Gatherer{Repo: s.Repo, Base: s.Base}
	if err := g.Add(patient); err != nil {
		return nil, err
	}
	if err := c.choose(plan.Sections, record, &g); err != nil {
		return nil, err
	}
	custodian, err := fhirjson.Parse(c.custodian())
	if err != nil {
		return nil, err
	}
	if err := g.Follow(ctx, custodian); err != nil {
		return nil, err
	}
	return c.bundle(g.Entries())
}

// record returns what the caller may see of the patient, of the types that the
// plan looks at.
func (s *Summaries) record(ctx context.Context, key fhir.Key, plan Plan) ([]r, error) {
	wanted := plan.types()
	q := fhir.Query{Compartment: key.Current(), Count: 500, Care: fhir.Care{All: true}}
	if s.Types != nil {
		q.Types = slices.DeleteFunc(slices.Clone(s.Types(ctx)), func(typ string) bool { return !wanted[typ] })
	}
	var list []r
	for len(q.Types) > 0 && len(list) < maxRecord {
		page, err := s.Repo.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Matches {
			doc, err := fhirjson.ParseLimits(m.Body, fhirjson.Limits{Bytes: len(m.Body)})
			if err != nil {
				return nil, err
			}
			list = append(list, r{m, doc.Root()})
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return list, nil
}
