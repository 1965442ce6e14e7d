package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"

	"context"
)

// noTrail takes records and drops them.
type noTrail struct{}

func (noTrail) Record(context.Context, audit.Record) error { return nil }

func BenchmarkGuardRead(b *testing.B) {
	g := newGate()
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	g.Trail = noTrail{}
	ctx := as(b, "system/*.rs")
	b.ReportAllocs()
	for b.Loop() {
		g.repo.calls = g.repo.calls[:0]
		if _, err := g.Read(ctx, patient); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGuardSearch50(b *testing.B) {
	g := newGate()
	var page fhir.Page
	for i := range 50 {
		page.Matches = append(page.Matches, g.repo.put("Patient", string(rune('a'+i)), fhir.Created, []string{"p1"}))
	}
	g.Guard.Repo = fixed{g.repo, page}
	g.Trail = noTrail{}
	ctx := as(b, "system/*.rs")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Search(ctx, fhir.Query{Type: "Patient"}); err != nil {
			b.Fatal(err)
		}
	}
}

// fixed answers every search with one page.
type fixed struct {
	*repo
	page fhir.Page
}

func (f fixed) Search(context.Context, fhir.Query) (fhir.Page, error) { return f.page, nil }

// BenchmarkDoor is what the door adds to a request with a good token.
func BenchmarkDoor(b *testing.B) {
	p, _ := auth.FromContext(as(b, "system/*.rs"))
	door := auth.Authenticate(auth.Door{Tokens: tokens{p}, Trail: noTrail{}, Error: renderError})
	handler := door(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", good)
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(w, r)
	}
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
