package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// lived holds a patient in two versions, two Observations of which one was
// deleted, and a Consent.
func lived(t *testing.T, reg *search.Registry) kv.Engine {
	e := memory.Open()
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put := func(body string) fhir.Change {
		var typ, id string
		fmt.Sscanf(strings.NewReplacer(`"`, " ", ",", " ").Replace(body), "{ resourceType : %s id : %s", &typ, &id)
		return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Contributor: "Organization/o", Body: []byte(body)}
	}
	for _, c := range []fhir.Change{
		put(`{"resourceType":"Patient","id":"p","active":true}`),
		put(`{"resourceType":"Patient","id":"p","active":false,"meta":{"security":[{"code":"R"}]}}`),
		put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`),
		put(`{"resourceType":"Observation","id":"o2","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`),
		put(`{"resourceType":"Consent","id":"c","status":"active","patient":{"reference":"Patient/p"}}`),
		{Method: fhir.Delete, Key: fhir.Key{Type: "Observation", ID: "o2"}},
	} {
		if _, err := s.Commit(context.Background(), []fhir.Change{c}); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// first is the first key of a family that holds the text, with its value.
func first(t *testing.T, e kv.Engine, family, text string) (key, value []byte) {
	t.Helper()
	err := e.View(context.Background(), func(r kv.Reader) error {
		for entry, err := range r.Scan(context.Background(), kv.Prefix([]byte(family))) {
			if err != nil {
				return err
			}
			if bytes.Contains(entry.Key, []byte(text)) {
				key, value = bytes.Clone(entry.Key), bytes.Clone(entry.Value)
				return nil
			}
		}
		return fmt.Errorf("no key of %s with %q", family, text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return key, value
}

// TestCheckFindsEveryKindOfDamage spoils a store in one way after the other: a
// check says what it is, Reindex mends it, and a store that lost records
// themselves is told from one that lost what was worked out of them.
func TestCheckFindsEveryKindOfDamage(t *testing.T) {
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		family, text string
		to           func(key, value []byte) (k, v []byte) // what is put; nil v deletes
		want         string
		beyond       bool
	}{
		"posting lost":        {"i", "\x00o", remove, "posting missing", false},
		"posting wrong":       {"i", "\x00o", other, "posting wrong", false},
		"posting left":        {"i", "\x00o", elsewhere("\x00o2"), "posting stale", false},
		"posting of nothing":  {"i", "\x00o", elsewhere("\x00nobody"), "posting stale", false},
		"contribution lost":   {"i", "Organization/o\x00o", remove, "posting missing", false},
		"contribution left":   {"i", "Organization/o\x00o", elsewhere("\x00o2"), "posting stale", false},
		"another's":           {"i", "Organization/o\x00o", func(k, v []byte) (_, _ []byte) { return bytes.Replace(k, []byte("/o"), []byte("/q"), 1), v }, "posting stale", false},
		"rows lost":           {"x", "\x00o", remove, "rows missing", false},
		"rows wrong":          {"x", "\x00o", other, "rows wrong", false},
		"rows of a deleted":   {"x", "\x00o", elsewhere("2"), "rows stale", false},
		"rows elsewhere":      {"x", "\x00o", func(_, v []byte) (k, _ []byte) { return []byte("xq\x00Observation\x00o"), v }, "rows stale", false},
		"history lost":        {"t", "Consent", remove, "history missing", false},
		"history wrong":       {"t", "Consent", other, "history wrong", false},
		"history left":        {"t", "Consent", elsewhere("d"), "history stale", false},
		"past lost":           {"h", "Patient", remove, "history missing", false},
		"past wrong":          {"h", "Patient", other, "history wrong", false},
		"past left":           {"h", "Observation", elsewhere("d"), "history stale", false},
		"past left as last":   {"h", "Patient", func(k, v []byte) (_, _ []byte) { return lastOf(k), v }, "history stale", false},
		"epoch lost":          {"e", "p", remove, "epoch missing", false},
		"epoch behind":        {"e", "p", func(k, _ []byte) (_, v []byte) { return k, make([]byte, 8) }, "epoch wrong", false},
		"sequence behind":     {"m", "seq", func(k, _ []byte) (_, v []byte) { return k, make([]byte, 8) }, "sequence wrong", false},
		"record's facts":      {"c", "Consent", relabel, "facts wrong", false},
		"record lost":         {"c", "Patient", remove, "record missing", true},
		"record damaged":      {"c", "Observation\x00o", func(k, v []byte) (_, _ []byte) { return k, v[:20] }, "record unreadable", true},
		"record of another":   {"c", "Observation\x00o", elsewhere("3"), "record wrong", true},
		"version lost":        {"v", "Patient", remove, "version missing", true},
		"version damaged":     {"v", "Patient", func(k, v []byte) (_, _ []byte) { return k, v[:3] }, "version unreadable", true},
		"version of nowhere":  {"v", "Patient", func(k, v []byte) (_, _ []byte) { return append(bytes.Clone(k[:len(k)-1]), 0xf0), v }, "version stale", true},
		"parameter of nobody": {"i", "\x00o", func(k, v []byte) (_, _ []byte) { return append([]byte{'i', 1, 2, 3, 4}, k[5:]...), v }, "posting stale", false},
	} {
		t.Run(name, func(t *testing.T) {
			e, ctx := lived(t, reg), context.Background()
			key, value := first(t, e, test.family, test.text)
			k, v := test.to(key, value)
			err := e.Update(ctx, func(w kv.Writer) error {
				if v == nil {
					return w.Delete(k)
				}
				return w.Put(k, v)
			})
			if err != nil {
				t.Fatal(err)
			}
			cfg := store.CheckConfig{Engine: e, Registry: reg}
			report, err := store.Check(ctx, cfg)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, f := range report.Findings {
				found = append(found, f.Part+" "+f.Fault)
			}
			if !strings.Contains(strings.Join(found, ", "), test.want) {
				t.Errorf("found %v, want %s", found, test.want)
			}
			if !test.beyond && len(found) != 1 && test.want != "facts wrong" {
				t.Errorf("found %v, want %s alone", found, test.want)
			}
			if report.Beyond() > 0 != test.beyond {
				t.Errorf("beyond repair: %d", report.Beyond())
			}
			if report, err = store.Reindex(ctx, cfg); err != nil || report.Repaired == 0 && !test.beyond {
				t.Errorf("reindex: %+v, %v", report, err)
			}
			if !test.beyond {
				sound(t, e, reg)
			}
		})
	}
}

func remove(k, _ []byte) (_, _ []byte) { return k, nil }
func other(k, v []byte) (_, _ []byte)  { return k, append(bytes.Clone(v), v[len(v)-1]) }

// relabel changes the label that the record of the Consent has to one that its
// body does not: the contributor's length and text come before.
func relabel(k, v []byte) (_, _ []byte) {
	return k, bytes.Replace(v, []byte("\x01\x01p\x00"), []byte("\x01\x01p\x01\x01V"), 1)
}

func elsewhere(suffix string) func(k, v []byte) (_, _ []byte) {
	return func(k, v []byte) (_, _ []byte) {
		if strings.HasPrefix(suffix, "\x00") {
			k = k[:bytes.LastIndexByte(k, 0)]
		}
		return append(bytes.Clone(k), suffix...), v
	}
}

// lastOf is the key of a last change, of another.
func lastOf(key []byte) []byte {
	k := bytes.Clone(key)
	k[0] = 't'
	seq := k[bytes.IndexByte(k, 0)+1:]
	binary.BigEndian.PutUint64(seq, ^binary.BigEndian.Uint64(seq))
	return k
}

// TestIndexOfAnotherVersion: what decides about index values belongs to the
// store; under another base URL it is refused until it is made anew.
func TestIndexOfAnotherVersion(t *testing.T) {
	ctx := context.Background()
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := search.New(search.Config{Base: "https://moved.example.org/fhir"})
	if err != nil {
		t.Fatal(err)
	}
	e := memory.Open()
	s := open(t, e, reg)
	body := `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"https://moved.example.org/fhir/Patient/p"}}`
	if _, err := s.Commit(ctx, []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: "o"}, Body: []byte(body)}}); err != nil {
		t.Fatal(err)
	}
	cfg := store.Config{Engine: e, Registry: moved, Validate: valid, Witness: &witness{}}
	if _, err := store.Open(cfg); !errors.Is(err, store.ErrOutdated) {
		t.Fatalf("opened: %v", err)
	}
	for _, run := range []func(context.Context, store.CheckConfig) (store.Report, error){store.Check, store.Reindex} {
		report, err := run(ctx, store.CheckConfig{Engine: e, Registry: moved})
		if err != nil || report.Sound() {
			t.Errorf("%+v, %v", report, err)
		}
	}
	again, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	page, err := again.Search(ctx, fhir.Query{Type: "Observation", Within: storetest.Everything, Params: []fhir.Param{{Code: "patient", Values: []string{"p"}}}})
	if err != nil || len(page.Matches) != 1 || page.Matches[0].Facts.Patients[0] != "p" {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := store.Reindex(ctx, store.CheckConfig{Engine: e, Registry: reg}); err != nil {
		t.Fatal(err)
	}
}
