package counting_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/counting"
	"github.com/cordee-sante/cordee/fhir/kv/kvtest"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

func TestContract(t *testing.T) {
	kvtest.Run(t, func(*testing.T) kv.Engine { return counting.New(memory.Open()) })
}

func TestTrips(t *testing.T) {
	ctx := context.Background()
	e := counting.New(memory.Open())
	defer e.Close()
	if err := e.Update(ctx, func(w kv.Writer) error {
		for i := range 2*counting.Batch + 1 {
			if err := w.Put(fmt.Appendf(nil, "%06d", i), []byte("v")); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	scan := func(stop int, ranges ...kv.Range) func(kv.Reader) error {
		return func(r kv.Reader) error {
			n := 0
			for _, err := range r.Scan(ctx, ranges...) {
				if n++; err != nil || n == stop {
					return err
				}
			}
			return nil
		}
	}
	all := kv.Range{}
	for _, c := range []struct {
		what string
		read func(kv.Reader) error
		want int // round trips
		rows int
	}{
		{"two keys", func(r kv.Reader) error { _, err := r.Get(ctx, []byte("1"), []byte("2")); return err }, 1, 2},
		{"no keys", func(r kv.Reader) error { _, err := r.Get(ctx); return err }, 0, 0},
		{"an estimate", func(r kv.Reader) error { _, err := kv.Estimate(ctx, r, all); return err }, 0, 0},
		{"an empty range", scan(0, kv.Prefix([]byte("x"))), 1, 0},
		{"no range", scan(0), 0, 0},
		{"two ranges of little", scan(0, kv.Prefix([]byte("00000")), kv.Prefix([]byte("00001"))), 1, 20},
		{"a batch", scan(counting.Batch, all), 1, counting.Batch},
		{"one more than a batch", scan(counting.Batch+1, all), 2, counting.Batch + 1},
		{"everything", scan(0, all), 3, 2*counting.Batch + 1},
	} {
		e.Reset()
		if err := e.View(ctx, c.read); err != nil {
			t.Fatal(err)
		}
		if trips, rows := e.Trips(), e.Rows(); trips != c.want || rows != c.rows {
			t.Errorf("%s: %d rows in %d round trips, want %d in %d", c.what, rows, trips, c.rows, c.want)
		}
	}
}
