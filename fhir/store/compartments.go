package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/recent"
)

// patientRows are the rows under a patient, of one type or of all, by type and
// id.
type patientRows struct {
	names   *naming
	kept    *compartments // nil within a transaction
	patient string
	typ     string // empty for all
}

func (p *patientRows) key() []byte {
	if p.typ == "" {
		return append(append([]byte{famRows}, p.patient...), 0)
	}
	return rowsPrefix(p.patient, p.typ)
}

// scan proposes the resources after one of them, all for the zero Key.
func (p *patientRows) scan(ctx context.Context, r kv.Reader, after fhir.Key) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		held, err := p.kept.get(ctx, r, p)
		switch {
		case err != nil:
			yield(candidate{}, err)
		case held != nil:
			held.scan(after, yield)
		default:
			p.read(ctx, r, after, yield)
		}
	}
}

// read goes through the rows in the engine, and keeps them when it has come from
// the first to the last.
func (p *patientRows) read(ctx context.Context, r kv.Reader, after fhir.Key, yield func(candidate, error) bool) {
	var next *compartment
	prefix := p.key()
	rng := kv.Prefix(prefix)
	if after != (fhir.Key{}) {
		rng.Start = append(rowsKey(p.patient, after.Type, after.ID), 0)
	} else if p.kept != nil {
		next = &compartment{patient: p.patient}
	}
	stamp := stampKey(p.patient)
	rr := rowsReader{facts: namedReader{names: p.names}}
	for e, err := range r.Scan(ctx, kv.Range{Start: stamp, End: append(bytes.Clone(stamp), 0), Limit: 1}, rng) {
		if err != nil {
			yield(candidate{}, err)
			return
		}
		if e.Range == 0 {
			next.stampedBy(e.Value)
			continue
		}
		typ, id := p.typ, string(e.Key[len(prefix):])
		if typ == "" {
			typ, id, _ = strings.Cut(id, "\x00")
		}
		value := next.own(e.Value)
		rs, err := rr.read(typ, id, value)
		if err != nil {
			yield(candidate{}, err)
			return
		}
		lasting := next != nil
		next = next.add(rs, value)
		if !yield(candidate{typ: typ, id: id, facts: rs.facts, rows: rs, raw: value, lasting: lasting, scope: p.patient}, nil) {
			return
		}
	}
	p.kept.put(p, next)
}

// A compartment is what patientRows has read of the state that a stamp names.
type compartment struct {
	patient string
	stamp   uint64
	list    []keptRows
	values  []byte // where the latest of raw lie
	size    int    // of list, about, in bytes
}

type keptRows struct {
	rows
	raw []byte
}

// compartmentMost is the size beyond which a compartment is not kept: that of
// some thousand resources, which to read again costs milliseconds.
const compartmentMost = 1 << 20

func (c *compartment) stampedBy(value []byte) {
	if c != nil && len(value) == 8 {
		c.stamp = binary.BigEndian.Uint64(value)
	}
}

// add takes in one more, and returns nil when the compartment has become too
// large to keep.
func (c *compartment) add(rs *rows, raw []byte) *compartment {
	if c == nil {
		return nil
	}
	const perResource = 256
	if c.size += perResource; c.size > compartmentMost {
		return nil
	}
	c.list = append(c.list, keptRows{*rs, raw})
	return c
}

// own returns a value that lasts, if there is a compartment to keep it in: those of
// neighbours lie in one piece of memory.
func (c *compartment) own(value []byte) []byte {
	if c == nil {
		return value
	}
	const piece = 8 // values as this one
	if cap(c.values)-len(c.values) < len(value) {
		c.values = make([]byte, 0, piece*len(value))
		c.size += cap(c.values)
	}
	start := len(c.values)
	c.values = append(c.values, value...)
	return c.values[start:len(c.values):len(c.values)]
}

// scan proposes what comes after a Key.
func (c *compartment) scan(after fhir.Key, yield func(candidate, error) bool) {
	first := 0
	if after != (fhir.Key{}) {
		first, _ = slices.BinarySearchFunc(c.list, after, func(k keptRows, after fhir.Key) int {
			if order := strings.Compare(k.facts.Key.Type, after.Type); order != 0 {
				return order
			}
			if k.facts.Key.ID <= after.ID {
				return -1
			}
			return 1
		})
	}
	for i := first; i < len(c.list); i++ {
		k := &c.list[i]
		if !yield(candidate{typ: k.facts.Key.Type, id: k.facts.Key.ID, facts: k.facts, rows: &k.rows, raw: k.raw, lasting: true, scope: c.patient}, nil) {
			return
		}
	}
}

// compartments keeps those that were read lately, decoded: a care team comes
// back to the same patients for hours. Every change of a patient's rows writes a
// new stamp (transaction.stamp) in the same transaction, so that what was kept
// holds for a snapshot exactly when its stamp is that of the snapshot: in this
// process and in any other, at the price of one read.
type compartments struct {
	mu   sync.Mutex
	kept recent.Map[*compartment]
}

func newCompartments(size int) *compartments {
	return &compartments{kept: recent.New(size, func(key string, c *compartment) int { return len(key) + c.size })}
}

// get returns what was kept, if the reader's snapshot holds the same.
func (k *compartments) get(ctx context.Context, r kv.Reader, p *patientRows) (*compartment, error) {
	if k == nil {
		return nil, nil
	}
	k.mu.Lock()
	c, ok := k.kept.GetBytes(p.key())
	k.mu.Unlock()
	if !ok {
		return nil, nil
	}
	values, err := r.Get(ctx, stampKey(p.patient))
	if err != nil {
		return nil, err
	}
	var now compartment
	if now.stampedBy(values[0]); now.stamp != c.stamp {
		return nil, nil
	}
	return c, nil
}

// put keeps what was read, unless that is nothing: whoever asks for patients that
// there are not would fill the memory with them, and a patient who is not there
// would be told by the time that an answer takes (docs/adr/0008).
func (k *compartments) put(p *patientRows, c *compartment) {
	if k == nil || c == nil || len(c.list) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept.Put(string(p.key()), c)
}
