package audit

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A holding is what the index held when a search began: the chapters that are
// written, and of the others what the search wants.
type holding struct {
	extents []extent
	found   []posting
}

// hold returns what the index holds of the terms. A reader that is opened
// afterwards has all of its extents.
func (x *index) hold(terms []term) holding {
	x.mu.Lock()
	defer x.mu.Unlock()
	h := holding{extents: x.extents}
	for _, c := range x.open {
		h.found = append(h.found, c.find(terms)...)
	}
	return h
}

// stream yields the records that have one of some terms in the order of time,
// each once. It opens a chapter when it has come to its time.
type stream struct {
	reader   kv.Reader
	terms    []term
	from, to moment // both included
	reverse  bool   // newest first

	extents []extent  // not opened yet, in order
	found   []posting // of those that are, in order
}

func newStream(r kv.Reader, h holding, terms []term, from, to moment, reverse bool) *stream {
	s := &stream{reader: r, terms: terms, from: from, to: to, reverse: reverse}
	for _, sp := range h.extents {
		if sp.last >= from.time.UnixMilli() && sp.first <= to.time.UnixMilli() {
			s.extents = append(s.extents, sp)
		}
	}
	slices.SortStableFunc(s.extents, func(a, b extent) int {
		if reverse {
			return cmp.Compare(b.last, a.last)
		}
		return cmp.Compare(a.first, b.first)
	})
	s.add(h.found)
	return s
}

// add takes in what was found in a chapter.
func (s *stream) add(found []posting) {
	for _, p := range found {
		if p.compare(s.from) >= 0 && p.compare(s.to) <= 0 {
			s.found = append(s.found, p)
		}
	}
	slices.SortFunc(s.found, func(p, q posting) int {
		if s.reverse {
			p, q = q, p
		}
		return p.compare(q.moment)
	})
}

// next returns the next record, false after the last.
func (s *stream) next(ctx context.Context) (posting, bool, error) {
	for len(s.extents) > 0 && (len(s.found) == 0 || !s.before(s.found[0], s.extents[0])) {
		sp := s.extents[0]
		s.extents = s.extents[1:]
		found, err := findIn(ctx, s.reader, sp.number, s.terms)
		if err != nil {
			return posting{}, false, err
		}
		s.add(found)
	}
	if len(s.found) == 0 {
		return posting{}, false, nil
	}
	p := s.found[0]
	s.found = s.found[1:]
	return p, true, nil
}

// before reports whether a record comes before all of a chapter.
func (s *stream) before(p posting, sp extent) bool {
	if s.reverse {
		return p.time.UnixMilli() > sp.last
	}
	return p.time.UnixMilli() < sp.first
}

// findIn returns the records of a written chapter that have one of the terms, in
// the order of their numbers.
func findIn(ctx context.Context, r kv.Reader, number uint64, terms []term) (found []posting, err error) {
	const pages = 1 << (chapterBits - pageBits)
	first := number << chapterBits
	if slices.ContainsFunc(terms, func(t term) bool { return t.kind == termAll }) {
		for e, err := range r.Scan(ctx, kv.Range{Start: pageKey(first >> pageBits), End: pageKey(first>>pageBits + pages)}) {
			if err == nil {
				found, err = appendPage(found, pageOf(e.Key), e.Value)
			}
			if err != nil {
				return nil, err
			}
		}
		return found, nil
	}
	var records recordSet
	var wanted [pages]bool
	for _, term := range hashes(terms) {
		if err := eachMention(ctx, r, number, term, func(record uint16) {
			records.add(record)
			wanted[record>>pageBits] = true
		}); err != nil {
			return nil, err
		}
	}
	var keys [][]byte
	for i, w := range wanted {
		if w {
			keys = append(keys, pageKey(first>>pageBits+uint64(i)))
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	values, err := r.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		if found, err = appendPage(found, pageOf(keys[i]), v); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(found, func(p posting) bool { return !records.has(inChapter(p.seq)) }), nil
}

// eachMention calls f for each record of a written chapter that has the term.
func eachMention(ctx context.Context, r kv.Reader, number, term uint64, f func(record uint16)) error {
	start := blockKey(number, mention{term: term})
	for e, err := range r.Scan(ctx, kv.Range{Start: start, End: kv.PrefixEnd(blockPrefix(number))}) {
		if err != nil {
			return err
		}
		if len(e.Value)%mentionSize != 0 {
			return kv.ErrCorrupt
		}
		n := len(e.Value) / mentionSize
		i := 0
		for low, high := 0, n; low < high; { // the first of the term
			middle := (low + high) / 2
			if binary.BigEndian.Uint64(e.Value[middle*mentionSize:]) < term {
				low = middle + 1
			} else {
				high = middle
			}
			i = low
		}
		for ; i < n; i++ {
			m := mentionOf(e.Value[i*mentionSize:])
			if m.term != term {
				return nil
			}
			f(m.record)
		}
	}
	return nil
}

// placeOf finds a record by its number.
func (x *index) placeOf(ctx context.Context, seq uint64) (w where, ok bool, err error) {
	if w, ok := x.openPlaceOf(seq); ok {
		return w, true, nil
	}
	err = x.engine.View(ctx, func(r kv.Reader) error {
		page := seq >> pageBits
		values, err := r.Get(ctx, pageKey(page))
		if err != nil {
			return err
		}
		rows, err := appendPage(nil, page, values[0])
		if i := slices.IndexFunc(rows, func(p posting) bool { return p.seq == seq }); i >= 0 {
			w, ok = rows[i].where, true
		}
		return err
	})
	return w, ok, err
}

// openPlaceOf looks into the chapters that are not written yet.
func (x *index) openPlaceOf(seq uint64) (where, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.open {
		if c.number != chapterOf(seq) {
			continue
		}
		if i := slices.IndexFunc(c.rows, func(p posting) bool { return p.seq == seq }); i >= 0 {
			return c.rows[i].where, true
		}
	}
	return where{}, false
}
