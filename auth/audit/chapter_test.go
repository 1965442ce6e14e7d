package audit

import (
	"context"
	"hash/fnv"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// Whichever chapters are written and whichever are in memory, whatever the
// clock did, a search finds each record of its terms and window once and in
// order, changes that were settled late among them, and each by its number.
func TestChaptersAreOneList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		engine := memory.Open()
		defer engine.Close()
		x := &index{engine: engine}
		items := aLog(t)
		for _, it := range items {
			if !slices.ContainsFunc(x.open, func(c *chapter) bool { return c.number == chapterOf(it.Seq) }) {
				x.open = append(x.open, &chapter{number: chapterOf(it.Seq)})
			}
			x.add(it, asRecorded)
		}
		slices.SortFunc(x.open, func(a, b *chapter) int { return int(a.number) - int(b.number) })
		for range rapid.IntRange(0, len(x.open)).Draw(t, "written") {
			if err := x.writeChapter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortFunc(items, func(a, b Item) int { return moment{a.Time, a.Seq}.compare(moment{b.Time, b.Seq}) })
		checkLists(t, x, items)
	})
}

// aLog is records of several chapters, in the order in which their outcome is
// known.
func aLog(t *rapid.T) (items []Item) {
	at := time.UnixMilli(1_700_000_000_000).UTC()
	seq := uint64(250)
	for i := range rapid.IntRange(1, 60).Draw(t, "records") {
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 200, 1024, 5000, -3000}).Draw(t, "ms")) * time.Millisecond)
		it := Item{Seq: seq, Time: at, Place: ledger.Place{Segment: 1, Offset: int64(100 * i)}, Kind: KindRequest}
		seq += rapid.SampledFrom([]uint64{1, 1, 255, 1<<chapterBits - 1, 1 << chapterBits}).Draw(t, "numbers")
		it.Record = Record{Interaction: InteractionRead, Client: "c", Patients: []string{rapid.SampledFrom([]string{"p1", "p2", "p3"}).Draw(t, "patient")}}
		late := rapid.IntRange(0, min(3, i)).Draw(t, "late")
		items = slices.Insert(items, len(items)-late, it)
	}
	return items
}

func checkLists(t *rapid.T, x *index, items []Item) {
	from := rapid.IntRange(0, len(items)-1).Draw(t, "from")
	to := rapid.IntRange(from, len(items)-1).Draw(t, "to")
	window := items[from : to+1]
	terms := rapid.SampledFrom([][]term{{{kind: termAll}}, {{termPatient, "p1"}}, {{termPatient, "p1"}, {termPatient, "p2"}}, {{termPatient, "p9"}}}).Draw(t, "terms")
	held := x.hold(terms)
	err := x.engine.View(t.Context(), func(r kv.Reader) error {
		for _, reverse := range []bool{false, true} {
			s := newStream(r, held, terms, moment{window[0].Time, window[0].Seq}, moment{window[len(window)-1].Time, window[len(window)-1].Seq}, reverse)
			want := slices.DeleteFunc(slices.Clone(window), func(it Item) bool {
				return !slices.ContainsFunc(terms, func(w term) bool { return w.kind == termAll || w.text == it.Record.Patients[0] })
			})
			if reverse {
				slices.Reverse(want)
			}
			for _, it := range want {
				p, more, err := s.next(t.Context())
				if err != nil || !more || p.seq != it.Seq || p.place != it.Place || !p.time.Equal(it.Time) {
					t.Fatalf("reverse %v: %v %v (%v), want record %d", reverse, p, more, err, it.Seq)
				}
			}
			if p, more, _ := s.next(t.Context()); more {
				t.Fatalf("reverse %v: more than there is: %v", reverse, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if w, ok, err := x.placeOf(context.Background(), it.Seq); err != nil || !ok || w.place != it.Place {
			t.Fatalf("record %d: %v %v %v", it.Seq, w, ok, err)
		}
		if _, ok, _ := x.placeOf(context.Background(), it.Seq+100); ok && !slices.ContainsFunc(items, func(o Item) bool { return o.Seq == it.Seq+100 }) {
			t.Fatal("a record that there is not")
		}
	}
}

// A term that very many records have fills several blocks, between those of
// others.
func TestMentionsFillBlocks(t *testing.T) {
	x := &index{engine: memory.Open()}
	defer x.engine.Close()
	c := &chapter{number: 3}
	x.open = []*chapter{c}
	const n = 5000
	for i := range uint64(n) {
		it := Item{Seq: 3<<chapterBits + i, Time: time.UnixMilli(int64(i)), Kind: KindRequest}
		it.Record = Record{Client: "everybody", Request: string(rune('a' + i%26)), Patients: []string{"p"}}
		if i == 4321 {
			it.Record.Agent = "Practitioner/once"
		}
		c.add(it, asRecorded)
	}
	if err := x.writeChapter(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		term
		want int
	}{
		{term{termIdentifier, "everybody"}, n}, {term{termPatient, "p"}, n}, {term{termAgent, "Practitioner/once"}, 1},
		{term{termRequest, "b"}, n/26 + 1}, {term{termRequest, "nobody"}, 0}, {term{kind: termAll}, n},
	} {
		err := x.engine.View(t.Context(), func(r kv.Reader) error {
			found, err := findIn(t.Context(), r, 3, []term{test.term})
			if len(found) != test.want {
				t.Errorf("%c %s: %d records, want %d", test.kind, test.text, len(found), test.want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestTermHash holds the index to its hash: a stored chapter is found by it.
func TestTermHash(t *testing.T) {
	for _, text := range []string{"", "Practitioner/once", "Organization/msp-éé"} {
		h := fnv.New64a()
		h.Write(append([]byte{termAgent}, text...))
		if got := (term{termAgent, text}).hash(); got != h.Sum64() {
			t.Errorf("%q has the hash %x, want %x", text, got, h.Sum64())
		}
	}
	var yielded []uint64
	terms(&Item{Record: Record{Entries: []Entry{{Key: fhir.Key{Type: "Patient", ID: "p", Version: "1"}}}}}, asRecorded, func(hash uint64) { yielded = append(yielded, hash) })
	if want := (term{termEntity, "Patient/p"}).hash(); !slices.Contains(yielded, want) {
		t.Error("a resource is not found under its reference")
	}
}

// TestPropertyMentionsSorted: dealing out first does not change the order.
func TestPropertyMentionsSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) mention {
			return mention{rapid.SampledFrom([]uint64{0, 1, 1 << 48, 1<<48 + 1, 1 << 63, 1<<64 - 1}).Draw(t, "term"), rapid.Uint16().Draw(t, "record")}
		})).Draw(t, "mentions")
		want := slices.SortedFunc(slices.Values(list), mention.compare)
		if got := sorted(list); !slices.Equal(got, want) {
			t.Fatalf("%v became %v", list, got)
		}
	})
}
