package audit

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// However the follower cuts the records into transactions, and wherever it stops
// and begins again, a list holds each record once and in order, late changes
// among them, and each is found by its number.
func TestBlocksAreOneList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		engine := memory.Open()
		defer engine.Close()
		items := aLog(t)
		stop := rapid.IntRange(0, len(items)).Draw(t, "stop")
		indexInParts(t, engine, items[:stop])
		saved := uint64(0) // the index never moves past what it has not got
		for i, it := range items[stop:] {
			if i == 0 || it.Seq < saved {
				saved = it.Seq
			}
		}
		indexInParts(t, engine, slices.DeleteFunc(slices.Clone(items), func(it Item) bool { return stop == len(items) || it.Seq < saved }))
		slices.SortFunc(items, func(a, b Item) int { return moment{a.Time, a.Seq}.compare(moment{b.Time, b.Seq}) })
		checkLists(t, engine, items)
	})
}

// indexInParts writes the items in transactions of any size.
func indexInParts(t *rapid.T, engine kv.Engine, items []Item) {
	for len(items) > 0 {
		n := rapid.IntRange(1, len(items)).Draw(t, "transaction")
		b := newBlocks()
		for _, it := range items[:n] {
			b.add(it, asRecorded)
		}
		items = items[n:]
		err := engine.Update(context.Background(), func(w kv.Writer) error {
			for _, e := range b.puts() {
				if err := w.Put(e.Key, e.Value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// aLog is records in the order in which their outcome is known.
func aLog(t *rapid.T) (items []Item) {
	at := time.UnixMilli(1_700_000_000_000).UTC()
	for i := range rapid.IntRange(1, 60).Draw(t, "records") {
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 200, 1024, 5000}).Draw(t, "ms")) * time.Millisecond)
		it := Item{Seq: uint64(i + 250), Time: at, Place: ledger.Place{Segment: 1, Offset: int64(100 * i)}, Kind: KindRequest}
		it.Record = Record{Interaction: InteractionRead, Client: "c", Patients: []string{rapid.SampledFrom([]string{"p1", "p2"}).Draw(t, "patient")}}
		late := rapid.IntRange(0, min(3, i)).Draw(t, "late")
		items = slices.Insert(items, len(items)-late, it)
	}
	return items
}

func checkLists(t *rapid.T, engine kv.Engine, items []Item) {
	from := rapid.IntRange(0, len(items)-1).Draw(t, "from")
	to := rapid.IntRange(from, len(items)-1).Draw(t, "to")
	window := items[from : to+1]
	ctx := context.Background()
	err := engine.View(ctx, func(r kv.Reader) error {
		for _, reverse := range []bool{false, true} {
			s := newStream(r, []term{{termPatient, "p1"}, {termPatient, "p2"}},
				moment{window[0].Time, window[0].Seq}, moment{window[len(window)-1].Time, window[len(window)-1].Seq}, reverse)
			want := slices.Clone(window)
			if reverse {
				slices.Reverse(want)
			}
			for _, it := range want {
				p, more, err := s.next(ctx)
				if err != nil || !more || p.seq != it.Seq || p.place != it.Place || !p.time.Equal(it.Time) {
					t.Fatalf("reverse %v: %v %v (%v), want record %d", reverse, p, more, err, it.Seq)
				}
			}
			if p, more, _ := s.next(ctx); more {
				t.Fatalf("reverse %v: more than there is: %v", reverse, p)
			}
		}
		for _, it := range items {
			if w, ok, err := placeOf(ctx, r, it.Seq); err != nil || !ok || w.place != it.Place {
				t.Fatalf("record %d: %v %v %v", it.Seq, w, ok, err)
			}
		}
		_, ok, err := placeOf(ctx, r, items[0].Seq+1000)
		if ok {
			t.Fatal("a record that there is not")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
