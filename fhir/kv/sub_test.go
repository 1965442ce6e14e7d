package kv_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/kvtest"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// TestSubContract runs the suite on a Sub of a Sub, among neighbours that are
// as they were when it is closed.
func TestSubContract(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Engine {
		whole := memory.Open()
		if err := whole.Update(t.Context(), func(w kv.Writer) error {
			for _, k := range neighbours {
				if err := w.Put([]byte(k), []byte("v")); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return &among{Engine: kv.Sub(kv.Sub(whole, "b"), "p\xff"), whole: whole}
	})
}

// neighbours of the prefix "bp\xff".
var neighbours = []string{"b", "bp", "bp\xfe\xff", "bq", "bq\x00", "c"}

// among is a Sub that closes its engine, as the contract wants it.
type among struct {
	kv.Engine
	whole kv.Engine
}

func (a *among) Close() error {
	err := a.whole.View(context.Background(), func(r kv.Reader) error {
		outside := []kv.Range{{End: []byte("bp\xff")}, {Start: []byte("bq")}}
		i := 0
		for e, err := range r.Scan(context.Background(), outside...) {
			if err != nil {
				return err
			}
			if string(e.Key) != neighbours[i] {
				return fmt.Errorf("neighbour %q, want %q", e.Key, neighbours[i])
			}
			i++
		}
		return nil
	})
	if err != nil && !errors.Is(err, kv.ErrClosed) {
		return err
	}
	return a.whole.Close()
}
