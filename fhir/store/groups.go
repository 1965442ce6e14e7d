package store

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/recent"
)

// groups numbers the facts that counted postings carry: all records of a type
// with the same facts are one group, whichever list they are in, so that what a
// view says of a group is asked once for all lists. counts.mu guards it.
type groups struct {
	numbers  map[string]uint32
	texts    []string // by number; only ever appended to
	size     int      // about, in bytes
	most     int
	opinions recent.Map[*opinion] // by fingerprint
}

func newGroups(most, ofOpinions int) *groups {
	return &groups{numbers: map[string]uint32{}, most: most,
		opinions: recent.New(ofOpinions, func(key string, v *opinion) int { return len(key) + v.size() })}
}

// groupText is the name of a group: the type and the facts.
func groupText(f *fhir.Facts) string {
	b := make([]byte, 0, 96)
	return string(appendFacts(appendString(b, f.Key.Type), f))
}

// appendGroup appends what groupText writes after the type, of facts as a posting has
// them.
func (nr *namedReader) appendGroup(b []byte, d *decoder) []byte {
	if nr.contributor = nr.names.read(d, nr.contributor); nr.contributor == "" {
		b = append(b, 0)
	} else {
		b = appendString(append(b, 1), nr.contributor)
	}
	var buffer [36]byte
	n := d.uvarint()
	b = binary.AppendUvarint(b, n)
	for ; n > 0 && !d.bad; n-- {
		id := d.id(&buffer)
		b = append(binary.AppendUvarint(b, uint64(len(id))), id...)
	}
	nr.labels = nr.names.readLabels(d, nr.labels)
	return appendStrings(b, nr.labels)
}

// A groupReader undoes groupText. What it hands out are parts of the text, and the
// patients of many groups lie together.
type groupReader struct {
	labels   factsReader
	buf      []byte // the text
	patients []string
}

func (gr *groupReader) read(text string) (f fhir.Facts) {
	gr.buf = append(gr.buf[:0], text...)
	d := decoder{b: gr.buf}
	part := func() string {
		n := len(d.bytes())
		end := len(text) - len(d.b)
		return text[end-n : end]
	}
	if f.Key.Type = part(); d.uvarint() > 0 {
		f.Contributor = part()
	}
	n := int(d.uvarint())
	if cap(gr.patients)-len(gr.patients) < n {
		gr.patients = make([]string, 0, max(256, n))
	}
	first := len(gr.patients)
	for range n {
		gr.patients = append(gr.patients, part())
	}
	if n > 0 {
		f.Patients = gr.patients[first:len(gr.patients):len(gr.patients)]
	}
	f.Labels = gr.labels.readLabels(&d)
	return f
}

// number numbers a group; false when there are too many.
func (g *groups) number(text string) (uint32, bool) {
	n, known := g.numbers[text]
	if known {
		return n, true
	}
	const perGroup = 64
	if g.size += len(text) + perGroup; g.size > g.most || len(g.texts) >= timelineGroups {
		return 0, false
	}
	n = uint32(len(g.texts))
	g.texts, g.numbers[text] = append(g.texts, text), n
	return n, true
}

// An opinion is what one view has said of groups, as of a version of the
// policies. It is never changed, only replaced.
type opinion struct {
	version uint64
	stands  fhir.Judgement  // Since and Until
	said    []byte          // by group
	others  map[string]bool // names that were asked about beside the patients of the groups
}

// What a view says of a group.
const (
	judged = 1 << iota
	alike
	visible
)

func (v *opinion) size() int { return 200 + len(v.said) + 64*len(v.others) }

// after is the opinion as of another version of the policies, of which the
// names have changed: what does not rest on those stands. Nil if none does.
func (v *opinion) after(version uint64, names []string, texts []string) *opinion {
	changed := map[string]bool{}
	for _, name := range names {
		if v.others[name] {
			return nil
		}
		changed[name] = true
	}
	next := &opinion{version: version, stands: v.stands, said: slices.Clone(v.said), others: v.others}
	var gr groupReader
	for i, text := range texts[:min(len(texts), len(v.said))] {
		f := gr.read(text)
		if slices.ContainsFunc(f.Patients, func(p string) bool { return changed[p] }) {
			next.said[i] = 0
		}
	}
	return next
}

// opinion returns what the view of a fingerprint has said of groups, if that
// stands; else nil.
func (k *counts) opinion(g *groups, fingerprint string) *opinion {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, _ := g.opinions.Get(fingerprint)
	return v
}

// record keeps an opinion, unless there is one as of a later version.
func (k *counts) record(g *groups, fingerprint string, v *opinion) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, ok := g.opinions.Get(fingerprint); !ok || known.version <= v.version {
		g.opinions.Put(fingerprint, v)
	}
}

