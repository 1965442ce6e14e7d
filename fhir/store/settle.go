package store

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A settlement evaluates the conditions of one commit (R4 http.html#ccreate,
// #cond-update), on what a Reader sees: it gives every change its key. What the
// conditions know of each other is the changes that found nothing, by condition
// (who asks the same again means the resource that the first one makes), and
// what is deleted, which no creation finds.
type settlement struct {
	store *Store
	r     kv.Reader
	guard func(ctx context.Context, key []byte) error // of conditions; nil for a forecast

	changes    []*change // of its own, of which every key is known
	first      map[string]*change
	deleted    map[fhir.Key]bool
	found      map[string]fhir.Key // what conditional references mean
	generation uint64              // of the registry
}

// evaluate finds out the keys, and what conditional references mean.
func (s *settlement) evaluate(ctx context.Context, p *commit) error {
	s.first, s.deleted, s.found = map[string]*change{}, map[fhir.Key]bool{}, map[string]fhir.Key{}
	s.generation = s.store.registry.Generation()
	s.changes = make([]*change, len(p.changes))
	own := make([]change, len(p.changes)) // a commit is settled more than once: p stays as it was
	for i, c := range p.changes {
		own[i] = *c
		s.changes[i] = &own[i]
	}
	for _, deletions := range []bool{true, false} { // they come first (R4 http.html#trules)
		for _, c := range s.changes {
			if (c.Method == fhir.Delete) != deletions {
				continue
			}
			if err := s.condition(ctx, c); err != nil {
				return err
			}
			if deletions {
				s.deleted[c.Key.Current()] = true
			}
		}
	}
	if err := checkIdentity(s.changes); err != nil {
		return err
	}
	return s.references(ctx)
}

// references looks up the conditional references, each once.
func (s *settlement) references(ctx context.Context) error {
	for _, c := range s.changes {
		if c.matched || !c.refers {
			continue
		}
		for node := range fhirjson.References(c.doc) {
			text := node.Text()
			if _, known := s.found[text]; known || !isConditional(text) {
				continue
			}
			key, err := s.resolve(ctx, c, text)
			if err != nil {
				return err
			}
			s.found[text] = key
		}
	}
	return nil
}

// index rewrites the references and works out the rows.
func (s *settlement) index(ctx context.Context) error {
	for _, c := range s.changes {
		if c.matched || !c.refers {
			continue
		}
		var edits []fhirjson.Edit
		for node := range fhirjson.References(c.doc) {
			if key, found := s.found[node.Text()]; found {
				edits = append(edits, fhirjson.Replace(node, strconv.Quote(key.String())))
			}
		}
		doc, err := fhirjson.Rewrite(c.doc, edits...)
		if err != nil {
			return err
		}
		c.doc = doc
	}
	return s.store.index(ctx, s.changes)
}

// agrees reports whether two settlements of a commit come to the same.
func (s *settlement) agrees(other *settlement) bool {
	return other != nil && s.generation == other.generation && maps.Equal(s.found, other.found) &&
		slices.EqualFunc(s.changes, other.changes, func(a, b *change) bool { return a.Key == b.Key && a.matched == b.matched })
}

// forecast settles a commit before its turn, where that keeps nobody waiting. It
// is nil when that cannot be done: the turn will say why.
func (s *Store) forecast(ctx context.Context, p *commit) *settlement {
	f := &settlement{store: s}
	err := s.engine.View(ctx, func(r kv.Reader) error {
		f.r = r
		return f.evaluate(ctx, p)
	})
	if err != nil || f.index(ctx) != nil {
		return nil
	}
	return f
}

// settle evaluates the conditions of a commit within the transaction, so that
// nothing comes between the question and the write: it returns changes of which
// every key is known, with references rewritten and rows worked out. Those of the
// forecast will do when the answers are still the same.
func (tx *transaction) settle(ctx context.Context, p *commit) ([]*change, error) {
	s := &settlement{store: tx.store, r: tx.w, guard: tx.guard}
	if err := s.evaluate(ctx, p); err != nil {
		return nil, err
	}
	if s.agrees(p.forecast) {
		return p.forecast.changes, nil
	}
	return s.changes, s.index(ctx)
}
