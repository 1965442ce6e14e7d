package store

import (
	"bytes"
	"slices"
)

// A recording is a posting list while a count reads it for the first time, to be
// kept. What is written meanwhile the sequencer keeps beside it (counts.carry),
// so that a store to which others write is counted from memory too.
type recording struct {
	counts *counts
	list   []byte
	stamp  uint64 // of the snapshot that is read
	ticket uint64 // 0 when it will not be kept

	names *namedReader
	typ   string
	by    map[string]uint32 // number of a group in here, by the facts as they are stored
	texts []string          // of the groups, by that number
	n     []uint32          // how many there are of each
	dates *timeline         // with those numbers; nil when nobody asks for them
	facts []byte            // of the posting before
	text  []byte            // of the group before
	at    uint32            // their number
	size  int
}

// begin registers a recording of a list.
func (k *counts) begin(list []byte, stamp uint64, dated bool) *recording {
	r := &recording{counts: k, list: list, stamp: stamp, by: map[string]uint32{}}
	if dated {
		r.dates = &timeline{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.right == 0 {
		k.right = stamp
	}
	if k.right == stamp {
		k.recordings++
		r.ticket = k.recordings
		k.kept.Put(string(list), &counted{under: r.ticket, dated: dated})
	}
	return r
}

// add takes in a posting, and reports whether it did: a recording ends when it
// becomes too large or meets what says no date.
func (r *recording) add(e posted) (bool, error) {
	rest, same := bytes.CutPrefix(e.value, r.facts) // facts tell where they end
	if !same || len(r.texts) == 0 {
		var facts []byte
		var ok bool
		if facts, rest, ok = splitFacts(e.value); !ok {
			return false, corrupt("posting of a %s", r.typ)
		}
		r.facts = append(r.facts[:0], facts...)
		if err := r.group(); err != nil {
			return false, err
		}
	}
	r.n[r.at]++
	if r.dates == nil {
		return r.size < r.counts.most(), nil
	}
	if len(rest) == 0 || rest[0]&postingDated == 0 {
		return false, nil
	}
	r.dates.add(r.at, rest[1:])
	r.size += 8
	return r.size < r.counts.most() && len(r.dates.odd) < r.counts.most()/64 && len(r.texts) < timelineGroups, nil
}

// group finds the number of the facts.
func (r *recording) group() error {
	var known bool
	if r.at, known = r.by[string(r.facts)]; known {
		return nil
	}
	d := decoder{b: r.facts}
	if r.text = r.names.appendGroup(appendString(r.text[:0], r.typ), &d); d.bad {
		return corrupt("posting of a %s", r.typ)
	}
	r.at = uint32(len(r.texts))
	r.by[string(r.facts)] = r.at
	r.texts, r.n = append(r.texts, string(r.text)), append(r.n, 0)
	r.size += len(r.facts) + 64
	return nil
}

// most is how much of one list is kept, in bytes.
func (k *counts) most() int { return k.size / countsPart }

// giveUp notes that the list is not to be recorded again.
func (r *recording) giveUp() {
	r.counts.mu.Lock()
	defer r.counts.mu.Unlock()
	r.counts.replace(r, &counted{vast: true, dated: true})
}

// end keeps the list, and returns what it is in the snapshot that was read; nil
// if that has too many groups.
func (r *recording) end() *holding {
	k := r.counts
	k.mu.Lock()
	defer k.mu.Unlock()
	numbers := make([]uint32, len(r.texts))
	for i, text := range r.texts {
		n, ok := k.groups.number(text)
		if !ok {
			k.drop() // begins anew with the next count
			return nil
		}
		numbers[i] = n
	}
	c := counted{dates: r.dates, dated: r.dates != nil, base: sumsOf(numbers, r.n)}
	if r.dates != nil {
		r.dates.renumber(numbers)
	}
	k.replace(r, &c)
	return &holding{c, k.groups, k.groups.texts}
}

// sumsOf adds up by number: the same facts may be stored in two forms.
func sumsOf(numbers, n []uint32) []sum {
	list := make([]sum, 0, len(numbers))
	for i, group := range numbers {
		list = append(list, sum{group, n[i]})
	}
	slices.SortFunc(list, func(a, b sum) int { return int(a.group) - int(b.group) })
	out := list[:0]
	for _, s := range list {
		if last := len(out) - 1; last >= 0 && out[last].group == s.group {
			out[last].n += s.n
			continue
		}
		out = append(out, s)
	}
	return out
}

// replace puts what a recording has come to in its place, with what was carried
// over since it began.
func (k *counts) replace(r *recording, c *counted) {
	now, ok := k.kept.Get(string(r.list))
	if !ok || r.ticket == 0 || now.under != r.ticket {
		return
	}
	done := *c
	if !c.vast {
		done.tail = now.tail
	}
	k.kept.Put(string(r.list), &done)
}