// all reports whether so much was said of all groups of a list.
func (h *holding) all(v *opinion, said byte) bool {
	for _, s := range h.base {
		if v.said[s.group]&said == 0 {
			return false
		}
	}
	for i := range h.tail {
		if v.said[h.tail[i].group]&said == 0 {
			return false
		}
	}
	return true
}

// open are the groups of a list of which nothing was said.
func (h *holding) open(v *opinion) (list []uint32) {
	for _, s := range h.base {
		if v.said[s.group] == 0 {
			list = append(list, s.group)
		}
	}
	for i := range h.tail {
		if v.said[h.tail[i].group] == 0 {
			list = append(list, h.tail[i].group)
		}
	}
	return list
}

// opinion returns what the view says of the groups of a list. It asks about what
// it has not been told before; about more than most it does not, and returns nil.
func (x *execution) opinion(h *holding, most int) (*opinion, error) {
	now := x.told(h)
	switch open := h.open(now); {
	case len(open) == 0:
		return now, nil
	case len(open) > most:
		return nil, nil
	default:
		return x.ask(h, now, open)
	}
}

// told is what the view has said before of the groups of a list, as far as that
// stands.
func (x *execution) told(h *holding) *opinion {
	now := &opinion{version: x.sight.version}
	if view, ok := x.sight.view.(fhir.Standing); ok {
		if v := x.store.counts.opinion(h.groups, string(view.Fingerprint())); v != nil {
			now = x.current(v, view, h)
		}
	}
	if len(now.said) < len(h.texts) { // of another list's groups nothing is said
		grown := *now
		grown.said = append(make([]byte, 0, len(h.texts)), now.said...)[:len(h.texts)]
		now = &grown
	}
	return now
}

// ask is an opinion with what the view says of groups besides, and keeps it.
func (x *execution) ask(h *holding, now *opinion, open []uint32) (*opinion, error) {
	next := *now
	next.said, next.others = slices.Clone(now.said), maps.Clone(now.others)
	if err := x.askOf(h, &next, open); err != nil {
		return nil, err
	}
	if view, ok := x.sight.view.(fhir.Standing); ok && next.stands.Stands(view.Now()) {
		x.store.counts.record(h.groups, string(view.Fingerprint()), &next)
	}
	return &next, nil
}

// learn has the view judge groups of a list for as long as it took to count it
// otherwise, so that after some counts the next is added up from memory: whoever
// counts by the bounds of the view would do so for ever. Where that is not much
// faster it does nothing.
func (x *execution) learn(h *holding, took time.Duration) error {
	const perGroup, part = 32 * time.Nanosecond, 256 // four times what it takes to add one up
	if took < time.Duration(len(h.base)+len(h.tail))*perGroup {
		return nil
	}
	until := time.Now().Add(took)
	if deadline, ok := x.ctx.Deadline(); ok && deadline.Before(until.Add(took)) {
		return nil
	}
	now := x.told(h)
	for open := h.open(now); len(open) > 0 && time.Now().Before(until); {
		n := min(part, len(open))
		next, err := x.ask(h, now, open[:n])
		if err != nil {
			return err
		}
		now, open = next, open[n:]
	}
	return nil
}

// current is what stands of an opinion now, in the snapshot of the execution.
func (x *execution) current(v *opinion, view fhir.Standing, h *holding) *opinion {
	fresh := &opinion{version: x.sight.version}
	if !v.stands.Stands(view.Now()) {
		return fresh
	}
	if v.version == x.sight.version {
		return v
	}
	if names, ok := x.store.epochs.changed(v.version, x.sight.version); ok {
		if next := v.after(x.sight.version, names, h.texts); next != nil {
			return next
		}
	}
	return fresh
}

// askOf asks the view about groups.
func (x *execution) askOf(h *holding, v *opinion, open []uint32) error {
	var gr groupReader
	for len(open) > 0 {
		if err := x.ctx.Err(); err != nil {
			return err
		}
		part := open[:min(len(open), tallied)]
		open = open[len(part):]
		facts := x.facts[:0]
		for _, n := range part {
			facts = append(facts, gr.read(h.texts[n]))
		}
		x.facts = facts
		j, others, err := x.sight.judge(facts)
		if err != nil {
			return err
		}
		for i, n := range part {
			v.said[n] = judged
			if j.Alike[i] {
				v.said[n] |= alike
			}
			if j.Visible[i] {
				v.said[n] |= visible
			}
		}
		v.stands = overlap(v.stands, j)
		if v.others == nil {
			v.others = map[string]bool{}
		}
		maps.Copy(v.others, others)
	}
	return nil
}

// overlap is when both of two judgements stand.
func overlap(a, b fhir.Judgement) fhir.Judgement {
	if b.Since.After(a.Since) {
		a.Since = b.Since
	}
	if a.Until.IsZero() || !b.Until.IsZero() && b.Until.Before(a.Until) {
		a.Until = b.Until
	}
	return fhir.Judgement{Since: a.Since, Until: a.Until}
}
