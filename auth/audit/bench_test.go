package audit

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// Closed loop: each caller waits until its record is durable.
func BenchmarkRecord(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			tr := open(b, benchConfig(b))
			r := aRead()
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if err := tr.Record(context.Background(), r); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// benchConfig has an index in Badger, as the gateway has, or in memory with
// AUDIT_BENCH_INDEX=memory.
func benchConfig(b *testing.B) Config {
	cfg := testConfig(b)
	if os.Getenv("AUDIT_BENCH_INDEX") == "memory" {
		cfg.Engine = memory.Open()
		return cfg
	}
	engine, err := badger.Open(badger.Config{Dir: b.TempDir(), Profile: badger.Standard()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { engine.Close() })
	cfg.Engine = engine
	return cfg
}

func BenchmarkEncode(b *testing.B) {
	it := Item{Kind: KindRequest, Record: aRead()}
	for b.Loop() {
		if _, err := encode(it); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch asks a trail of AUDIT_BENCH_RECORDS records (10,000) about
// 1,000 patients for the latest 50 events of one of them.
func BenchmarkSearch(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("AUDIT_BENCH_RECORDS"))
	if err != nil {
		n = 10_000
	}
	tr := open(b, benchConfig(b))
	fill(b, tr, n)
	for name, q := range map[string]fhir.Query{
		"patient":            ask(b, tr, "date", "ge2020", "patient", "p7"),
		"patient+total":      ask(b, tr, "date", "ge2020", "patient", "p7", "_total", "accurate"),
		"patient+action":     ask(b, tr, "date", "ge2020", "patient", "p7", "action", "R"),
		"agent":              ask(b, tr, "date", "ge2020", "agent", "Practitioner/dr"),
		"latest":             ask(b, tr, "date", "ge2020"),
		"rare without index": ask(b, tr, "date", "ge2020", "action", "D", "_count", "1"),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := tr.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fill appends records and waits for the index.
func fill(b *testing.B, tr *Trail, n int) {
	const batch = 1000
	for i := 0; i < n; i += batch {
		var bodies [][]byte
		for j := i; j < min(n, i+batch); j++ {
			r := aRead()
			patient := fmt.Sprint("p", j*7919%1000)
			r.Request = fmt.Sprint("req-", j)
			r.Entries[0].Key.ID, r.Entries[0].Patients = fmt.Sprint("o", j), []string{patient}
			body, err := encode(Item{Kind: KindRequest, Record: r})
			if err != nil {
				b.Fatal(err)
			}
			bodies = append(bodies, body)
		}
		if _, err := tr.log.Append(bodies...); err != nil {
			b.Fatal(err)
		}
	}
	for !tr.index.catchUp(b.Context()) {
		if err := tr.Status().Index; err != nil {
			b.Fatal(err)
		}
	}
}
