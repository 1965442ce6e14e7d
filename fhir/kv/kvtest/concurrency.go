package kvtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

var concurrencyTests = map[string]func(*testing.T, kv.Engine){
	"parallel counters lose no update": testCounters,
	"a guard key stops phantoms":       testGuard,
	"parallel readers and writers":     testReadersAndWriters,
}

const workers = 8

// inParallel runs f in each of the workers until it returns.
func inParallel(t *testing.T, f func(worker int) error) {
	t.Helper()
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			if err := f(worker); err != nil {
				t.Errorf("worker %d: %v", worker, err)
			}
		})
	}
	wg.Wait()
}

// persistently repeats an Update that gives up in conflict.
func persistently(e kv.Engine, f func(kv.Writer) error) error {
	for {
		if err := e.Update(context.Background(), f); !errors.Is(err, kv.ErrConflict) {
			return err
		}
	}
}

func number(b []byte) uint64 {
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func add(ctx context.Context, w kv.Writer, key []byte) error {
	values, err := w.Get(ctx, key)
	if err != nil {
		return err
	}
	return w.Put(key, binary.BigEndian.AppendUint64(nil, number(values[0])+1))
}

// testCounters counts in a shared key and, in the same transaction, in a key of
// each worker.
func testCounters(t *testing.T, e kv.Engine) {
	const each = 25
	inParallel(t, func(worker int) error {
		for range each {
			if err := persistently(e, func(w kv.Writer) error {
				if err := add(t.Context(), w, []byte("all")); err != nil {
					return err
				}
				return add(t.Context(), w, fmt.Appendf(nil, "w%d", worker))
			}); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, e, func(r kv.Reader) error {
		values, err := r.Get(t.Context(), []byte("all"), []byte("w0"))
		if err != nil {
			return err
		}
		if got := number(values[0]); got != workers*each {
			return fmt.Errorf("counted to %d, want %d", got, workers*each)
		}
		if got := number(values[1]); got != each {
			return fmt.Errorf("worker 0 counted to %d, want %d", got, each)
		}
		return nil
	})
}

// testGuard is the protocol of conditional creates: scan for a match, create
// when there is none, and read and write a guard key, so that of those who
// looked at the same time only one creates.
func testGuard(t *testing.T, e kv.Engine) {
	const rounds = 10
	created := make([]int, workers)
	inParallel(t, func(worker int) error {
		for round := range rounds {
			prefix := fmt.Appendf(nil, "identifier/%d/", round)
			made := false
			if err := persistently(e, func(w kv.Writer) error {
				made = false
				guard := fmt.Appendf(nil, "guard/%d", round)
				if _, err := w.Get(t.Context(), guard); err != nil {
					return err
				}
				n, err := kv.Count(t.Context(), w, kv.Prefix(prefix), 1)
				if err != nil || n > 0 {
					return err
				}
				made = true
				if err := w.Put(guard, fmt.Append(nil, worker)); err != nil {
					return err
				}
				return w.Put(fmt.Appendf(prefix, "%d", worker), []byte("v"))
			}); err != nil {
				return err
			}
			if made {
				created[worker]++
			}
		}
		return nil
	})
	total := 0
	for _, n := range created {
		total += n
	}
	view(t, e, func(r kv.Reader) error {
		n, err := kv.Count(t.Context(), r, kv.Prefix([]byte("identifier/")), 0)
		if err == nil && (n != rounds || total != rounds) {
			err = fmt.Errorf("%d created, %d there, want %d", total, n, rounds)
		}
		return err
	})
}

// testReadersAndWriters moves a sum between keys, in one transaction each,
// while readers add it up from one snapshot, by Get and by Scan.
func testReadersAndWriters(t *testing.T, e kv.Engine) {
	put(t, e, "s0", "\x00\x00\x00\x00\x00\x00\x00\x64", "s1", "\x00\x00\x00\x00\x00\x00\x00\x64", "s2", "\x00\x00\x00\x00\x00\x00\x00\x64")
	keys := [][]byte{[]byte("s0"), []byte("s1"), []byte("s2")}
	inParallel(t, func(worker int) error {
		for i := range 20 {
			if worker%2 == 0 {
				if err := persistently(e, func(w kv.Writer) error {
					return move(t.Context(), w, keys[(worker+i)%3], keys[(worker+i+1)%3])
				}); err != nil {
					return err
				}
				continue
			}
			if err := e.View(context.Background(), func(r kv.Reader) error { return wantSum(t.Context(), r, keys) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func move(ctx context.Context, w kv.Writer, from, to []byte) error {
	values, err := w.Get(ctx, from, to)
	if err != nil || number(values[0]) == 0 {
		return err
	}
	if err := w.Put(from, binary.BigEndian.AppendUint64(nil, number(values[0])-1)); err != nil {
		return err
	}
	return w.Put(to, binary.BigEndian.AppendUint64(nil, number(values[1])+1))
}

func wantSum(ctx context.Context, r kv.Reader, keys [][]byte) error {
	values, err := r.Get(ctx, keys...)
	if err != nil {
		return err
	}
	var got, scanned uint64
	for _, v := range values {
		got += number(v)
	}
	for e, err := range r.Scan(ctx, kv.Prefix([]byte("s"))) {
		if err != nil {
			return err
		}
		scanned += number(e.Value)
	}
	if got != 300 || scanned != 300 {
		return fmt.Errorf("got a sum of %d, scanned %d, want 300", got, scanned)
	}
	return nil
}
