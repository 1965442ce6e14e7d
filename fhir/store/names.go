package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// The dictionary of a store takes so many texts, of so many bytes. What it does
// not take is written out.
const (
	namesMost = 1 << 16
	nameBytes = 128
)

// A naming is the dictionary of a store: contributors and labels are few, and
// stand in the rows and every posting of a resource, where a number says them.
// A text is written as one uvarint, and what follows it:
//
//	0    none
//	1    text(len, bytes)
//	n+2  nothing: the text under the key of n
//
// A text that has no number is written out, and gets a number after the commit
// that brought it (sequencer.name). The number is published when it is durable,
// and used after that, so nobody ever reads a number before its text. It stays
// for good.
type naming struct {
	texts   atomic.Pointer[[]string] // by number; only ever appended to
	numbers map[string]uint64        // of the one that writes: the sequencer, or a check
}

// loadNames reads the dictionary. A number of which the text is missing is not
// readable; Reindex writes anew what was written with it.
func loadNames(ctx context.Context, r kv.Reader) (*naming, error) {
	var texts []string
	for e, err := range r.Scan(ctx, kv.Prefix([]byte{famName})) {
		if err != nil {
			return nil, err
		}
		if len(e.Key) != 5 {
			return nil, corrupt("name key")
		}
		n := int(binary.BigEndian.Uint32(e.Key[1:]))
		if n < len(texts) || n >= namesMost {
			return nil, corrupt("name key")
		}
		texts = append(append(texts, make([]string, n-len(texts))...), string(e.Value))
	}
	n := &naming{numbers: make(map[string]uint64, len(texts))}
	for i, text := range texts {
		if text != "" {
			n.numbers[text] = uint64(i)
		}
	}
	n.texts.Store(&texts)
	return n, nil
}

// fresh appends to list the texts of facts that should get a number.
func (n *naming) fresh(list []string, f *fhir.Facts) []string {
	consider := func(text string) {
		if _, numbered := n.numbers[text]; !numbered && text != "" && len(text) <= nameBytes &&
			len(*n.texts.Load())+len(list) < namesMost && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	consider(f.Contributor)
	for _, label := range f.Labels {
		if !strings.HasPrefix(label, contextLabel) { // as many as documents
			consider(label)
		}
	}
	return list
}

// writes are what makes the next numbers durable, those of the texts.
func (n *naming) writes(texts []string) []write {
	next := uint32(len(*n.texts.Load()))
	list := make([]write, len(texts))
	for i, text := range texts {
		list[i] = write{key: nameKey(next + uint32(i)), value: []byte(text)}
	}
	return list
}

// publish gives out the numbers of texts, for which writes has been put.
func (n *naming) publish(texts []string) {
	all := *n.texts.Load()
	for i, text := range texts {
		n.numbers[text] = uint64(len(all) + i)
	}
	all = append(all, texts...) // beyond what anybody reads
	n.texts.Store(&all)
}

// append writes a text.
func (n *naming) append(b []byte, text string) []byte {
	if text == "" {
		return append(b, 0)
	}
	if number, ok := n.numbers[text]; ok {
		return binary.AppendUvarint(b, number+2)
	}
	return appendString(append(b, 1), text)
}

// appendFacts writes facts as rows and postings have them: as appendFacts does,
// with contributor and labels by number and patients in few bytes.
func (n *naming) appendFacts(b []byte, f *fhir.Facts) []byte {
	b = binary.AppendUvarint(n.append(b, f.Contributor), uint64(len(f.Patients)))
	for _, p := range f.Patients {
		b = appendID(b, p)
	}
	b = binary.AppendUvarint(b, uint64(len(f.Labels)))
	for _, label := range f.Labels {
		b = n.append(b, label)
	}
	return b
}

// A namedReader decodes facts as rows and postings have them. As a factsReader
// does, it hands out the strings of the facts before when they are the same.
type namedReader struct {
	names       *naming
	contributor string
	raw         []byte // of patients
	patients    []string
	labels      []string
}

func (s *Store) namedReader() namedReader { return namedReader{names: s.names} }

func (nr *namedReader) read(d *decoder) fhir.Facts {
	nr.contributor = nr.names.read(d, nr.contributor)
	nr.readPatients(d)
	nr.labels = nr.names.readLabels(d, nr.labels)
	return fhir.Facts{Contributor: nr.contributor, Patients: nr.patients, Labels: nr.labels}
}

// readPatients reads the ids of patients, which are mostly those of before.
func (nr *namedReader) readPatients(d *decoder) {
	from := d.b
	skipIDs(d)
	raw := from[:len(from)-len(d.b)]
	if d.bad || bytes.Equal(raw, nr.raw) {
		return
	}
	own, buffer := decoder{b: raw}, [36]byte{}
	var list []string
	if n := own.uvarint(); n > 0 {
		list = make([]string, n)
	}
	for i := range list {
		list[i] = string(own.id(&buffer))
	}
	d.bad = d.bad || own.bad
	nr.raw, nr.patients = append(nr.raw[:0], raw...), list
}

// read reads a text, and returns before when it is the same.
func (n *naming) read(d *decoder, before string) string {
	switch number := d.uvarint(); number {
	case 0:
		return ""
	case 1:
		if text := d.bytes(); string(text) != before {
			return string(text)
		}
		return before
	default:
		if texts := *n.texts.Load(); number-2 < uint64(len(texts)) && texts[number-2] != "" {
			return texts[number-2]
		}
		d.bad, d.b = true, nil
		return ""
	}
}

// readLabels reads a list, and returns before itself when it holds the same.
func (n *naming) readLabels(d *decoder, before []string) []string {
	count := d.uvarint()
	if count > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return nil
	}
	if count == 0 {
		return nil
	}
	list, own := before, false
	if uint64(len(before)) != count {
		list, own = make([]string, count), true
	}
	for i := range list {
		text := n.read(d, list[i])
		if text == list[i] {
			continue
		}
		if !own {
			list, own = slices.Clone(before), true
		}
		list[i] = text
	}
	return list
}

// skipName passes over a text.
func skipName(d *decoder) {
	if d.uvarint() == 1 {
		d.bytes()
	}
}

// name gives numbers to the texts that a batch has brought, in an Update of its
// own: the batch is durable whether or not it succeeds, and what has no number
// then is written out once more.
func (q *sequencer) name(batch []*commit) {
	names := q.store.names
	var texts []string
	for _, p := range batch {
		if p.err != nil {
			continue
		}
		for i := range p.results {
			texts = names.fresh(texts, &p.results[i].Facts)
		}
	}
	if len(texts) == 0 {
		return
	}
	err := q.store.engine.Update(context.Background(), func(w kv.Writer) error {
		for _, one := range names.writes(texts) {
			if err := w.Put(one.key, one.value); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		names.publish(texts)
	}
}
