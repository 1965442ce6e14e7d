package oauth_test

import (
	"context"
	"testing"
)

// BenchmarkToken is a whole exchange: signing, HTTP, ES384, both writes to the
// memory engine.
func BenchmarkToken(b *testing.B) {
	h := newHarness(b)
	for b.Loop() {
		h.token("")
	}
}

func BenchmarkIntrospect(b *testing.B) {
	h := newHarness(b)
	ctx := context.Background()
	token := h.token("")
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.Introspect(ctx, token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unknown", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.Introspect(ctx, token+"x"); err == nil {
				b.Fatal("accepted")
			}
		}
	})
	b.Run("looked-up", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.Clients().Forget()
			if _, err := h.Introspect(ctx, token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
