//go:build unix

package badger

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// benchStore opens an engine with the documents in it, opened again so that
// they are on the disk.
func benchStore(b *testing.B) *Engine {
	b.Helper()
	dir := b.TempDir()
	e := openStandard(b, dir)
	for i := 0; i < benchDocuments; i += 500 {
		if err := e.Update(b.Context(), func(w kv.Writer) error {
			for j := range 500 {
				if err := putDocument(w, i+j, document(i+j)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	return openStandard(b, dir)
}

func openStandard(b *testing.B, dir string) *Engine {
	b.Helper()
	e, err := Open(Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

func BenchmarkRead(b *testing.B) { benchReads(b, benchStore(b)) }

func benchReads(b *testing.B, e *Engine) {
	b.Run("view", func(b *testing.B) {
		inViews(b, e, func(kv.Reader, int) (int, error) { return 1, nil })
	})
	b.Run("get", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, i int) (int, error) {
			v, err := r.Get(b.Context(), documentKey(i))
			if err == nil && !bytes.HasPrefix(v[0], []byte("{")) {
				err = fmt.Errorf("document %d: %q", i, v[0])
			}
			return 1, err
		})
	})
	b.Run("get absent", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, i int) (int, error) {
			_, err := r.Get(b.Context(), documentKey(i+benchDocuments))
			return 1, err
		})
	})
	b.Run("get 20", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, i int) (int, error) {
			keys := make([][]byte, 20)
			for j := range keys {
				keys[j] = documentKey((i + j*997) % benchDocuments)
			}
			_, err := r.Get(b.Context(), keys...)
			return len(keys), err
		})
	})
	ordered := documentsInOrder()
	b.Run("get 20 neighbours", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, i int) (int, error) {
			keys := ordered[min(i, len(ordered)-20):][:20]
			_, err := r.Get(b.Context(), keys...)
			return len(keys), err
		})
	})
	for _, keysOnly := range []bool{true, false} {
		b.Run(fmt.Sprintf("scan 10, keys only %v", keysOnly), func(b *testing.B) {
			inViews(b, e, func(r kv.Reader, i int) (int, error) {
				rg := kv.Prefix(indexPrefix(i%benchIndexes, i))
				rg.KeysOnly = keysOnly
				return count(b, r, rg)
			})
		})
	}
	b.Run("scan 10 of 5 ranges", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, i int) (int, error) {
			ranges := make([]kv.Range, 5)
			for j := range ranges {
				ranges[j] = kv.Prefix(indexPrefix((i+j)%benchIndexes, i))
				ranges[j].KeysOnly = true
			}
			return count(b, r, ranges...)
		})
	})
	b.Run("scan all index keys", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, _ int) (int, error) {
			rg := kv.Prefix([]byte("i/"))
			rg.KeysOnly = true
			return count(b, r, rg)
		})
	})
	b.Run("scan all index keys in reverse", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, _ int) (int, error) {
			rg := kv.Prefix([]byte("i/"))
			rg.KeysOnly, rg.Reverse = true, true
			return count(b, r, rg)
		})
	})
	b.Run("estimate", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, i int) (int, error) {
			_, err := kv.Estimate(b.Context(), r, kv.Prefix(append([]byte("i/"), 0, 0, 0, byte(i%benchIndexes))))
			return 1, err
		})
	})
	b.Run("scan all documents", func(b *testing.B) {
		inViews(b, e, func(r kv.Reader, _ int) (int, error) { return count(b, r, kv.Prefix([]byte("d/"))) })
	})
}

// documentsInOrder are the keys of all documents as they lie in the store.
func documentsInOrder() [][]byte {
	keys := make([][]byte, benchDocuments)
	for i := range keys {
		keys[i] = documentKey(i)
	}
	slices.SortFunc(keys, bytes.Compare)
	return keys
}

// inViews runs f in one View each, in parallel, with a random document, and
// reports the keys that f has read per second.
func inViews(b *testing.B, e *Engine, f func(r kv.Reader, document int) (keys int, err error)) {
	var total atomic.Int64
	start := processTime()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		keys := 0
		for pb.Next() {
			if err := e.View(b.Context(), func(r kv.Reader) error {
				n, err := f(r, rand.IntN(benchDocuments))
				keys += n
				return err
			}); err != nil {
				b.Error(err)
				return
			}
		}
		total.Add(int64(keys))
	})
	b.ReportMetric(float64(total.Load())/b.Elapsed().Seconds(), "keys/s")
	b.ReportMetric(float64(processTime()-start)/float64(total.Load()), "cpu-ns/key")
}

// processTime is what the process has used of the processors. On a machine with
// other work it says more than the clock.
func processTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func count(b *testing.B, r kv.Reader, ranges ...kv.Range) (int, error) {
	n := 0
	for _, err := range r.Scan(b.Context(), ranges...) {
		if err != nil {
			return n, err
		}
		n++
	}
	if n == 0 {
		return n, fmt.Errorf("no key in %v", ranges)
	}
	return n, nil
}

func BenchmarkUpdate(b *testing.B) {
	for _, batch := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("batch of %d", batch), func(b *testing.B) {
			e := openStandard(b, b.TempDir())
			bodies := make([][]byte, batch)
			for i := range bodies {
				bodies[i] = document(i)
			}
			b.ReportAllocs()
			b.ResetTimer()
			start := processTime()
			for i := range b.N {
				if err := e.Update(b.Context(), func(w kv.Writer) error {
					for j := range batch {
						if err := putDocument(w, i*batch+j, bodies[j]); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "docs/s")
			b.ReportMetric(float64(processTime()-start)/float64(b.N*batch), "cpu-ns/doc")
		})
	}
}
