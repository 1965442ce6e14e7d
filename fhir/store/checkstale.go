package store

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// stalePostings counts the postings of each parameter. Where there are more
// than were expected and found, the others are looked for.
func (c *checker) stalePostings() error {
	stored := map[uint32]int64{}
	step := len(resourceTypes()) + 1
	all := kv.Prefix([]byte{famPosting})
	all.KeysOnly = true
	for e, err := range c.r.Scan(c.ctx, all) {
		if err != nil {
			return err
		}
		if len(e.Key) < 7 {
			return corrupt("posting key")
		}
		stored[binary.BigEndian.Uint32(e.Key[1:])]++
		if c.report.Postings++; c.report.Postings%10_000 == 0 {
			c.tell(step, "postings", c.report.Postings)
		}
	}
	types := c.typesOf()
	for param, n := range stored {
		if c.unsettled[param] || n == c.present[param]+c.known[param] {
			continue
		}
		if known := c.known[param]; known > 0 { // they are found again
			c.found[[2]string{"posting", "stale"}].Count -= known
		}
		if err := c.stalePostingsOf(param, types[param]); err != nil {
			return err
		}
	}
	return nil
}

// typesOf says to which type each parameter of the index belongs.
func (c *checker) typesOf() map[uint32]string {
	types := map[uint32]string{}
	for _, typ := range resourceTypes() {
		for _, p := range append(c.store.registry.Params(typ), &namedRelation, &contributorRelation) {
			types[postingID(typ, p)] = typ
		}
	}
	return types
}

// stalePostingsOf works out the resource of each posting of one parameter. typ
// is empty for a parameter that no type has: then all are stale.
func (c *checker) stalePostingsOf(param uint32, typ string) error {
	return c.inSteps(kv.Prefix(paramKey(nil, param)), func(keys [][]byte) error {
		ids := make([]fhir.Key, len(keys))
		for i, k := range keys {
			_, id, _ := splitPosting(k)
			ids[i] = fhir.Key{Type: typ, ID: string(id)}
		}
		bodies, err := c.described(ids)
		if err != nil {
			return err
		}
		for i, k := range keys {
			value, _, _ := splitPosting(k)
			if d := bodies[ids[i]]; d != nil {
				if _, there := slices.BinarySearchFunc(d.rows, row{param, value}, compareRows); there || d.contributed(param, value) {
					continue
				}
			}
			if err := c.fault("posting", "stale", typ, ids[i].ID, write{key: k}); err != nil {
				return err
			}
		}
		return nil
	})
}

// staleRows looks for rows under a scope where their resource does not lie.
func (c *checker) staleRows() error {
	all := kv.Prefix([]byte{famRows})
	n, err := c.count(len(resourceTypes())+2, "rows", all)
	if err != nil || n == c.rowsPresent {
		return err
	}
	return c.inSteps(all, func(keys [][]byte) error {
		ids := make([]fhir.Key, len(keys))
		for i, k := range keys {
			if parts := strings.Split(string(k[1:]), "\x00"); len(parts) == 3 {
				ids[i] = fhir.Key{Type: parts[1], ID: parts[2]}
			}
		}
		bodies, err := c.described(ids)
		if err != nil {
			return err
		}
		for i, k := range keys {
			scope, _, _ := bytes.Cut(k[1:], []byte{0})
			if d := bodies[ids[i]]; d != nil && slices.Contains(scopes(&d.facts), string(scope)) {
				continue
			}
			if err := c.fault("rows", "stale", ids[i].Type, ids[i].ID, write{key: k}); err != nil {
				return err
			}
		}
		return nil
	})
}

// described reads live resources and works out what they say; those that are
// not live or not readable are left out.
func (c *checker) described(keys []fhir.Key) (map[fhir.Key]*change, error) {
	out := make(map[fhir.Key]*change, len(keys))
	var raw [][]byte
	for _, k := range keys {
		raw = append(raw, currentKey(k.Type, k.ID))
	}
	values, err := c.r.Get(c.ctx, raw...)
	if err != nil {
		return nil, err
	}
	for i, k := range keys {
		if values[i] == nil || out[k] != nil {
			continue
		}
		rec, err := decodeRecord(k.Type, k.ID, values[i])
		if err != nil || rec.effect == fhir.Deleted {
			continue
		}
		if d, err := c.describe(rec); err == nil {
			out[k] = d
		}
	}
	return out, nil
}

// staleFeed looks for changes to versions that are not there, or are where the
// changes of others are.
func (c *checker) staleFeed() error {
	last, other := kv.Prefix([]byte{famFeed}), kv.Prefix([]byte{famPast})
	n, err := c.count(len(resourceTypes())+3, "history", last, other)
	if c.report.History = n; err != nil || n == c.feedPresent {
		return err
	}
	for e, err := range c.r.Scan(c.ctx, last, other) {
		if err != nil {
			return err
		}
		f, err := decodeFeed(kv.Entry{Key: bytes.Clone(e.Key), Value: e.Value})
		if err == nil {
			if there, err := c.holds(e.Key[0], &f); err != nil || there {
				if err != nil {
					return err
				}
				continue
			}
		}
		if err := c.fault("history", "stale", f.typ, f.id, write{key: bytes.Clone(e.Key)}); err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether the version that a change of a family names exists, has
// its sequence number, and belongs there.
func (c *checker) holds(fam byte, f *feedEntry) (bool, error) {
	values, err := c.r.Get(c.ctx, currentKey(f.typ, f.id), versionKey(f.typ, f.id, f.version))
	if err != nil {
		return false, err
	}
	for i, v := range values {
		if v == nil {
			continue
		}
		rec, err := decodeRecord(f.typ, f.id, v)
		if err != nil || rec.version != f.version || rec.seq != f.seq {
			continue
		}
		return (i == 0 && rec.effect != fhir.Deleted) == (fam == famFeed), nil
	}
	return false, nil
}

// count is the number of keys in some ranges.
func (c *checker) count(step int, what string, ranges ...kv.Range) (n int64, err error) {
	ranges = slices.Clone(ranges)
	for i := range ranges {
		ranges[i].KeysOnly = true
	}
	for _, err := range c.r.Scan(c.ctx, ranges...) {
		if err != nil {
			return n, err
		}
		if n++; n%10_000 == 0 {
			c.tell(step, what, n)
		}
	}
	return n, nil
}

// inSteps hands the keys of a range over, some at a time.
func (c *checker) inSteps(rng kv.Range, f func(keys [][]byte) error) error {
	rng.KeysOnly, rng.Limit = true, checkRecords
	for {
		var keys [][]byte
		for e, err := range c.r.Scan(c.ctx, rng) {
			if err != nil {
				return err
			}
			keys = append(keys, bytes.Clone(e.Key))
		}
		if len(keys) == 0 {
			return nil
		}
		if err := f(keys); err != nil {
			return err
		}
		rng.Start = append(bytes.Clone(keys[len(keys)-1]), 0)
	}
}
