package storetest_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/storetest"
	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// TestStoreFindsContained compares searches for contained resources, alone and
// with the others, returned in what contains them or by themselves (R4
// search.html#contained), with looking into each resource.
func TestStoreFindsContained(t *testing.T) {
	srv := newServer(t, "UTC")
	rapid.Check(t, func(t *rapid.T) {
		srv := srv
		s, closed := openFor(t, srv.reg)
		defer closed()
		held := map[fhir.Key][]byte{}
		for range rapid.IntRange(1, 8).Draw(t, "resources") {
			key := fhir.Key{Type: one(t, "type", []string{"Observation", "Condition", "Patient"}), ID: one(t, "id", ids)}
			held[key] = containing(t, drawResource(t, key.Type, key.ID))
			if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: key, Body: held[key]}}); err != nil {
				t.Fatal(err)
			}
		}
		srv.naive.Others = others(held)
		for range 6 {
			typ := one(t, "searched", []string{"Patient", "Condition", "Observation"})
			criteria := []naive.Criterion{drawCriterion(t, typ)}
			if rapid.IntRange(0, 3).Draw(t, "filter") == 0 {
				f := drawFilter(t, typ, nil, 1)
				criteria = append(criteria, naive.Criterion{Name: "_filter", Value: f.String(), Filter: &f})
			}
			both, inner := rapid.Bool().Draw(t, "both"), rapid.Bool().Draw(t, "inner")
			want := srv.lookInside(t, held, typ, criteria, both, inner)
			sorted := one(t, "sort", []string{"", "", "_id", "-_id", "identifier", "-identifier,_id"})
			got := srv.inside(t, s, typ, criteria, both, inner, sorted)
			if !slices.Equal(got, want) {
				t.Fatalf("%s?%s, both %v, by themselves %v, sorted by %q\n got %v\nwant %v", typ, show(criteria), both, inner, sorted, got, want)
			}
		}
	})
}

// containing puts up to two resources into another.
func containing(t *rapid.T, body []byte) []byte {
	var o object
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatal(err)
	}
	var list []any
	for _, id := range ids[:rapid.IntRange(0, 2).Draw(t, "contained")] {
		var inner object
		if err := json.Unmarshal(drawResource(t, one(t, "inner", []string{"Patient", "Condition", "Observation"}), id), &inner); err != nil {
			t.Fatal(err)
		}
		delete(inner, "meta") // R4 dom-4, dom-5
		delete(inner, "text")
		list = append(list, inner)
	}
	if list == nil {
		return body
	}
	o["contained"] = list
	out, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lookInside is the answer of the naive matcher, sorted.
func (srv server) lookInside(t fatal, held map[fhir.Key][]byte, typ string, criteria []naive.Criterion, both, inner bool) (found []string) {
	for key, body := range held {
		within, err := srv.naive.Contained(body, typ, criteria)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range within {
			if found = append(found, key.String()); inner {
				found[len(found)-1] += "#" + id
			}
		}
		if key.Type != typ || !both {
			continue
		}
		ok, err := srv.naive.Match(body, criteria)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			found = append(found, key.String())
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// inside is the answer of the store, two at a time, sorted. Its total must be
// their number.
func (srv server) inside(t fatal, s fhir.Repository, typ string, criteria []naive.Criterion, both, inner bool, sorted string) (found []string) {
	values, err := search.Pairs(encode(append(criteria, naive.Criterion{Name: "_contained", Value: map[bool]string{true: "both", false: "true"}[both]},
		naive.Criterion{Name: "_containedType", Value: map[bool]string{true: "contained", false: "container"}[inner]})))
	if err != nil {
		t.Fatal(err)
	}
	q, _, _, err := search.Parse(srv.reg, search.Request{Type: typ, Values: values, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	if sorted != "" {
		for code := range strings.SplitSeq(sorted, ",") {
			q.Sort = append(q.Sort, fhir.SortKey{Code: strings.TrimPrefix(code, "-"), Desc: code[0] == '-'})
		}
	}
	q.Within, q.Count, q.Total = storetest.Everything, 2, fhir.TotalAccurate
	for {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatalf("%s?%s: %v", typ, show(criteria), err)
		}
		for _, m := range page.Matches {
			name := m.Current().String()
			if m.Fragment != "" {
				name += "#" + m.Fragment
			}
			found = append(found, name)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			if slices.Sort(found); page.Total != len(found) {
				t.Errorf("%s?%s: a total of %d of %v", typ, show(criteria), page.Total, found)
			}
			return found
		}
	}
}
