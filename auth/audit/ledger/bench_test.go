package ledger

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// Closed loop: each caller waits until its record is durable.
func BenchmarkAppend(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 300)
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l := open(b, testConfig(b))
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := l.Append(body); err != nil {
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

func BenchmarkVerify(b *testing.B) {
	cfg := testConfig(b)
	l := open(b, cfg)
	bodies := make([][]byte, 100_000)
	for i := range bodies {
		bodies[i] = bytes.Repeat([]byte{byte(i)}, 300)
	}
	if _, err := l.Append(bodies...); err != nil {
		b.Fatal(err)
	}
	l.Close()
	for b.Loop() {
		if r, err := Verify(context.Background(), VerifyConfig{Dir: cfg.Dir}); err != nil || r.Code() != 0 {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(len(bodies)*b.N)/b.Elapsed().Seconds(), "records/s")
}
