package search

import (
	"bytes"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a composite (R4 search.html#composite): one for each row of its
// first component, followed by all rows of the others. So a search is a range
// over the first and a closer look at the rest.
//
//	compositeRow  first next second… done [third… done]
//
// Every value in it has its 0x01 doubled up (quote), and is followed by next,
// or by done after the last of a component.
const compositeRow = '+'

// What follows 0x01 in a composite row.
const (
	next   = 0x01 // a value ends
	done   = 0x02 // the values of a component end
	quoted = 0x04 // the byte itself
)

// A component is one part of a composite parameter.
type component struct {
	*parameter
	walk *walk
	name string // of the parameter that it compares like
	root bool   // its paths start at the resource, not at the composite's element
}

// emitComposite returns the emit of a composite of these components.
func emitComposite(components []component) emit {
	return func(w *writer, n fhirjson.Node) {
		if w.inner == nil {
			w.inner = &writer{Registry: w.Registry, part: narrow}
		}
		in := w.inner
		in.root = w.root
		in.reset()
		// The last first: an Observation always has a code, and seldom a value of
		// the type that the composite is about.
		for i := len(components) - 1; i >= 0; i-- {
			c := &components[i]
			before := len(in.rows)
			from := n
			if c.root {
				from = w.root
			}
			in.run(c.walk, from)
			for j := before; j < len(in.rows); j++ {
				in.rows[j].param = int32(i)
			}
			if len(in.rows) == before {
				return // nothing to find where a component is missing
			}
		}
		w.composite(in.sorted())
	}
}

// composite writes the rows for the rows of the components, which are sorted.
func (w *writer) composite(rows []row) {
	first := 0
	for first < len(rows) && rows[first].param == 0 {
		first++
	}
	for _, r := range rows[:first] {
		if w.full || w.inner.full {
			w.full = true
			return
		}
		w.open(compositeRow)
		w.quote(r)
		for i, other := range rows[first:] {
			w.quote(other)
			if j := first + i + 1; j == len(rows) || rows[j].param != other.param {
				w.arena = append(w.arena, end, done)
			}
		}
		if len(w.arena)-w.start <= MaxValue {
			w.close()
			continue
		}
		w.arena = w.arena[:w.start]
		w.combine(r, rows[first:])
	}
}

// combine writes, where all together is too long for a row, one row for each
// combination.
func (w *writer) combine(r row, rest []row) {
	var each func(rest []row, chosen []row)
	each = func(rest []row, chosen []row) {
		if len(rest) == 0 {
			w.open(compositeRow)
			w.quote(r)
			for _, c := range chosen {
				w.quote(c)
				w.arena = append(w.arena, end, done)
			}
			w.close()
			return
		}
		n := 1
		for n < len(rest) && rest[n].param == rest[0].param {
			n++
		}
		for _, one := range rest[:n] {
			if w.full {
				return
			}
			each(rest[n:], append(chosen, one))
		}
	}
	each(rest, nil)
}

// quote appends a value of the inner writer.
func (w *writer) quote(r row) {
	w.arena = append(appendQuoted(w.arena, w.inner.value(r)), end, next)
}

func appendQuoted(dst, value []byte) []byte {
	for {
		i := bytes.IndexByte(value, end)
		if i < 0 {
			return append(dst, value...)
		}
		dst = append(append(dst, value[:i+1]...), quoted)
		value = value[i+1:]
	}
}

// unquote takes the first value off the front of b.
func unquote(b []byte) (value, rest []byte) {
	from := 0
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], end)
		if i < 0 || at+i+1 == len(b) {
			return b, nil // no row that composite wrote
		}
		i += at
		if b[i+1] != quoted {
			if value == nil {
				return b[:i], b[i+2:]
			}
			return append(value, b[from:i]...), b[i+2:]
		}
		value = append(value, b[from:i+1]...)
		at, from = i+2, i+2
	}
}

// composite reads the values of the components, set apart by $.
func (c *compiler) composite(value string) ([]clause, error) {
	parts := fields(value, '$')
	if len(parts) != len(c.p.components) {
		return nil, c.malformedComposite()
	}
	sets := make([][]clause, len(parts))
	for i, part := range parts {
		if part == "" {
			return nil, c.malformedComposite()
		}
		in := &compiler{Registry: c.Registry, p: c.p.components[i].parameter, name: c.name, part: narrow}
		clauses, err := in.value("", part)
		if err != nil {
			return nil, err
		}
		sets[i] = clauses
	}
	out := make([]clause, len(sets[0]))
	for i, k := range sets[0] {
		out[i] = within(k, sets[1:])
	}
	return out, nil
}

// within is the clause of composite rows whose first value is in k, and which
// for each further component have a value in one of its clauses.
func within(k clause, others [][]clause) clause {
	lo := appendQuoted([]byte{compositeRow}, k.Lo)
	out := clause{Range: Range{Lo: lo}}
	if k.Point {
		out.Lo = append(lo, end, next)
		out.Hi = append(bytes.Clone(lo), end, next+1)
	} else {
		out.Hi = appendQuoted([]byte{compositeRow}, k.Hi)
	}
	out.accept = func(v []byte) bool {
		first, rest := unquote(v[1:])
		if k.accept != nil && !k.accept(first) {
			return false
		}
		for _, clauses := range others {
			found := false
			for len(rest) > 1 && rest[0] != end {
				var value []byte
				value, rest = unquote(rest)
				for i := range clauses {
					found = found || clauses[i].matches(value)
				}
			}
			if !found {
				return false
			}
			rest = rest[min(2, len(rest)):]
		}
		return true
	}
	return out
}
