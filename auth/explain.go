package auth

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
)

// explain has a search executed and gives away its plan alone (_explain). It
// runs under a view that sees everything, so that its counts are those of the
// work that the search is; they tell of what is withheld, and of patients by the
// query. So an officer or an operator may ask, and nobody else, whatever exists;
// neither sees a record. The question is on record before it is answered.
func (g *Guard) explain(ctx context.Context, q fhir.Query) (fhir.Page, error) {
	e, err := g.begin(ctx, searchRecord(&q))
	var page fhir.Page
	if err == nil {
		page, err = g.plan(ctx, e.principal, q)
	}
	if err := g.leave(ctx, e, err); err != nil {
		return fhir.Page{}, err
	}
	return page, nil
}

func (g *Guard) plan(ctx context.Context, p *Principal, q fhir.Query) (fhir.Page, error) {
	if !p.explains(&q) {
		return fhir.Page{}, errExplain()
	}
	q.Within = all{}
	page, err := g.Repo.Search(ctx, q)
	if err != nil {
		return fhir.Page{}, err
	}
	if page.Plan == nil {
		return fhir.Page{}, errUnexplained()
	}
	return fhir.Page{Total: -1, Count: page.Count, Issues: page.Issues, Plan: page.Plan}, nil
}

// explains reports whether the principal may have a search explained: an officer
// who may search the trail, or an operator whose token searches the types.
func (p *Principal) explains(q *fhir.Query) bool {
	types := q.Types
	switch {
	case q.Type != "":
		types = []string{q.Type}
	case len(types) == 0:
		types = []string{"*"}
	}
	switch {
	case p.emergency() || p.Kind() != KindProfessional:
		return false
	case p.Is(RoleOfficer):
		return p.Scopes.Allow("AuditEvent", 's')
	case p.Is(RoleOperator):
		return !slices.ContainsFunc(types, func(typ string) bool { return !p.Scopes.Allow(typ, 's') })
	}
	return false
}

// all is the view of a search that is explained: nothing of what it shows is
// given.
type all struct{}

var _ fhir.Grouping = all{}

func (all) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	return slices.Repeat([]bool{true}, len(facts)), nil
}

func (all) Alike(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	return slices.Repeat([]bool{true}, len(facts)), nil
}

func (all) Fingerprint() []byte { return []byte("auth.Explain") }

// searchRecord is the record of a search, before it is known what becomes of it.
func searchRecord(q *fhir.Query) audit.Record {
	record := audit.Record{Interaction: audit.InteractionSearchType, Type: q.Type, Query: audit.Query{Clean: describe(q)}, Patients: patientsNamed(q)}
	if q.Type == "" {
		record.Interaction = audit.InteractionSearchSystem
	}
	return record
}

// errExplain refuses to explain, whatever exists and whatever was asked.
func errExplain() error {
	return fhir.Errorf(fhir.Forbidden, opEnter, "search.explain", fhir.CodeForbidden, "http._explain",
		fhir.T("Only an officer or an operator may have a search explained.", "Seul un responsable habilité ou un exploitant peut faire expliquer une recherche."),
		fhir.T("Use a client registered with the role operator and the scope to search the type, or with the role officer; or leave _explain out.",
			"Utilisez un client enregistré avec le rôle operator et le scope de recherche du type, ou avec le rôle officer\u00a0; ou retirez _explain."))
}

func errUnexplained() error {
	return fhir.Errorf(fhir.Malformed, opEnter, "search.explain-elsewhere", fhir.CodeNotSupported, "http._explain",
		fhir.T("Searches of this type are not explained.", "Les recherches de ce type ne sont pas expliquées."),
		fhir.T("Only the store of clinical records explains its searches.", "Seul l'entrepôt des dossiers explique ses recherches."))
}
