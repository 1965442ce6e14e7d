package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

func labelled(id, contributor, label string) fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: id}, Contributor: contributor,
		Body: fmt.Appendf(nil, `{"resourceType":"Observation","id":"%s","meta":{"security":[{"code":"%s"}]},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`, id, label)}
}

// finals are the facts of what a search by status finds, by its postings.
func finals(t *testing.T, s *store.Store) (list []string) {
	t.Helper()
	page, err := s.Search(context.Background(), fhir.Query{Type: "Observation", Within: storetest.Everything, Params: []fhir.Param{{Code: "status", Values: []string{"final"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Matches {
		list = append(list, m.ID+" "+m.Facts.Contributor+" "+strings.Join(m.Facts.Labels, ","))
	}
	return list
}

func wantFinals(t *testing.T, s *store.Store, want string) {
	t.Helper()
	if got := strings.Join(finals(t, s), "; "); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

// opened is a store of which the engine stays open.
func opened(t *testing.T, e kv.Engine, reg *search.Registry) *store.Store {
	t.Helper()
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		sound(t, e, reg)
	})
	return s
}

// TestNames: what the first commit writes out, the next says by number; both are
// read, by the store that wrote them and by one that is opened later, and a check
// finds nothing wrong with either.
func TestNames(t *testing.T) {
	ctx, reg, e := context.Background(), registry(t), memory.Open()
	s := opened(t, e, reg)
	for _, id := range []string{"a", "b"} {
		if _, err := s.Commit(ctx, []fhir.Change{labelled(id, "Organization/o", "R")}); err != nil {
			t.Fatal(err)
		}
	}
	const want = "a Organization/o R; b Organization/o R"
	wantFinals(t, s, want)
	for id, out := range map[string]bool{"a": true, "b": false} {
		for _, family := range []string{"i", "x"} {
			if _, value := first(t, e, family, "\x00"+id); bytes.Contains(value, []byte("Organization/o")) != out {
				t.Errorf("%s of %s: %q", family, id, value)
			}
		}
	}
	again := opened(t, e, reg)
	wantFinals(t, again, want)
	page, err := again.Search(ctx, fhir.Query{Type: "Observation", Within: storetest.Everything, Summary: "count", Params: []fhir.Param{{Code: "status", Values: []string{"final"}}}})
	if err != nil || page.Total != 2 {
		t.Errorf("counted %d, %v", page.Total, err)
	}
	report, err := store.Reindex(ctx, store.CheckConfig{Engine: e, Registry: reg})
	if err != nil || !report.Sound() || report.Repaired != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestNamesOfAnIndexMadeAnew: Reindex numbers what an index of before wrote out.
func TestNamesOfAnIndexMadeAnew(t *testing.T) {
	ctx, reg, e := context.Background(), registry(t), memory.Open()
	s := opened(t, e, reg)
	if _, err := s.Commit(ctx, []fhir.Change{labelled("a", "Organization/o", "R"), labelled("b", "Organization/o2", "V")}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	put(t, e, []byte("mindex"), []byte("2 before"))
	for _, name := range [][]byte{[]byte("n\x00\x00\x00\x00"), []byte("n\x00\x00\x00\x01"), []byte("n\x00\x00\x00\x02"), []byte("n\x00\x00\x00\x03")} {
		put(t, e, name, nil)
	}
	if _, err := store.Reindex(ctx, store.CheckConfig{Engine: e, Registry: reg}); err != nil {
		t.Fatal(err)
	}
	if _, value := first(t, e, "i", "\x00a"); bytes.Contains(value, []byte("Organization")) {
		t.Errorf("%q", value)
	}
	wantFinals(t, opened(t, e, reg), "a Organization/o R; b Organization/o2 V")
}

// TestNamesSpoiled: a number whose text is gone, or is another, is never taken
// for what it was not, and Reindex mends what was written with it.
func TestNamesSpoiled(t *testing.T) {
	for name, text := range map[string][]byte{"gone": nil, "another": []byte("Organization/forged")} {
		t.Run(name, func(t *testing.T) {
			ctx, reg, e := context.Background(), registry(t), memory.Open()
			s := opened(t, e, reg)
			for _, id := range []string{"a", "b"} {
				if _, err := s.Commit(ctx, []fhir.Change{labelled(id, "Organization/o", "R")}); err != nil {
					t.Fatal(err)
				}
			}
			s.Close()
			put(t, e, []byte("n\x00\x00\x00\x00"), text)
			cfg := store.CheckConfig{Engine: e, Registry: reg}
			if report, err := store.Check(ctx, cfg); err != nil || report.Sound() {
				t.Errorf("%+v, %v", report, err)
			}
			if _, err := store.Reindex(ctx, cfg); err != nil {
				t.Fatal(err)
			}
			wantFinals(t, opened(t, e, reg), "a Organization/o R; b Organization/o R")
		})
	}
}

// TestNamesBounded: a text that is too long, and all beyond what the dictionary
// holds, are written out.
func TestNamesBounded(t *testing.T) {
	ctx, reg, e := context.Background(), registry(t), memory.Open()
	put(t, e, binary.BigEndian.AppendUint32([]byte("n"), 1<<16-2), []byte("Organization/last"))
	s := opened(t, e, reg)
	long := "Organization/" + strings.Repeat("l", 120)
	for _, c := range []fhir.Change{labelled("a", long, "R"), labelled("b", "Organization/last", "V"), labelled("c", "Organization/o", "U")} {
		for range 2 {
			c.Body = append(bytes.TrimRight(c.Body, " "), ' ')
			if _, err := s.Commit(ctx, []fhir.Change{c}); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantFinals(t, s, "a "+long+" R; b Organization/last V; c Organization/o U")
	names := 0
	err := e.View(ctx, func(r kv.Reader) error {
		for _, err := range r.Scan(ctx, kv.Prefix([]byte("n"))) {
			if names++; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || names != 2 {
		t.Errorf("%d names, %v", names, err)
	}
}

// TestNamesAreReadAsTheyCome: readers beside the writer understand every number.
func TestNamesAreReadAsTheyCome(t *testing.T) {
	ctx, reg := context.Background(), registry(t)
	s := open(t, memory.Open(), reg)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					for _, f := range finals(t, s) {
						id, facts, _ := strings.Cut(f, " ")
						if n := id[:1]; facts != "Organization/"+n+" L"+n {
							t.Errorf("%q", f)
						}
					}
				}
			}
		})
	}
	for i := range 60 {
		n := string(rune('a' + i/3))
		if _, err := s.Commit(ctx, []fhir.Change{labelled(fmt.Sprint(n, i), "Organization/"+n, "L"+n)}); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	readers.Wait()
}

func put(t *testing.T, e kv.Engine, key, value []byte) {
	t.Helper()
	err := e.Update(context.Background(), func(w kv.Writer) error {
		if value == nil {
			return w.Delete(key)
		}
		return w.Put(key, value)
	})
	if err != nil {
		t.Fatal(err)
	}
}
