package storetest_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// A link is a reference parameter from one type to another.
type link struct{ from, code, to string }

var links = []link{{"Observation", "subject", "Patient"}, {"Condition", "subject", "Patient"}, {"CarePlan", "subject", "Patient"},
	{"CarePlan", "condition", "Condition"}, {"CarePlan", "based-on", "CarePlan"}, {"Observation", "focus", "Condition"},
	{"Observation", "derived-from", "Observation"}, {"Patient", "link", "Patient"}, {"Observation", "performer", "Patient"}}

// TestStoreFollowsLinks compares chains and _has of one or two links (R4
// search.html#chaining, #has) with going from resource to resource by hand.
func TestStoreFollowsLinks(t *testing.T) {
	srv := newServer(t, "UTC")
	rapid.Check(t, func(t *rapid.T) {
		s, closed := openFor(t, srv.reg)
		defer closed()
		held := fill(t, s, types[:4], 15)
		for range 8 {
			l := rapid.SampledFrom(links).Draw(t, "link")
			reverse := rapid.Bool().Draw(t, "reverse")
			typ, inner := l.from, l.to
			if reverse {
				typ, inner = l.to, l.from
			}
			end, ends := srv.drawEnd(t, held, inner)
			name, want := l.code+":"+l.to+"."+end.Name, srv.referring(t, held, l, ends)
			if reverse {
				name, want = "_has:"+l.from+":"+l.code+":"+end.Name, srv.referred(t, held, l, ends)
			}
			criteria := []naive.Criterion{{Name: name, Value: end.Value}}
			srv.compare(t, s, held, want, typ, criteria, rapid.IntRange(1, 3).Draw(t, "count"))
		}
	})
}

// drawEnd draws what stands at the end of a chain on the type, and what it finds:
// a criterion, or a further link with one.
func (srv server) drawEnd(t *rapid.T, held map[fhir.Key][]byte, typ string) (naive.Criterion, []string) {
	further := slices.DeleteFunc(slices.Clone(links), func(l link) bool { return l.from != typ })
	if len(further) == 0 || rapid.IntRange(0, 2).Draw(t, "further") > 0 {
		c := rapid.SampledFrom([]naive.Criterion{{Name: "_id", Value: "a,b,c"}, {Name: "identifier:missing", Value: "true"},
			{Name: "identifier:missing", Value: "false"}, {Name: "identifier:not", Value: "I10"}}).Draw(t, "much")
		if rapid.Bool().Draw(t, "little") {
			c = drawCriterion(t, typ)
		}
		return c, srv.look(t, held, typ, []naive.Criterion{c})
	}
	l := rapid.SampledFrom(further).Draw(t, "link")
	c := drawCriterion(t, l.to)
	found := srv.look(t, held, l.to, []naive.Criterion{c})
	return naive.Criterion{Name: l.code + ":" + l.to + "." + c.Name, Value: c.Value}, srv.referring(t, held, l, found)
}

// referring are the resources whose link leads to any of the ids.
func (srv server) referring(t fatal, held map[fhir.Key][]byte, l link, ids []string) []string {
	if len(ids) == 0 {
		return nil
	}
	targets := make([]string, len(ids))
	for i, id := range ids {
		targets[i] = l.to + "/" + id
	}
	return srv.look(t, held, l.from, []naive.Criterion{{Name: l.code, Value: strings.Join(targets, ",")}})
}

// referred are the resources that the links of any of the ids lead to.
func (srv server) referred(t fatal, held map[fhir.Key][]byte, l link, ids []string) (found []string) {
	for key := range held {
		if key.Type != l.to {
			continue
		}
		for _, id := range srv.referring(t, held, l, []string{key.ID}) {
			if slices.Contains(ids, id) && !slices.Contains(found, key.ID) {
				found = append(found, key.ID)
			}
		}
	}
	slices.Sort(found)
	return found
}
