package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// TestA11Cursor: a page link works for the search and the caller it was made
// for, for as long as it lives, and for nobody and nothing else.
func TestA11Cursor(t *testing.T) {
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s, err := store.Open(store.Config{Engine: memory.Open(), Registry: reg, Validate: valid, Witness: &scripted{}, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 5 {
		if err := commit(s, patient(fmt.Sprint("p", i))); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	q := fhir.Query{Type: "Patient", Count: 2, Within: storetest.Everything}
	page, err := s.Search(ctx, q)
	if err != nil || page.Next == "" {
		t.Fatal(page, err)
	}
	q.Cursor = page.Next

	again, err := s.Search(ctx, fhir.Query{Type: "Patient", Count: 2, Within: storetest.Everything})
	if err != nil || again.Next == page.Next {
		t.Error("two cursors are sealed alike: ", err)
	}

	other := q
	other.Within = storetest.Hiding("x")
	_, err = s.Search(ctx, other)
	wantKind(t, err, fhir.Malformed)

	other = q
	other.Params = []fhir.Param{{Code: "active", Values: []string{"true"}}}
	_, err = s.Search(ctx, other)
	wantKind(t, err, fhir.Malformed)

	for _, cursor := range []string{"x", "AAAA", page.Next[:len(page.Next)-4], flipped(page.Next), page.Next + "AAAA"} {
		other = q
		other.Cursor = cursor
		_, err = s.Search(ctx, other)
		wantKind(t, err, fhir.Malformed)
	}

	// Inserts before the position do not shift the next page.
	if err := commit(s, patient("p00")); err != nil {
		t.Fatal(err)
	}
	next, err := s.Search(ctx, q)
	if err != nil || len(next.Matches) != 2 || next.Matches[0].ID != "p2" {
		t.Errorf("second page: %v %v", next.Matches, err)
	}

	now = now.Add(61 * time.Minute)
	_, err = s.Search(ctx, q)
	wantKind(t, err, fhir.Gone)
}

// TestA11HistoryCursor: the same of histories.
func TestA11HistoryCursor(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	for _, is := range []string{"true", "false"} {
		for _, id := range []string{"a", "b"} {
			if err := commit(s, putting("Patient", id, `,"active":`+is), putting("Group", id, `,"type":"person","actual":`+is)); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx := context.Background()
	for _, q := range []fhir.HistoryQuery{{}, {Type: "Patient"}, {Type: "Patient", ID: "a"}} {
		q.Count, q.Within = 1, storetest.Everything
		page, err := s.History(ctx, q)
		if q.Cursor = page.Next; err != nil || q.Cursor == "" {
			t.Fatal(q, err)
		}
		if next, err := s.History(ctx, q); err != nil || len(next.Matches) != 1 || next.Matches[0].Key == page.Matches[0].Key {
			t.Errorf("%+v: second page: %v %v", q, next.Matches, err)
		}
		for _, other := range []fhir.HistoryQuery{
			{Type: "Group", ID: q.ID, Within: q.Within}, {Type: "Patient", ID: "b", Within: q.Within}, {Type: q.Type, ID: q.ID, Since: time.UnixMilli(1), Within: q.Within}, {Type: q.Type, ID: q.ID, Within: storetest.Hiding("x")},
		} {
			other.Count, other.Cursor = 1, q.Cursor
			_, err := s.History(ctx, other)
			wantKind(t, err, fhir.Malformed)
		}
		_, err = s.Search(ctx, fhir.Query{Type: "Patient", Count: 1, Cursor: q.Cursor, Within: q.Within})
		wantKind(t, err, fhir.Malformed)
	}
}

func TestNoViewNoAnswer(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	_, err := s.Search(context.Background(), fhir.Query{Type: "Patient"})
	wantKind(t, err, fhir.Forbidden)
	_, err = s.History(context.Background(), fhir.HistoryQuery{Type: "Patient"})
	wantKind(t, err, fhir.Forbidden)
}

// flipped is a cursor with another first character.
func flipped(cursor string) string {
	if cursor[0] == 'A' {
		return "B" + cursor[1:]
	}
	return "A" + cursor[1:]
}

// FuzzCursor: bytes that the store did not seal are refused, whatever they are.
func FuzzCursor(f *testing.F) {
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		f.Fatal(err)
	}
	s, err := store.Open(store.Config{Engine: memory.Open(), Registry: reg, Validate: valid, Witness: &scripted{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	if err := commit(s, patient("a"), patient("b")); err != nil {
		f.Fatal(err)
	}
	page, err := s.Search(context.Background(), fhir.Query{Type: "Patient", Count: 1, Within: storetest.Everything})
	if err != nil {
		f.Fatal(err)
	}
	for _, cursor := range []string{page.Next[:len(page.Next)/2], "AAAA", "=", page.Next + page.Next, flipped(page.Next)} {
		f.Add(cursor)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if cursor == "" || cursor == page.Next {
			return
		}
		for _, q := range []fhir.Query{{Type: "Patient", Count: 1}, {Types: []string{"Patient"}}, {Type: "Patient", Sort: []fhir.SortKey{{Code: "birthdate"}}}} {
			q.Cursor, q.Within = cursor, storetest.Everything
			_, err := s.Search(context.Background(), q)
			if k := fhir.KindOf(err); k != fhir.Malformed && k != fhir.Gone {
				t.Fatalf("taken: %v", err)
			}
		}
	})
}
