package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// History returns versions, newest first (R4 http.html#history). Each version
// is judged by its own facts and by those of the current one, so that neither a
// record that was withheld later nor one that has moved to another patient
// shows through its past.
func (s *Store) History(ctx context.Context, q fhir.HistoryQuery) (page fhir.Page, err error) {
	if q.Within == nil {
		return page, errNoView("store.History")
	}
	q.Count = s.limits.count(q.Count)
	var after []byte
	if q.Cursor != "" {
		if after, err = s.openCursor(q.Cursor, bindingOfHistory(&q)); err != nil {
			return page, err
		}
	}
	err = s.engine.View(ctx, func(r kv.Reader) error {
		h := history{ctx: ctx, r: r, q: &q, page: fhir.Page{Total: -1}}
		if q.ID != "" {
			err = h.instance(after)
		} else {
			err = h.feed(after)
		}
		if page = h.page; err == nil {
			err = reveal(ctx, r, page.Matches)
		}
		return err
	})
	if err == nil && after == nil && page.Next == "" && q.Since.IsZero() {
		page.Total = len(page.Matches)
	}
	if err == nil && page.Next != "" {
		page.Next = s.sealCursor([]byte(page.Next), bindingOfHistory(&q))
	}
	page.Count = q.Count
	return page, err
}

type history struct {
	ctx  context.Context
	r    kv.Reader
	q    *fhir.HistoryQuery
	page fhir.Page // Next holds the position unsealed until History seals it
	last []byte    // position of the last version shown
}

// instance walks the versions of one resource. The position is the last
// version shown, 8 bytes.
func (h *history) instance(after []byte) error {
	cur, err := readCurrent(h.ctx, h.r, h.q.Type, h.q.ID)
	if err != nil {
		return err
	}
	if cur == nil {
		return errNotFound(fhir.Key{Type: h.q.Type})
	}
	visible, err := sees(h.ctx, snapshot{h.r}, h.q.Within, []fhir.Facts{cur.facts})
	if err != nil {
		return err
	}
	if !visible[0] {
		return errNotFound(fhir.Key{Type: h.q.Type})
	}
	rng := kv.Prefix(versionPrefix(h.q.Type, h.q.ID))
	if after == nil {
		if h.skip(cur) {
			return nil
		}
		res, err := cur.whole(h.ctx, h.r)
		if err != nil {
			return err
		}
		h.page.Matches = append(h.page.Matches, res)
	} else if len(after) == 8 {
		rng.Start = append(versionKey(h.q.Type, h.q.ID, binary.BigEndian.Uint64(after)), 0)
	}
	for more := true; more; {
		list, err := h.versions(&rng)
		if err == nil && len(list) > 0 {
			more, err = h.show(list)
		}
		if err != nil || len(list) < rng.Limit {
			return err // no more are there
		}
	}
	return nil
}

// versions reads as many earlier versions as the page has room for and one
// more, and moves the range behind them.
func (h *history) versions(rng *kv.Range) (list []*record, err error) {
	rng.Limit = h.q.Count - len(h.page.Matches) + 1
	for e, err := range h.r.Scan(h.ctx, *rng) {
		if err != nil {
			return nil, err
		}
		rec, err := decodeRecord(h.q.Type, h.q.ID, bytes.Clone(e.Value))
		if err != nil {
			return nil, err
		}
		if h.skip(rec) {
			break
		}
		list = append(list, rec)
		rng.Start = append(bytes.Clone(e.Key), 0)
	}
	return list, nil
}

// show puts those versions onto the page that may be seen, and reports whether
// it has room for more.
func (h *history) show(list []*record) (more bool, err error) {
	facts := make([]fhir.Facts, len(list))
	for i, rec := range list {
		facts[i] = rec.facts
	}
	visible, err := sees(h.ctx, snapshot{h.r}, h.q.Within, facts)
	if err != nil {
		return false, err
	}
	for i, rec := range list {
		switch {
		case !visible[i]:
		case len(h.page.Matches) == h.q.Count:
			last := h.page.Matches[len(h.page.Matches)-1]
			h.page.Next = string(binary.BigEndian.AppendUint64(nil, versionNumber(last.Version)))
			return false, nil
		default:
			res, err := rec.whole(h.ctx, h.r)
			if err != nil {
				return false, err
			}
			h.page.Matches = append(h.page.Matches, res)
		}
	}
	return true, nil
}

func (h *history) skip(rec *record) bool {
	return !h.q.Since.IsZero() && rec.lastUpdated < h.q.Since.UnixMilli()
}

// A feedEntry is one change.
type feedEntry struct {
	typ, id string
	seq     uint64
	version uint64
	facts   fhir.Facts
}

func encodeFeed(r *record) []byte {
	b := binary.AppendUvarint(nil, r.version)
	return appendFacts(append(b, byte(r.effect)), &r.facts)
}

func decodeFeed(e kv.Entry) (f feedEntry, err error) {
	i := bytes.IndexByte(e.Key, 0)
	if i < 2 || e.Key[0] != famFeed && e.Key[0] != famPast {
		return f, corrupt("history key")
	}
	if f, err = readFeed(string(e.Key[1:i]), e.Key[i+1:], e.Value); e.Key[0] == famPast {
		f.seq = ^f.seq
	}
	return f, err
}

