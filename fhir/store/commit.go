package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Commit applies the changes, all or none. Everything that needs no other
// resource happens here, in the caller's goroutine; the sequencer does the rest.
func (s *Store) Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	if s.seq.witness == nil || s.validate == nil {
		return nil, fhir.Errorf(fhir.Unavailable, "store.Commit", "store.read-only", fhir.CodeTransient, "",
			fhir.T("The store takes no changes.", "Le dépôt n'accepte aucune modification."),
			fhir.T("It was opened without a validator or without an audit trail.", "Il a été ouvert sans validateur ou sans trace d'audit."))
	}
	if len(changes) == 0 {
		return nil, nil
	}
	p, err := s.prepare(ctx, changes)
	if err != nil {
		return nil, err
	}
	results, err := s.seq.submit(p)
	if err == nil && slices.ContainsFunc(changes, func(c fhir.Change) bool { return c.Key.Type == "SearchParameter" }) {
		if err := s.customs.reload(context.WithoutCancel(ctx)); err != nil {
			s.customs.log.Error("the search parameters could not be read; a restart will", slog.Any("error", err))
		}
	}
	return results, err
}

// A commit is one Commit on its way through the sequencer.
type commit struct {
	ctx     context.Context
	changes []*change
	late    bool // ids or references depend on what the store holds
	size    int
	upkeep  func(*transaction) error // instead of changes

	generation uint64      // of the registry that the rows were extracted by
	forecast   *settlement // of a late one

	results []fhir.Resource
	err     error
	done    chan struct{}
}

// A change is a fhir.Change with what was worked out of it.
type change struct {
	fhir.Change
	index   int  // in the Commit, for errors
	bundled bool // one of several
	doc     *fhirjson.Doc
	rows    []row
	facts   fhir.Facts

	guard  []byte // of its condition
	fresh  string // id for when the condition finds nothing
	refers bool   // the body has conditional references

	matched bool // a conditional create that found its resource: nothing to write

	excerpt *excerpt // where the content stands in that of another change, without its id and version
	from    int      // the index of that change
}

func (s *Store) prepare(ctx context.Context, changes []fhir.Change) (*commit, error) {
	p := &commit{ctx: ctx, done: make(chan struct{})}
	var issues []fhir.Issue
	if err := checkFullURLs(changes); err != nil {
		return nil, err
	}
	for i := range changes {
		c := &change{Change: changes[i], index: i, bundled: len(changes) > 1}
		p.changes = append(p.changes, c)
		p.size += len(c.Body)*3 + len(c.Content)
		p.late = p.late || c.IfNoneExist != nil || c.Where != nil
		found, err := s.check(c)
		if err != nil {
			return nil, err
		}
		issues = append(issues, found...)
	}
	if len(issues) > 0 {
		return nil, &fhir.Error{Kind: fhir.Unprocessable, Op: "store.Commit", Issues: issues}
	}
	findExcerpts(p.changes)
	for _, c := range p.changes {
		switch q := c.query(); {
		case q != nil:
			c.fresh, c.guard = s.newID(), guardKey(q)
		case c.Method == fhir.Create && c.Key.ID == "":
			c.Key.ID = s.newID()
		}
		c.refers = c.doc != nil && hasConditionalReference(c.doc)
		p.late = p.late || c.refers
	}
	if p.late {
		p.forecast = s.forecast(ctx, p)
		return p, nil
	}
	if err := checkIdentity(p.changes); err != nil {
		return nil, err
	}
	p.generation = s.registry.Generation()
	return p, s.index(ctx, p.changes)
}

// check parses and validates the body of one change.
func (s *Store) check(c *change) (issues []fhir.Issue, err error) {
	switch {
	case c.Method == fhir.Delete:
		return nil, nil
	case c.Method != fhir.Create && c.Method != fhir.Update:
		return nil, fhir.Errorf(fhir.Internal, "store.Commit", "store.method", fhir.CodeException, "", fhir.T("No such change.", "Modification inconnue."), fhir.Text{})
	case c.Method == fhir.Update && c.Where == nil && !fhir.ValidID(c.Key.ID):
		return nil, errInvalidID(c.at("id"))
	}
	if c.doc, err = fhirjson.Parse(c.Body); err != nil {
		return nil, err
	}
	if typ := c.doc.Root().Get("resourceType").Text(); typ != c.Key.Type {
		return nil, errWrongType(c.at("resourceType"), c.Key.Type)
	}
	if len(c.Content) > 0 && (c.Key.Type != "Binary" || c.doc.Root().Get("data").Exists() || c.Body[len(c.Body)-1] != '}') {
		return nil, fhir.Errorf(fhir.Internal, "store.Commit", "store.content", fhir.CodeException, c.at("data"),
			fhir.T("Only a Binary has content beside its body, and then no data in it.", "Seul un Binary a un contenu à côté de son corps, et alors pas de data."), fhir.Text{})
	}
	issues = s.validate(c.doc)
	if c.Key.Type == "SearchParameter" && len(errorsOnly(slices.Clone(issues))) == 0 {
		issues = append(issues, s.definable(c)...)
	}
	if c.bundled {
		for i := range issues {
			issues[i].At = c.at("resource") + trimType(issues[i].At, c.Key.Type)
		}
	}
	return errorsOnly(issues), nil
}

