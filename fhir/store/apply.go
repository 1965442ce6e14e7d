package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A transaction applies the commits of one batch to a kv.Writer. It remembers
// what it has read and written of current versions and rows, so that a batch
// costs two rounds of reads however many commits it holds.
type transaction struct {
	store *Store
	w     kv.Writer
	now   time.Time
	known map[string][]byte // by key; nil for an absent key

	touched map[string]bool // patients whose rows have changed
	room                    // its writes are those of the commit under way
	moved   bool            // a history has grown
	stamps  [2]uint64       // of postings and histories: before and after
	policy  policyChange    // whose epochs it writes
}

func newTransaction(s *Store, w kv.Writer, now time.Time, r room) *transaction {
	return &transaction{store: s, w: w, now: now, known: map[string][]byte{}, touched: map[string]bool{}, room: r}
}

// room is memory that goes from one transaction to the next: a document makes
// hundreds of writes.
type room struct {
	writes []write
	posted []write // of postings, and what left the last changes
}

// cleared returns the room without what is in it.
func (r room) cleared() room {
	const most = 1 << 14
	for _, list := range []*[]write{&r.writes, &r.posted} {
		clear((*list)[:cap(*list)])
		if *list = (*list)[:0]; cap(*list) > most {
			*list = nil
		}
	}
	return r
}

// prefetch reads the current versions, and then the rows, of everything the
// batch is known to change.
func (tx *transaction) prefetch(ctx context.Context, batch []*commit) error {
	var keys [][]byte
	for _, p := range batch {
		for _, c := range p.changes {
			if c.Key.ID != "" && c.Method != fhir.Create {
				keys = append(keys, currentKey(c.Key.Type, c.Key.ID))
			}
		}
	}
	if err := tx.load(ctx, append(slices.Clip(keys), metaPolicies)); err != nil {
		return err
	}
	var rowKeys [][]byte
	for _, k := range keys {
		if value := tx.known[string(k)]; value != nil {
			cur, err := decodeRecord("", "", value)
			if err != nil {
				return err
			}
			typ := string(k[1 : len(k)-1-len(lastName(k))])
			rowKeys = append(rowKeys, rowsKey(scope(&cur.facts), typ, lastName(k)))
		}
	}
	return tx.load(ctx, rowKeys)
}

func (tx *transaction) load(ctx context.Context, keys [][]byte) error {
	if len(keys) == 0 {
		return nil
	}
	values, err := tx.w.Get(ctx, keys...)
	for i := range values {
		tx.known[string(keys[i])] = values[i]
	}
	return err
}

func (tx *transaction) get(ctx context.Context, key []byte) ([]byte, error) {
	if v, known := tx.known[string(key)]; known {
		return v, nil
	}
	err := tx.load(ctx, [][]byte{key})
	return tx.known[string(key)], err
}

// current returns the current version of a resource, a tombstone included, and
// nil when there never was one.
func (tx *transaction) current(ctx context.Context, typ, id string) (*record, error) {
	v, err := tx.get(ctx, currentKey(typ, id))
	if err != nil || v == nil {
		return nil, err
	}
	return decodeRecord(typ, id, v)
}

// A write is one put, or a deletion when value is nil.
type write struct {
	key, value []byte
	record     *record // that is to be the value; value is nil then

	// Of a posting: the type of its resource, and the value that it had; nil for one
	// that was not there.
	typ string
	was []byte
}

