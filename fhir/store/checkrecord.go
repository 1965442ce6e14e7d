package store

import (
	"bytes"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// How much of the records is in memory at once, and of what they imply.
const (
	checkRecords = 128
	checkBytes   = 8 << 20
	checkKeys    = 4096
)

// A held is a current record as it was read.
type held struct {
	typ, id string
	value   []byte
	rec     *record // nil when it cannot be read
	next    uint64  // the version that should come next on the way down to 1
	above   uint64  // the sequence number of the version before on that way
}

// records goes through the current versions, batch by batch, each with the
// earlier versions that lie in the same stretch of keys.
func (c *checker) records() error {
	all := kv.Prefix([]byte{famCurrent})
	versions := []byte{famVersion}
	for {
		batch, next, err := c.batch(all)
		if err != nil {
			return err
		}
		until := kv.PrefixEnd([]byte{famVersion})
		if next != nil {
			last := batch[len(batch)-1]
			until = kv.PrefixEnd(versionPrefix(last.typ, last.id))
		}
		if err := c.chain(batch, kv.Range{Start: versions, End: until}); err != nil {
			return err
		}
		for i := range batch {
			if err := c.record(&batch[i]); err != nil {
				return err
			}
		}
		if next == nil {
			return c.compare()
		}
		all.Start, versions = next, until
	}
}

// batch reads some records, and where to go on; nil after the last.
func (c *checker) batch(rng kv.Range) (list []held, next []byte, err error) {
	size := 0
	for e, err := range c.r.Scan(c.ctx, rng) {
		if err != nil {
			return nil, nil, err
		}
		if len(list) == checkRecords || size > checkBytes {
			return list, bytes.Clone(e.Key), nil
		}
		typ, id, _ := strings.Cut(string(e.Key[1:]), "\x00")
		h := held{typ: typ, id: id, value: bytes.Clone(e.Value)}
		size += len(h.value)
		if h.rec, err = decodeRecord(typ, id, h.value); err == nil {
			h.next, h.above = h.rec.version-1, h.rec.seq
		}
		list = append(list, h)
	}
	return list, nil, nil
}

// chain holds the earlier versions against the records of the batch: each must
// have every version from its own down to the first, and none else be there.
func (c *checker) chain(batch []held, rng kv.Range) error {
	i := 0
	for e, err := range c.r.Scan(c.ctx, rng) {
		if err != nil {
			return err
		}
		c.report.Versions++
		parts := bytes.SplitN(e.Key[1:], []byte{0}, 3)
		if len(parts) != 3 || len(parts[2]) != 8 {
			return corrupt("version key")
		}
		typ, id := string(parts[0]), string(parts[1])
		for i < len(batch) && bytes.Compare(currentKey(batch[i].typ, batch[i].id), currentKey(typ, id)) < 0 {
			if err := c.first(&batch[i]); err != nil {
				return err
			}
			i++
		}
		if err := c.version(batch[i:], typ, id, ^(&decoder{b: parts[2]}).uint64(), e.Value); err != nil {
			return err
		}
	}
	for ; i < len(batch); i++ {
		if err := c.first(&batch[i]); err != nil {
			return err
		}
	}
	return nil
}

// first is called after the last version of a resource: that was the first.
func (c *checker) first(h *held) error {
	for ; h.next > 0; h.next-- {
		if err := c.fault("version", "missing", h.typ, h.id); err != nil {
			return err
		}
	}
	return nil
}

// version checks one earlier version of the record that rest begins with.
func (c *checker) version(rest []held, typ, id string, number uint64, value []byte) error {
	if len(rest) == 0 || rest[0].typ != typ || rest[0].id != id {
		return c.fault("record", "missing", typ, id)
	}
	h := &rest[0]
	if h.rec != nil && number > h.next {
		return c.fault("version", "stale", typ, id)
	}
	for ; h.next > number; h.next-- {
		if err := c.fault("version", "missing", typ, id); err != nil {
			return err
		}
	}
	h.next = max(number, 1) - 1
	rec, err := decodeRecord(typ, id, value)
	if err != nil {
		return c.fault("version", "unreadable", typ, id)
	}
	if rec.version != number || h.rec != nil && (rec.seq >= h.rec.seq || rec.lastUpdated > h.rec.lastUpdated) || !c.states(rec, typ, id) {
		return c.fault("version", "wrong", typ, id)
	}
	above := h.above
	h.above = rec.seq
	return c.past(rec, pastKey, above)
}

// states reports whether the body of a version says of itself what the record
// says of it, and whether its content is there.
func (c *checker) states(rec *record, typ, id string) bool {
	if rec.effect == fhir.Deleted {
		return len(rec.body) == 0
	}
	if rec.excerpt != nil {
		if rec.fill(c.ctx, c.r) != nil {
			return false
		}
		rec.content = nil // it may be large, and the batch is kept
	}
	doc, err := fhirjson.Parse(rec.body)
	if err != nil {
		return false
	}
	root := doc.Root()
	return root.Get("resourceType").Text() == typ && root.Get("id").Text() == id && root.At("meta", "versionId").Text() == versionText(rec.version)
}

// past expects what every version leaves behind, whatever came after: its entry
// among the changes and, where it decided about access, the epoch, which the change
// that ended it has moved again.
func (c *checker) past(rec *record, place func(typ string, seq uint64, id string) []byte, ended uint64) error {
	key := rec.facts.Key
	c.lastSeq = max(c.lastSeq, rec.seq)
	want := []expected{{part: "history", key: place(key.Type, rec.seq, key.ID), value: encodeFeed(rec), of: key}}
	if decidesAccess(key.Type) {
		for _, p := range rec.facts.Patients {
			want = append(want, expected{part: "epoch", key: epochKey(p), value: seqBytes(max(rec.seq, ended)), of: key})
		}
	}
	return c.expect(want...)
}

// record works out what a current version implies.
func (c *checker) record(h *held) error {
	c.tell(typeStep(h.typ), h.typ, c.report.Resources)
	if h.rec == nil {
		return c.fault("record", "unreadable", h.typ, h.id)
	}
	if !c.states(h.rec, h.typ, h.id) {
		return c.fault("record", "wrong", h.typ, h.id)
	}
	if h.rec.effect == fhir.Deleted {
		c.report.Deleted++
		return c.past(h.rec, pastKey, 0)
	}
	c.report.Resources++
	d, err := c.describe(h.rec)
	if err != nil {
		return c.fault("record", "unreadable", h.typ, h.id)
	}
	if !sameFacts(&d.facts, &h.rec.facts) {
		h.rec.facts = d.facts
		if err := c.fault("facts", "wrong", h.typ, h.id, write{key: currentKey(h.typ, h.id), value: h.rec.encode()}); err != nil {
			return err
		}
	}
	if err := c.past(h.rec, feedKey, 0); err != nil {
		return err
	}
	if err := c.name(&h.rec.facts); err != nil {
		return err
	}
	return c.expect(c.implied(h.rec, d)...)
}

// describe is what a body says, with what only the record can tell.
func (c *checker) describe(rec *record) (*change, error) {
	doc, err := fhirjson.Parse(rec.body)
	if err != nil {
		return nil, err
	}
	d := &change{Change: fhir.Change{Key: rec.facts.Key, Contributor: rec.facts.Contributor}, doc: doc}
	if err := c.store.describe(d); err != nil {
		return nil, err
	}
	if d.Key.Type == "Binary" {
		c.belongs(d, rec)
	}
	return d, nil
}

// belongs gives a Binary the context that its record says it has. An index of
// before layout 3 had its patients only, as they were.
func (c *checker) belongs(d *change, rec *record) {
	d.facts.Patients = rec.facts.Patients
	context, ok := contextOf(&rec.facts)
	if !ok && len(rec.facts.Patients) > 0 {
		context, ok = fhir.ParseReference(d.doc.Root().At("securityContext", "reference").Text())
		ok = ok && context.Type != "Patient" && context.Type != "Binary"
	}
	if ok {
		d.facts.Labels = withContext(d.facts.Labels, context.Current(), formerLabels(&rec.facts))
	}
}

// implied lists the rows and postings of a live resource.
func (c *checker) implied(rec *record, d *change) []expected {
	now := rows{lastUpdated: rec.lastUpdated, seq: rec.seq, facts: rec.facts, list: d.rows}
	key := rec.facts.Key
	value, postings := now.encode(c.store.names), c.store.newPostingValues(key.Type, &now)
	want := make([]expected, 0, len(d.rows)+2)
	for i, scope := range scopes(&rec.facts) {
		e := expected{part: "rows", key: rowsKey(scope, key.Type, key.ID), value: value, of: key}
		if i == 0 {
			e.rows = d.rows
		}
		want = append(want, e)
	}
	keys := newKeyring(key.ID, d.rows)
	for i, r := range d.rows {
		want = append(want, expected{part: "posting", key: keys.posting(r), value: postings.of(i), of: key, param: r.param})
	}
	if w := contribution(key, postings); w.key != nil {
		want = append(want, expected{part: "posting", key: w.key, value: w.value, of: key, param: postingID(key.Type, &contributorRelation)})
	}
	c.report.Rows += int64(len(d.rows))
	return want
}

// typeStep is the number of a type among those of R4.
func typeStep(typ string) int {
	for i, t := range resourceTypes() {
		if t == typ {
			return i + 1
		}
	}
	return 0
}