// definable is what keeps a SearchParameter from being used, if it asks to be.
func (s *Store) definable(c *change) []fhir.Issue {
	def, err := s.registry.Define(c.doc.Root())
	var refused *fhir.Error
	if err == nil && def != nil {
		refused = s.customs.permit(c.Key.ID, def)
	}
	if refused == nil && !errors.As(err, &refused) {
		return nil
	}
	return refused.Issues
}

// index works out the index rows and the facts of each body, after references
// between the changes have been rewritten.
func (s *Store) index(ctx context.Context, changes []*change) error {
	links := newLinks(changes)
	for _, c := range changes {
		if c.doc == nil || c.matched {
			continue
		}
		if err := links.rewrite(c); err != nil {
			return err
		}
		if err := s.describe(c); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if c.Key.Type == "Binary" && c.doc != nil && !c.matched {
			if err := s.secure(ctx, c, changes); err != nil {
				return err
			}
		}
	}
	return nil
}

// describe works out the index rows and the facts of one body, but for what a
// Binary belongs to (secure).
func (s *Store) describe(c *change) error {
	entries, err := s.registry.Extract(c.Key.Type, c.doc.Root())
	if err != nil {
		return err
	}
	s.noteHolder(c.Key.Type, entries)
	c.rows = withNamed(newRows(c.Key.Type, entries), c.Key.Type, c.doc)
	c.facts = fhir.Facts{Key: c.Key, Contributor: c.Contributor, Labels: labels(c.doc),
		Patients: s.patients(c.Key, c.doc.Root(), c.rows)}
	return nil
}

// patients returns the patients a resource is about: those in whose compartment
// it lies and, for the types that R4 left out of it (Task, Device), those that
// its parameter "patient" names. Access is decided by them.
func (s *Store) patients(key fhir.Key, root fhirjson.Node, list []row) []string {
	patients := s.registry.Patients(key.Type, root, key.ID)
	p, ok := s.registry.Param(key.Type, "patient")
	if _, _, inside := s.registry.Compartment("Patient", key.Type); inside || !ok {
		return patients
	}
	own := rows{facts: fhir.Facts{Key: key}, list: list}
	for _, k := range s.registry.References(key.Type, "patient", own.values(p)) {
		if k.Type == "Patient" {
			patients = append(patients, k.ID)
		}
	}
	slices.Sort(patients)
	return slices.Compact(patients)
}

// checkFullURLs refuses two entries of one name (R4 bundle.html, bdl-7): what
// refers to it could mean either.
func checkFullURLs(changes []fhir.Change) error {
	seen := make(map[string]bool, len(changes))
	for i, c := range changes {
		if c.FullURL != "" && seen[c.FullURL] {
			return fhir.Errorf(fhir.Malformed, "store.Commit", "transaction.full-url", fhir.CodeDuplicate, fmt.Sprintf("Bundle.entry[%d].fullUrl", i),
				fhir.T("Two entries have the same fullUrl.", "Deux entrées ont le même fullUrl."),
				fhir.T("Give each entry a fullUrl of its own (bdl-7).", "Donnez à chaque entrée un fullUrl qui lui est propre (bdl-7)."))
		}
		seen[c.FullURL] = true
	}
	return nil
}

// checkIdentity refuses a Commit that changes one resource twice (R4
// http.html#trules).
func checkIdentity(changes []*change) error {
	if len(changes) == 1 {
		return nil
	}
	seen := make(map[fhir.Key]bool, len(changes))
	for _, c := range changes {
		if c.matched {
			continue
		}
		if seen[c.Key] {
			return fhir.Errorf(fhir.Malformed, "store.Commit", "transaction.duplicate", fhir.CodeDuplicate, c.at("request.url"),
				fhir.T("The transaction changes the same resource twice.", "La transaction modifie deux fois la même ressource."),
				fhir.T("Keep one entry for each resource.", "Gardez une seule entrée par ressource."))
		}
		seen[c.Key] = true
	}
	return nil
}
