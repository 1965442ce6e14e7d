package cda_test

import (
	"context"
	"os"
	"testing"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
)

// BenchmarkConvert turns a complete VSM of 60 KB into its transaction: parse,
// map, encode, hash.
func BenchmarkConvert(b *testing.B) {
	data, err := os.ReadFile("testdata/vsm-complet.xml")
	if err != nil {
		b.Fatal(err)
	}
	in := adaptertest.Input(data)
	in.Every = false // as for a sender who did not ask
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (cda.Adapter{}).Convert(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
}