// apply evaluates one commit. Nothing of it is put before all of it holds.
func (tx *transaction) apply(ctx context.Context, p *commit, seq uint64) ([]fhir.Resource, error) {
	changes := p.changes
	if p.late {
		var err error
		if changes, err = tx.settle(ctx, p); err != nil {
			return nil, err
		}
	} else if err := tx.renew(p); err != nil {
		return nil, err
	}
	steps := make([]step, len(changes))
	for i, c := range changes {
		var err error
		if steps[i], err = tx.step(ctx, c, seq); err != nil {
			return nil, err
		}
	}
	for i := range steps {
		tx.share(&steps[i], steps)
	}
	snap := tx.arriving(steps, seq)
	tx.writes = slices.Grow(tx.writes[:0], 24*len(changes))
	results := make([]fhir.Resource, len(changes))
	for i := range steps {
		var err error
		if results[i], tx.writes, err = tx.change(ctx, tx.writes, &steps[i], steps, snap); err != nil {
			return nil, err
		}
	}
	for _, wr := range tx.writes {
		if err := tx.put(wr); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// renew extracts the rows of a commit again that was prepared before the search
// parameters changed.
func (tx *transaction) renew(p *commit) error {
	now := tx.store.registry.Generation()
	if p.generation == now {
		return nil
	}
	for _, c := range p.changes {
		if c.doc == nil {
			continue
		}
		facts := c.facts
		if err := tx.store.describe(c); err != nil {
			return err
		}
		c.facts = facts
	}
	p.generation = now
	return nil
}

func (tx *transaction) put(wr write) error {
	if r := wr.record; r != nil && len(r.content) > 0 && r.excerpt == nil {
		delete(tx.known, string(wr.key)) // who asks for it gets it from the engine
		return tx.w.PutParts(wr.key, r.head(len(r.body)), r.body, r.content)
	}
	if wr.record != nil {
		wr.value = wr.record.encode()
	}
	if f := wr.key[0]; f == famCurrent || f == famRows {
		tx.known[string(wr.key)] = wr.value
	}
	if wr.key[0] == famRows {
		scope, _, _ := bytes.Cut(wr.key[1:], []byte{0})
		tx.touched[string(scope)] = true
	}
	switch wr.key[0] {
	case famPosting:
		tx.posted = append(tx.posted, wr)
	case famFeed:
		if tx.moved = true; wr.value == nil {
			tx.posted = append(tx.posted, wr)
		}
	}
	tx.policy.note(wr)
	if wr.value == nil {
		return tx.w.Delete(wr.key)
	}
	return tx.w.Put(wr.key, wr.value)
}

// stamp marks the patients whose rows have changed, and postings and histories if
// any has, so that nobody takes what was kept of them for what they are now
// (compartments.go, counts.go, stretches.go).
func (tx *transaction) stamp(ctx context.Context, seq uint64) error {
	delete(tx.touched, "") // no patient
	if len(tx.policy.epochs) > 0 {
		var err error
		if tx.policy.before, err = epochOf("", tx.known[string(metaPolicies)]); err != nil {
			return err
		}
	}
	value := binary.BigEndian.AppendUint64(nil, seq)
	if len(tx.posted) > 0 || tx.moved {
		var err error
		if tx.stamps[0], err = stampOf(ctx, tx.w); err != nil {
			return err
		}
		tx.stamps[1] = seq
		if err := tx.w.Put(postingsStamp, value); err != nil {
			return err
		}
	}
	for patient := range tx.touched {
		if err := tx.w.Put(stampKey(patient), value); err != nil {
			return err
		}
	}
	return nil
}

// A step is one change of a commit with the version that is there and the one
// that is to come.
type step struct {
	change    *change
	cur, next *record // cur is nil when there never was a version; next when the change writes nothing
}

// there is the version that a change leaves alone: the current one or, for a
// condition that an earlier change of the commit fulfils, what that one writes.
func (s *step) there(all []step) *record {
	if s.cur != nil {
		return s.cur
	}
	for i := range all {
		if o := &all[i]; o.next != nil && o.change.Key == s.change.Key {
			return o.next
		}
	}
	return nil
}

func (s *step) live() bool { return s.cur != nil && s.cur.effect != fhir.Deleted }

func (tx *transaction) step(ctx context.Context, c *change, seq uint64) (step, error) {
	cur, err := tx.current(ctx, c.Key.Type, c.Key.ID)
	s := step{change: c, cur: cur}
	if err == nil && cur != nil {
		err = cur.fill(ctx, tx.w)
	}
	if err == nil && !c.matched {
		s.next = tx.next(c, cur, s.live(), seq)
	}
	return s, err
}

// change works out what one step writes, and appends it to writes.
func (tx *transaction) change(ctx context.Context, writes []write, s *step, all []step, snap arriving) (fhir.Resource, []write, error) {
	c := s.change
	unchanged := func() (fhir.Resource, []write, error) {
		res, err := tx.image(ctx, s.there(all), all...)
		res.Effect = fhir.Unchanged
		if len(c.Content) == 0 {
			res.Body, res.Content = fhir.Whole(res.Body, res.Content), nil
		}
		return res, writes, err
	}
	if c.matched {
		return unchanged()
	}
	if err := tx.permit(ctx, s, all, snap); err != nil { // before the precondition, which tells of the version
		return fhir.Resource{}, nil, err
	}
	if err := precondition(c, s.cur); err != nil {
		return fhir.Resource{}, nil, err
	}
	switch {
	case c.Method == fhir.Delete && !s.live():
		return fhir.Resource{Key: c.Key, Effect: fhir.Unchanged, Facts: fhir.Facts{Key: c.Key}}, writes, nil
	case c.Method == fhir.Update && s.live() && s.cur.same(c):
		return unchanged()
	}
	writes, err := tx.replace(ctx, writes, c, s.cur, s.next)
	if err != nil {
		return fhir.Resource{}, nil, err
	}
	res, err := tx.image(ctx, s.next, all...)
	return res, writes, err
}

// next is the version that the change would write.
func (tx *transaction) next(c *change, cur *record, live bool, seq uint64) *record {
	next := &record{version: 1, seq: seq, lastUpdated: tx.now.UnixMilli(), facts: c.facts, effect: fhir.Created}
	if cur != nil {
		next.version = cur.version + 1
		next.lastUpdated = max(next.lastUpdated, cur.lastUpdated)
	}
	switch {
	case c.Method == fhir.Delete:
		next.effect = fhir.Deleted
		if cur != nil {
			next.facts = cur.facts
		}
	case live:
		next.effect = fhir.Updated
		if cur.facts.Contributor != "" { // who brought a record in keeps it, and nobody else takes it by an update
			next.facts.Contributor = cur.facts.Contributor
		}
	}
	next.facts.Key = c.Key.Current()
	if next.effect != fhir.Deleted {
		next.write(c.doc, c.Content)
	}
	return next
}
