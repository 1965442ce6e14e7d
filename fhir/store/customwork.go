package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// customStep is how many resources one step indexes: those that write wait for
// no more.
const customStep = 64

// run works until ctx ends: it indexes what is wanted and sweeps what is not.
func (cu *customs) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-cu.wake:
		}
		for ctx.Err() == nil {
			more, err := cu.step(ctx)
			if err != nil && ctx.Err() == nil {
				cu.log.Error("indexing a search parameter has failed; trying again", slog.Any("error", err))
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			} else if !more {
				break
			}
		}
	}
}

// step does a little of what there is to do, and reports whether there was.
func (cu *customs) step(ctx context.Context) (more bool, err error) {
	cu.mu.Lock()
	id, c := cu.next()
	if c == nil {
		cu.mu.Unlock()
		return false, nil
	}
	state, fresh := c.state, c.fresh
	cu.mu.Unlock()
	if fresh {
		if err := cu.store.seq.upkeep(ctx, func(*transaction) error { return nil }); err != nil {
			return true, err
		}
	}
	next, work, err := cu.plan(ctx, state)
	if err != nil {
		return true, err
	}
	err = cu.store.seq.upkeep(ctx, func(tx *transaction) error {
		if err := work(tx); err != nil {
			return err
		}
		if len(next.Parts)+len(next.Stale) == 0 {
			return tx.put(write{key: customKey(id)})
		}
		text, err := json.Marshal(next)
		if err != nil {
			return err
		}
		return tx.put(write{key: customKey(id), value: text})
	})
	if err == nil {
		cu.done(id, c, state, next)
	}
	return true, err
}

// next is a definition with work left. Sweeping comes first.
func (cu *customs) next() (id string, c *custom) {
	for other, o := range cu.list {
		if len(o.state.Stale) > 0 || o.def == nil {
			return other, o
		}
		if !o.state.ready() {
			id, c = other, o
		}
	}
	return id, c
}

// done takes over what a step has reached, unless the definition has changed
// meanwhile.
func (cu *customs) done(id string, c *custom, was, now customState) {
	cu.mu.Lock()
	defer cu.mu.Unlock()
	if cu.list[id] != c || !bytes.Equal(c.state.Fingerprint, was.Fingerprint) {
		return
	}
	c.state, c.fresh = now, false
	switch {
	case c.def == nil && len(now.Parts)+len(now.Stale) == 0:
		delete(cu.list, id)
		cu.log.Info("a search parameter is removed", slog.String("id", id))
	case c.def != nil && now.ready() && !was.ready():
		cu.log.Info("a search parameter is ready", slog.String("code", c.def.Code), slog.Int64("resources", now.Indexed))
		var all []definition
		for id, c := range cu.list {
			all = append(all, definition{id, 0, c.def})
		}
		cu.use(all)
	}
}

// plan reads what the next step is about: which resources, and the state after.
func (cu *customs) plan(ctx context.Context, was customState) (next customState, work func(*transaction) error, err error) {
	next = was
	nothing := func(*transaction) error { return nil }
	switch {
	case len(was.Stale) > 0:
		part := was.Stale[0]
		if cu.used(part) { // its definition indexes every resource anew
			next.Stale = was.Stale[1:]
			return next, nothing, nil
		}
		keys, err := cu.keys(ctx, kv.Prefix(paramKey(nil, part.Param)))
		if len(keys) == 0 {
			next.Stale = was.Stale[1:]
		}
		return next, func(tx *transaction) error { return tx.sweep(ctx, part.Type, keys) }, err
	case !was.ready():
		part := was.Parts[was.Done]
		rng := kv.Prefix(currentPrefix(part.Type))
		if was.After != "" {
			rng.Start = append(currentKey(part.Type, was.After), 0)
		}
		keys, err := cu.keys(ctx, rng)
		if next.Indexed += int64(len(keys)); len(keys) < customStep {
			next.Done, next.After = was.Done+1, ""
		} else {
			next.After = lastName(keys[len(keys)-1])
		}
		return next, func(tx *transaction) error {
			for _, k := range keys {
				if _, err := tx.refresh(ctx, part.Type, lastName(k)); err != nil {
					return err
				}
			}
			return nil
		}, err
	}
	return next, nothing, nil
}

// used reports whether a parameter belongs to a definition that is wanted.
func (cu *customs) used(part customPart) bool {
	cu.mu.Lock()
	defer cu.mu.Unlock()
	for _, c := range cu.list {
		if c.def != nil && slices.Contains(c.state.Parts, part) {
			return true
		}
	}
	return false
}

func (cu *customs) keys(ctx context.Context, rng kv.Range) (keys [][]byte, err error) {
	rng.KeysOnly, rng.Limit = true, customStep
	err = cu.store.engine.View(ctx, func(r kv.Reader) error {
		for e, err := range r.Scan(ctx, rng) {
			if err != nil {
				return err
			}
			keys = append(keys, bytes.Clone(e.Key))
		}
		return nil
	})
	return keys, err
}

// sweep takes a parameter off the resources of some postings, and the postings
// away where no resource knows of them.
func (tx *transaction) sweep(ctx context.Context, typ string, postings [][]byte) error {
	for _, k := range postings {
		value, id, _ := splitPosting(k)
		list, err := tx.refresh(ctx, typ, string(id))
		if err != nil {
			return err
		}
		if _, again := slices.BinarySearchFunc(list, row{binary.BigEndian.Uint32(k[1:]), value}, compareRows); again {
			continue // it is defined again since
		}
		if err := tx.put(write{key: k}); err != nil {
			return err
		}
	}
	return nil
}

// refresh writes the rows and postings of a resource as they are extracted now,
// and returns the rows. Its version stays; one that cannot be read is left to
// store.Check.
func (tx *transaction) refresh(ctx context.Context, typ, id string) ([]row, error) {
	cur, err := tx.current(ctx, typ, id)
	if err != nil || cur == nil || cur.effect == fhir.Deleted {
		return nil, notCorrupt(err)
	}
	doc, err := fhirjson.Parse(cur.body)
	if err != nil {
		return nil, nil
	}
	c := &change{Change: fhir.Change{Key: cur.facts.Key}, doc: doc}
	if tx.store.describe(c) != nil {
		return nil, nil
	}
	value, err := tx.get(ctx, rowsKey(scope(&cur.facts), typ, id))
	if err != nil {
		return nil, err
	}
	rr := tx.store.rowsReader()
	was, err := rr.read(typ, id, value)
	if err != nil {
		return nil, notCorrupt(err)
	}
	old := &rows{facts: was.facts, list: was.all()}
	now := &rows{lastUpdated: cur.lastUpdated, seq: cur.seq, facts: cur.facts, list: c.rows}
	if bytes.Equal(value, now.encode(tx.store.names)) {
		return c.rows, nil
	}
	writes := tx.store.appendRowWrites(nil, typ, id, nil, now, cur)
	for _, w := range tx.store.appendPostings(writes, cur.facts.Key, old, now) {
		if err := tx.put(w); err != nil {
			return nil, err
		}
	}
	return c.rows, nil
}

// notCorrupt keeps damage of one record from stopping the writes of others.
func notCorrupt(err error) error {
	if errors.Is(err, kv.ErrCorrupt) {
		return nil
	}
	return err
}
