package r4

import "testing"

// BenchmarkLoad measures what the first use of each table costs.
func BenchmarkLoad(b *testing.B) {
	b.Run("unpack types", func(b *testing.B) {
		for b.Loop() {
			table("types")
		}
	})
	b.Run("types", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			loadTypes()
		}
	})
	b.Run("params", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			loadParams()
		}
	})
	b.Run("codes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			loadCodes()
		}
	})
}

func BenchmarkChild(b *testing.B) {
	observation, _ := Lookup("Observation")
	for b.Loop() {
		observation.Child("valueQuantity")
	}
}