// readFeed reads a last change by what its key has after the type.
func readFeed(typ string, key, value []byte) (f feedEntry, err error) {
	if len(key) < 9 {
		return f, corrupt("history key")
	}
	f.typ, f.seq, f.id = typ, binary.BigEndian.Uint64(key), string(key[8:])
	d := decoder{b: value}
	f.version = d.uvarint()
	d.byte()
	var fr factsReader
	f.facts = fr.read(&d)
	f.facts.Key = fhir.Key{Type: f.typ, ID: f.id}
	if d.bad {
		return f, corrupt("history of a %s", f.typ)
	}
	return f, nil
}

// feed walks the history of a type or of all types: the merge of the last changes
// and the others of each. The position is the last sequence number, type and id
// shown.
func (h *history) feed(after []byte) error {
	for len(h.page.Matches) <= h.q.Count {
		entries, err := h.fetch(after, h.q.Count+1)
		if err != nil {
			return err
		}
		if err := h.take(entries); err != nil || h.page.Next != "" {
			return err
		}
		if len(entries) <= h.q.Count {
			return nil
		}
		after = feedPosition(&entries[len(entries)-1])
	}
	return nil
}

func feedPosition(f *feedEntry) []byte {
	return append(binary.BigEndian.AppendUint64(nil, ^f.seq), f.typ+"\x00"+f.id...)
}

// compareFeed is the merged order.
func compareFeed(a, b feedEntry) int {
	return cmp.Or(cmp.Compare(b.seq, a.seq), strings.Compare(a.typ, b.typ), strings.Compare(a.id, b.id))
}

// feedRanges are what holds the changes of a type that come after a position: what
// was changed together with that, the last changes before, and the others.
func feedRanges(typ string, after []byte) []kv.Range {
	before, other := kv.Prefix(feedPrefix(typ)), kv.Prefix(pastPrefix(typ))
	before.Reverse = true
	if after == nil {
		return []kv.Range{before, other}
	}
	d := decoder{b: after}
	seq := ^d.uint64()
	last, id, _ := strings.Cut(string(d.b), "\x00")
	together := kv.Prefix(feedKey(typ, seq, ""))
	before.End, other.Start = together.Start, pastKey(typ, seq, "")
	switch {
	case typ == last:
		together.Start, other.Start = append(feedKey(typ, seq, id), 0), append(pastKey(typ, seq, id), 0)
	case typ < last:
		other.Start = pastKey(typ, seq-1, "")
		return []kv.Range{before, other}
	}
	return []kv.Range{together, before, other}
}

// fetch returns the next n changes after a position.
func (h *history) fetch(after []byte, n int) ([]feedEntry, error) {
	types := []string{h.q.Type}
	if h.q.Type == "" {
		types = resourceTypes()
	}
	var ranges []kv.Range
	for _, typ := range types {
		ranges = append(ranges, feedRanges(typ, after)...)
	}
	entries, cut, err := h.read(ranges, n)
	if err == nil && len(cut) > 0 {
		var rest []feedEntry
		rest, _, err = h.read(cut, n)
		entries = append(entries, rest...)
	}
	slices.SortFunc(entries, compareFeed)
	return entries[:min(n, len(entries))], err
}

// read returns the first n changes of each range. Where a range goes backwards and
// has more, cut is what was changed together with the last: read to its first id.
func (h *history) read(ranges []kv.Range, n int) (entries []feedEntry, cut []kv.Range, err error) {
	counts := make([]int, len(ranges))
	for i := range ranges {
		ranges[i].Limit = n
	}
	for e, err := range h.r.Scan(h.ctx, ranges...) {
		if err != nil {
			return nil, nil, err
		}
		f, err := decodeFeed(e)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, f)
		if counts[e.Range]++; counts[e.Range] == n && ranges[e.Range].Reverse {
			cut = append(cut, kv.Range{Start: feedKey(f.typ, f.seq, ""), End: bytes.Clone(e.Key)})
		}
	}
	return entries, cut, nil
}

// take adds the versions that may be seen, and stops with the position after
// the page when there is one more.
func (h *history) take(entries []feedEntry) error {
	facts := make([]fhir.Facts, len(entries))
	current := make([][]byte, len(entries))
	for i := range entries {
		facts[i] = entries[i].facts
		current[i] = currentKey(entries[i].typ, entries[i].id)
	}
	then, err := sees(h.ctx, snapshot{h.r}, h.q.Within, facts)
	if err != nil || len(entries) == 0 {
		return err
	}
	values, err := h.r.Get(h.ctx, current...)
	if err != nil {
		return err
	}
	for i := range entries {
		if !then[i] || values[i] == nil {
			continue
		}
		if err := h.add(&entries[i], values[i]); err != nil || h.page.Next != "" {
			return err
		}
	}
	return nil
}

// add appends one version to the page, given the value of the current one.
func (h *history) add(f *feedEntry, value []byte) error {
	rec, err := decodeRecord(f.typ, f.id, value)
	if err != nil {
		return err
	}
	now, err := sees(h.ctx, snapshot{h.r}, h.q.Within, []fhir.Facts{rec.facts})
	if err != nil || !now[0] {
		return err
	}
	if rec.version != f.version {
		key := fhir.Key{Type: f.typ, ID: f.id, Version: versionText(f.version)}
		if rec, err = readVersion(h.ctx, h.r, key, rec); err != nil || rec == nil {
			return err
		}
	}
	if h.skip(rec) {
		return nil
	}
	if len(h.page.Matches) == h.q.Count {
		h.page.Next = string(h.last)
		return nil
	}
	res, err := rec.whole(h.ctx, h.r)
	if err != nil {
		return err
	}
	h.page.Matches = append(h.page.Matches, res)
	h.last = feedPosition(f)
	return nil
}
