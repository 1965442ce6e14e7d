package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// TestContent: content that came beside a body is in the body of what is read,
// in every way that the resource is, and is the same content however it comes.
func TestContent(t *testing.T) {
	e, ctx := memory.Open(), context.Background()
	s := newStore(t, e, &scripted{})
	beside := func(content string) fhir.Change {
		c := putting("Binary", "b", `,"contentType":"text/plain"`)
		c.Content = []byte(content)
		return c
	}
	within := putting("Binary", "b", `,"contentType":"text/plain","data":"b25l"`) // "one"
	for i, step := range []struct {
		change fhir.Change
		effect fhir.Effect
		want   string
	}{
		{beside("one"), fhir.Created, "one"},
		{beside("one"), fhir.Unchanged, "one"},
		{within, fhir.Unchanged, "one"},
		{beside("two"), fhir.Updated, "two"},
		{within, fhir.Updated, "one"},
		{beside("one"), fhir.Unchanged, "one"},
		{beside("three"), fhir.Updated, "three"},
	} {
		results, err := s.Commit(ctx, []fhir.Change{step.change})
		if err != nil || results[0].Effect != step.effect {
			t.Fatalf("step %d: %v %v, want %s", i, results, err, step.effect)
		}
		if got := dataOf(t, fhir.Whole(results[0].Body, results[0].Content)); got != step.want {
			t.Errorf("step %d returns %q, want %q", i, got, step.want)
		}
		key := fhir.Key{Type: "Binary", ID: "b", Version: results[0].Version}
		r, err := s.Read(ctx, key)
		if err != nil || r.Content != nil || dataOf(t, r.Body) != step.want {
			t.Errorf("step %d reads %q %v, want %q", i, r.Body, err, step.want)
		}
		if held, err := s.Holds(ctx, key, results[0].Sum()); err != nil || !held || results[0].Sum() != sha256.Sum256(r.Body) {
			t.Errorf("step %d: what the trail has is not what is held: %v", i, err)
		}
	}
	history, err := s.History(ctx, fhir.HistoryQuery{Type: "Binary", ID: "b", Within: storetest.Hiding("secret")})
	if err != nil || len(history.Matches) != 4 || dataOf(t, history.Matches[3].Body) != "one" {
		t.Errorf("history: %+v %v", history.Matches, err)
	}
	if report, err := store.Check(ctx, store.CheckConfig{Engine: e, Registry: registry(t)}); err != nil || !report.Sound() {
		t.Errorf("check: %+v %v", report.Findings, err)
	}
}

// TestContentOfBinariesOnly: content beside a body that has its own, or that is not
// of a Binary, is a fault of whoever hands it over.
func TestContentOfBinariesOnly(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	for _, c := range []fhir.Change{putting("Patient", "p", ""), putting("Binary", "b", `,"data":"b25l"`)} {
		c.Content = []byte("x")
		if _, err := s.Commit(context.Background(), []fhir.Change{c}); fhir.KindOf(err) != fhir.Internal {
			t.Errorf("%s: %v", c.Body, err)
		}
	}
}

func dataOf(t *testing.T, body []byte) string {
	t.Helper()
	var binary struct{ Data []byte }
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&binary); err != nil {
		t.Errorf("%s: %v", body, err)
	}
	return string(binary.Data)
}
