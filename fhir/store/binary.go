package store

import (
	"context"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A Binary may be seen by those who may see the resource that it belongs to,
// its security context (R4 binary.html#security), as that resource is now:
// masked, moved to another patient or deleted since, it takes the Binary along
// (A19). So what is stored of the Binary is whose it is, a label that begins
// with contextLabel; whoever asks about access gets the patients and labels of
// that resource instead (rooted). No change of a document has to find its
// Binaries, however many and large they are.
//
// A Binary lies in the index under the patients that its context was about when
// it was written: where the context has moved, $everything of the new one does not
// find it, and that of the old one leaves it out (everything.go).
//
// The context is a Patient, which does not change, a resource of the same
// commit, or one that is stored and that the writer may see: what is withheld
// is absent (A05). Without a context, with one that is not there or with
// another Binary, a Binary is about nobody, and is its contributor's alone.
//
// Where somebody else contributed the context, the Binary follows it nowhere:
// as soon as the patients or labels of the context are others than those that
// it had when the Binary was written, it is its contributor's alone until it is
// written again. Else whoever moves or unmasks what is theirs would open what
// others brought (A19).
const (
	contextLabel = "context="       // the context, "context=DocumentReference/d"
	formerLabel  = "context-label=" // one that the context had when the Binary was written
)

// secure notes the security context of a Binary that is written.
func (s *Store) secure(ctx context.Context, c *change, changes []*change) error {
	context, ok := fhir.ParseReference(c.doc.Root().At("securityContext", "reference").Text())
	if !ok || context.Type == "Binary" {
		return nil
	}
	context = context.Current()
	if context.Type == "Patient" {
		c.facts.Patients = []string{context.ID}
		return nil
	}
	if i := slices.IndexFunc(changes, func(o *change) bool { return o.Key.Current() == context && o.doc != nil && !o.matched }); i >= 0 {
		c.belong(&changes[i].facts, context)
		return nil
	}
	return s.engine.View(ctx, func(r kv.Reader) error {
		rec, err := readCurrent(ctx, r, context.Type, context.ID)
		if err != nil || rec == nil || rec.effect == fhir.Deleted || c.Within == nil {
			return err
		}
		visible, err := sees(ctx, snapshot{r}, c.Within, []fhir.Facts{rec.facts})
		if err == nil && visible[0] {
			c.belong(&rec.facts, context)
		}
		return err
	})
}

// belong makes the Binary one of the resource.
func (c *change) belong(to *fhir.Facts, context fhir.Key) {
	c.facts.Patients = to.Patients
	c.facts.Labels = withContext(c.facts.Labels, context, to.Labels)
}

func withContext(labels []string, context fhir.Key, its []string) []string {
	labels = append(slices.Clip(labels), contextLabel+context.String())
	for _, l := range its {
		labels = append(labels, formerLabel+l)
	}
	slices.Sort(labels)
	return labels
}

// formerLabels are those that the context had when the Binary was written.
func formerLabels(f *fhir.Facts) (list []string) {
	for _, label := range f.Labels {
		if l, found := strings.CutPrefix(label, formerLabel); found {
			list = append(list, l)
		}
	}
	return list
}

// contextual reports whether a label is the store's own word on a context.
func contextual(label string) bool {
	return strings.HasPrefix(label, contextLabel) || strings.HasPrefix(label, formerLabel)
}

// contextOf is the resource that stored facts belong to.
func contextOf(f *fhir.Facts) (context fhir.Key, ok bool) {
	if f.Key.Type != "Binary" {
		return context, false
	}
	for _, label := range f.Labels {
		if name, found := strings.CutPrefix(label, contextLabel); found {
			return fhir.ParseReference(name)
		}
	}
	return context, false
}

// rooted returns stored facts as access is decided by: those of a Binary with
// the patients and labels that its context has in this snapshot, or that
// arriving, the changes of a commit under way, will give it.
func rooted(ctx context.Context, r kv.Reader, facts []fhir.Facts, arriving ...step) ([]fhir.Facts, error) {
	var contexts []fhir.Key
	for i := range facts {
		if context, ok := contextOf(&facts[i]); ok {
			contexts = append(contexts, context)
		}
	}
	if len(contexts) == 0 {
		return facts, nil
	}
	known, err := standing(ctx, r, contexts, arriving)
	if err != nil {
		return nil, err
	}
	facts = slices.Clone(facts)
	for i := range facts {
		if context, ok := contextOf(&facts[i]); ok {
			facts[i] = root(facts[i], known[context])
		}
	}
	return facts, nil
}

// standing reads the resources as they are, those that are there.
func standing(ctx context.Context, r kv.Reader, keys []fhir.Key, arriving []step) (map[fhir.Key]*fhir.Facts, error) {
	raw := make([][]byte, len(keys))
	for i, k := range keys {
		raw[i] = currentKey(k.Type, k.ID)
	}
	values, err := r.Get(ctx, raw...)
	if err != nil {
		return nil, err
	}
	known := make(map[fhir.Key]*fhir.Facts, len(keys))
	note := func(k fhir.Key, rec *record) {
		if known[k] = nil; rec.effect != fhir.Deleted {
			known[k] = &rec.facts
		}
	}
	for i, k := range keys {
		if values[i] == nil {
			continue
		}
		rec, err := decodeRecord(k.Type, k.ID, values[i])
		if err != nil {
			return nil, err
		}
		note(k, rec)
	}
	for _, s := range arriving {
		if s.next != nil && slices.Contains(keys, s.change.Key.Current()) {
			note(s.change.Key.Current(), s.next)
		}
	}
	return known, nil
}

// root gives the Binary what its context says, which is nil when there is none.
func root(binary fhir.Facts, context *fhir.Facts) fhir.Facts {
	follows := context != nil && (context.Contributor == binary.Contributor ||
		slices.Equal(context.Patients, binary.Patients) && slices.Equal(context.Labels, formerLabels(&binary)))
	binary.Patients = nil
	labels := slices.DeleteFunc(slices.Clone(binary.Labels), contextual)
	if follows {
		binary.Patients = context.Patients
		labels = append(labels, context.Labels...)
		slices.Sort(labels)
	}
	binary.Labels = slices.Compact(labels)
	return binary
}

// reveal makes the facts of resources that leave the store those that access is
// decided by.
func reveal(ctx context.Context, r kv.Reader, lists ...[]fhir.Resource) error {
	for _, list := range lists {
		if !slices.ContainsFunc(list, func(r fhir.Resource) bool { return r.Type == "Binary" }) {
			continue
		}
		stored := make([]fhir.Facts, len(list))
		for i := range list {
			stored[i] = list[i].Facts
		}
		facts, err := rooted(ctx, r, stored)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Facts = facts[i]
		}
	}
	return nil
}

// image is a version as the guard of a change and who asked for it are told.
func (tx *transaction) image(ctx context.Context, rec *record, arriving ...step) (fhir.Resource, error) {
	res := rec.parted()
	facts, err := rooted(ctx, tx.w, []fhir.Facts{res.Facts}, arriving...)
	if err == nil {
		res.Facts = facts[0]
	}
	return res, err
}
