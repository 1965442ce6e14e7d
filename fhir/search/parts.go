package search

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Many published parameters look where others look too: Observation.combo-code
// where code and component-code do, Condition.subject where patient does and in
// other references besides. Such a parameter leaves to the others the rows that
// they have, and has those alone that none of them has: of subject, the ones of
// references that lead to no patient. What the values of a parameter are is
// unchanged; they are spread over the rows of several (Param.Parts).
//
// That is worked out from the places that the expressions lead to, and never
// listed (TestPartsHoldAllValues).

// Parts are the parameters under which the values of p are written: p itself
// first, unless all of its values are those of others.
func (p *Param) Parts() []*Param {
	if p.parts == nil {
		return []*Param{p}
	}
	return p.parts
}

// Whole reports whether rows of p are all values of p.
func (p *Param) Whole() bool { return len(p.parts) == 0 || len(p.parts) == 1 && p.parts[0] == p }

// Values are the values of p among the entries of a resource.
func (p *Param) Values(entries []Entry) (values [][]byte) {
	for _, e := range entries {
		if slices.Contains(p.Parts(), e.Param) {
			values = append(values, e.Value)
		}
	}
	return values
}

// Lacks reports whether rows of p cannot hold what is in the range, so that it
// need not be looked for: a reference that the conditions of its expression
// leave out.
func (p *Param) Lacks(r Range) bool {
	if !r.Point || p.leads == nil || r.Lo[0] != refKey && r.Lo[0] != refVersion {
		return false
	}
	typ, _, _ := bytes.Cut(r.Lo[1:], []byte{'/'})
	return !slices.ContainsFunc(p.leads, func(l lead) bool {
		return (l.only == "" || l.only == string(typ)) && !slices.Contains(l.not, string(typ))
	})
}

// A lead says of one source of references to which types they lead.
type lead struct {
	only string // empty for any
	not  []string
}

// divide works out the parts of the parameters of one type.
func divide(params []*parameter) {
	taken := map[*parameter][]*parameter{}
	for _, p := range params {
		taken[p] = p.divide(params)
	}
	for _, p := range params {
		p.parts = nil
		p.collect(taken, p)
	}
}

// collect adds to the parts of p those of q, which p takes its values from.
func (p *parameter) collect(taken map[*parameter][]*parameter, q *parameter) {
	if len(q.own) > 0 && !slices.Contains(p.parts, &q.Param) {
		p.parts = append(p.parts, &q.Param)
	}
	for _, further := range taken[q] {
		p.collect(taken, further)
	}
}

// divide returns the parameters that p leaves values to, the greatest first, and
// keeps of its own sources what they do not read.
func (p *parameter) divide(params []*parameter) (taken []*parameter) {
	others := slices.DeleteFunc(slices.Clone(params), func(q *parameter) bool { return !q.within(p) })
	slices.SortStableFunc(others, func(a, b *parameter) int { return cmp.Compare(len(b.sources), len(a.sources)) })
	left := slices.Clone(p.sources)
	for _, q := range others {
		n := len(left)
		left = slices.DeleteFunc(left, func(s source) bool {
			return slices.ContainsFunc(q.sources, func(o source) bool { return o.at(s) == samePlace })
		})
		narrower := slices.ContainsFunc(left, func(s source) bool {
			return slices.ContainsFunc(q.sources, func(o source) bool { return o.at(s) == withinPlace })
		})
		if n > len(left) || narrower {
			taken = append(taken, q)
		}
	}
	p.own, p.leads = nil, nil
	for _, s := range left {
		p.own = append(p.own, p.except(s, taken))
	}
	return taken
}

// within reports whether all that p reads is read by other too, who reads more,
// or comes later by its code.
func (p *parameter) within(other *parameter) bool {
	return p != other && p.Type == other.Type && p.covered(other) && (!other.covered(p) || p.Code < other.Code)
}

func (p *parameter) covered(by *parameter) bool {
	return !slices.ContainsFunc(p.sources, func(s source) bool {
		return !slices.ContainsFunc(by.sources, func(o source) bool { return s.at(o) != elsewhere })
	})
}

// except is the source without what others read of it.
func (p *parameter) except(s source, others []*parameter) source {
	var read []func(fhirjson.Node) bool
	l := lead{only: refersOnly(s.last().cond)}
	for _, q := range others {
		for _, o := range q.sources {
			if o.at(s) == withinPlace {
				read = append(read, o.last().keep)
				if typ := refersOnly(o.last().cond); typ != "" {
					l.not = append(l.not, typ)
				}
			}
		}
	}
	if p.Type == Reference && strings.HasSuffix(s.reads, " Reference") {
		p.leads = append(p.leads, l)
	} else {
		p.leads = append(p.leads, lead{})
	}
	if read == nil {
		return s
	}
	all := s.emit
	s.emit = func(w *writer, n fhirjson.Node) {
		if !slices.ContainsFunc(read, func(keep func(fhirjson.Node) bool) bool { return keep(n) }) {
			all(w, n)
		}
	}
	return s
}

// refersOnly is the type of a where(resolve() is T); empty for any other
// condition.
func refersOnly(cond string) string {
	typ, _ := strings.CutPrefix(cond, "?is ")
	if typ == cond || strings.Contains(typ, "?") {
		return ""
	}
	return typ
}

// Where one source reads in relation to another.
type relation int

const (
	elsewhere   relation = iota
	withinPlace          // only some of the same nodes, for which a condition holds
	samePlace
)

func (s source) last() step {
	if len(s.steps) == 0 {
		return step{}
	}
	return s.steps[len(s.steps)-1]
}

// at compares the place of s with that of o.
func (s source) at(o source) relation {
	if s.reads == "" || s.reads != o.reads || len(s.steps) != len(o.steps) {
		return elsewhere
	}
	for i := range s.steps {
		a, b := s.steps[i], o.steps[i]
		last := i == len(s.steps)-1
		if a.name != b.name || a.cond != b.cond && !(last && b.cond == "" && !a.first) {
			return elsewhere
		}
	}
	if s.last().cond != o.last().cond {
		return withinPlace
	}
	return samePlace
}

// written are the sources that p has rows for.
func (p *parameter) written() []source {
	if p.parts == nil {
		return p.sources
	}
	return p.own
}

// readsOf names what a composite of these components reads.
func readsOf(components []component) string {
	var b strings.Builder
	for _, c := range components {
		fmt.Fprintf(&b, "(%v", c.root)
		for _, s := range c.sources {
			if s.reads == "" {
				return ""
			}
			for _, st := range s.steps {
				b.WriteString("/" + st.name + st.cond)
			}
			b.WriteString(" " + s.reads + ";")
		}
		b.WriteString(")")
	}
	return b.String()
}
