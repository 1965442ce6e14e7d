package storetest_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// A link is a reference parameter from one type to another.
type link struct{ from, code, to string }

var links = []link{{"Observation", "subject", "Patient"}, {"Condition", "subject", "Patient"}, {"CarePlan", "subject", "Patient"},
	{"CarePlan", "condition", "Condition"}, {"CarePlan", "based-on", "CarePlan"}, {"Observation", "focus", "Condition"},
	{"Observation", "derived-from", "Observation"}, {"Patient", "link", "Patient"}, {"Observation", "performer", "Patient"},
	{"CarePlan", "instantiates-canonical", "PlanDefinition"}, {"CarePlan", "instantiates-canonical", "PlanDefinition"}}

// TestStoreFollowsLinks compares chains and _has of one or two links (R4
// search.html#chaining, #has) with going from resource to resource by hand.
func TestStoreFollowsLinks(t *testing.T) {
	srv := newServer(t, "UTC")
	rapid.Check(t, func(t *rapid.T) {
		s, closed := openFor(t, srv.reg)
		defer closed()
		held := fill(t, s, append(types[:4:4], "PlanDefinition"), 18)
		srv := srv
		srv.naive.Others = others(held)
		for range 8 {
			l := rapid.SampledFrom(links).Draw(t, "link")
			reverse := rapid.Bool().Draw(t, "reverse")
			typ, inner := l.from, l.to
			if reverse {
				typ, inner = l.to, l.from
			}
			end, ends := srv.drawEnd(t, held, inner)
			name, going := l.code+":"+l.to+"."+end.Name, srv.referring
			if reverse {
				name, going = "_has:"+l.from+":"+l.code+":"+end.Name, srv.referred
			}
			want := going(t, held, l, ends)
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
func (srv server) referring(t fatal, held map[fhir.Key][]byte, l link, ids []string) (found []string) {
	for key, body := range held {
		if key.Type == l.from && slices.ContainsFunc(ids, func(id string) bool { return srv.leads(t, held, l, body, id) }) {
			found = append(found, key.ID)
		}
	}
	slices.Sort(found)
	return found
}

func (srv server) leads(t fatal, held map[fhir.Key][]byte, l link, body []byte, id string) bool {
	ok, err := srv.naive.Leads(body, l.code, held[fhir.Key{Type: l.to, ID: id}])
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// referred are the resources that the links of any of the ids lead to.
func (srv server) referred(t fatal, held map[fhir.Key][]byte, l link, ids []string) (found []string) {
	for key := range held {
		if key.Type == l.to && slices.ContainsFunc(srv.referring(t, held, l, []string{key.ID}), func(id string) bool { return slices.Contains(ids, id) }) {
			found = append(found, key.ID)
		}
	}
	slices.Sort(found)
	return found
}
