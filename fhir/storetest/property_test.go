package storetest_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

var types = []string{"Patient", "Observation", "Condition", "CarePlan", "RiskAssessment"}

// further are types that some of the stores hold besides.
var further = [][]string{nil, {"Location", "Location"}, {"List", "List"}, {"ValueSet", "CodeSystem", "CodeSystem"}}

// A server is a registry and the matcher that reads as it should.
type server struct {
	reg   *search.Registry
	naive naive.Matcher
}

func newServer(t *testing.T, zone string) server {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	reg, err := search.New(search.Config{Base: storetest.Base, Zone: loc})
	if err != nil {
		t.Fatal(err)
	}
	return server{reg, naive.Matcher{Base: storetest.Base, Zone: loc}}
}

// TestStoreMatchesAsTheSpecificationSays draws resources, changes and queries,
// and compares what the store finds, in pages of any size, with what a look at
// each resource finds. go test ./fhir/storetest -run Specification
// -rapid.checks=20000 looks harder.
func TestStoreMatchesAsTheSpecificationSays(t *testing.T) {
	servers := []server{newServer(t, "UTC"), newServer(t, "Europe/Paris")}
	rapid.Check(t, func(t *rapid.T) {
		srv := rapid.SampledFrom(servers).Draw(t, "zone")
		s, closed := openFor(t, srv.reg)
		defer closed()
		types := slices.Concat(types, rapid.SampledFrom(further).Draw(t, "further"))
		held := fill(t, s, types, 1)
		often := 3
		if slices.Contains(types, "ValueSet") {
			define(t, s, held)
			often = 1
		}
		srv.naive.Others = others(held)
		for range 12 {
			// "" searches all types, by the parameters that all share.
			typ := one(t, "type", append([]string{""}, types...))
			criteria := make([]naive.Criterion, rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "criteria"))
			for i := range criteria {
				if criteria[i] = drawCriterion(t, typ); rapid.IntRange(0, often).Draw(t, "special") == 0 {
					criteria[i] = drawSpecial(t, typ, held)
				}
			}
			want := srv.look(t, held, typ, criteria)
			srv.compare(t, s, held, want, typ, criteria, rapid.IntRange(1, 4).Draw(t, "count"))
		}
	})
}

// others are all resources of a type.
func others(held map[fhir.Key][]byte) func(typ string) [][]byte {
	return func(typ string) (list [][]byte) {
		for key, body := range held {
			if key.Type == typ {
				list = append(list, body)
			}
		}
		return list
	}
}

// fatal is what both kinds of tests can do.
type fatal interface {
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// openFor opens an empty store in memory. closed closes it, and insists that
// updates and deletes have left an index that says what the bodies say.
func openFor(t fatal, reg *search.Registry) (s *store.Store, closed func()) {
	e := memory.Open()
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	return s, func() { s.Close(); sound(t, e, reg) }
}

// fill writes resources over each other and deletes some, in at least so many
// changes. It returns those that are left.
func fill(t *rapid.T, s *store.Store, types []string, least int) map[fhir.Key][]byte {
	held := map[fhir.Key][]byte{}
	for range rapid.IntRange(least, least+15).Draw(t, "changes") {
		key := fhir.Key{Type: one(t, "type", types), ID: one(t, "id", ids)}
		c := fhir.Change{Method: fhir.Delete, Key: key}
		if held[key] == nil || rapid.IntRange(0, 4).Draw(t, "delete") > 0 {
			c.Method, c.Body = fhir.Update, drawResource(t, key.Type, key.ID)
		}
		if _, err := s.Commit(context.Background(), []fhir.Change{c}); err != nil {
			t.Fatalf("%v of %s: %s", err, key, c.Body)
		}
		if held[key] = c.Body; c.Body == nil {
			delete(held, key)
		}
	}
	return held
}

// define writes two code systems, and value sets over them.
func define(t *rapid.T, s *store.Store, held map[fhir.Key][]byte) {
	for _, key := range []fhir.Key{{Type: "CodeSystem", ID: "a"}, {Type: "CodeSystem", ID: "b"}, {Type: "ValueSet", ID: "a"}, {Type: "ValueSet", ID: "b"}, {Type: "ValueSet", ID: "c"}} {
		held[key] = drawResource(t, key.Type, key.ID)
		if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: key, Body: held[key]}}); err != nil {
			t.Fatal(err)
		}
	}
}

// compare asks the store and insists on what was found by looking.
func (srv server) compare(t fatal, s *store.Store, held map[fhir.Key][]byte, want []string, typ string, criteria []naive.Criterion, count int) {
	got := srv.search(t, s, typ, criteria, count)
	if slices.Equal(got, want) {
		return
	}
	var bodies strings.Builder
	for _, key := range slices.SortedFunc(maps.Keys(held), func(a, b fhir.Key) int { return strings.Compare(a.String(), b.String()) }) {
		terms := key.Type == "ValueSet" || key.Type == "CodeSystem" // what the others may be searched by
		if id := name(typ, key); terms || slices.Contains(got, id) != slices.Contains(want, id) {
			fmt.Fprintf(&bodies, "%.3000s\n", held[key])
		}
	}
	t.Fatalf("%s?%s in pages of %d (zone %s)\n got %v\nwant %v\n%s", typ, show(criteria), count, srv.naive.Zone, got, want, bodies.String())
}

func show(criteria []naive.Criterion) string {
	parts := make([]string, len(criteria))
	for i, c := range criteria {
		parts[i] = c.Name + "=" + c.Value
	}
	return strings.Join(parts, "&")
}

// name is how a match is called: with its type in a search over all.
func name(typ string, key fhir.Key) string {
	switch typ {
	case "":
		return key.Type + "/" + key.ID
	case key.Type:
		return key.ID
	}
	return ""
}

// look is the answer of the naive matcher, by type and id.
func (srv server) look(t fatal, held map[fhir.Key][]byte, typ string, criteria []naive.Criterion) (ids []string) {
	for key, body := range held {
		if typ != "" && key.Type != typ {
			continue
		}
		ok, err := srv.naive.Match(body, criteria)
		if err != nil {
			t.Fatalf("%s: %v", show(criteria), err)
		}
		if ok {
			ids = append(ids, name(typ, key))
		}
	}
	slices.Sort(ids)
	return ids
}

// search is the answer of the store, page by page.
func (srv server) search(t fatal, s *store.Store, typ string, criteria []naive.Criterion, count int) (ids []string) {
	pairs, err := search.Pairs(encode(criteria))
	if err != nil {
		t.Fatalf("%s: %v", show(criteria), err)
	}
	q, _, _, err := search.Parse(srv.reg, search.Request{Type: typ, Values: pairs, Strict: true})
	if err != nil {
		t.Fatalf("%s?%s: %v", typ, show(criteria), err)
	}
	q.Within, q.Count = storetest.Everything, count
	for {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatalf("%s?%s: %v", typ, show(criteria), err)
		}
		for _, m := range page.Matches {
			ids = append(ids, name(typ, m.Key))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids
		}
	}
}
