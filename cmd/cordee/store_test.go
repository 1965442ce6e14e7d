package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/profile"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

type attested struct{}

func (attested) Attest([]fhir.Attestation) (uint64, error) { return 1, nil }
func (attested) Settle(uint64, error)                      {}

// spoil writes a Patient twice into a new data folder and then removes the first
// key of a family.
func spoil(t *testing.T, data, family string) {
	t.Helper()
	ctx := context.Background()
	e, err := gateway.OpenEngine(data)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	registry, err := search.New(search.Config{Base: "http://127.0.0.1:8080/fhir"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{Engine: e, Registry: registry, Validate: profile.Validate, Witness: attested{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{"resourceType":"Patient","id":"p","active":true}`, `{"resourceType":"Patient","id":"p","active":false}`} {
		if _, err := s.Commit(ctx, []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: "p"}, Body: []byte(body)}}); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	err = e.Update(ctx, func(w kv.Writer) error {
		for entry, err := range w.Scan(ctx, kv.Prefix([]byte(family))) {
			if err != nil {
				return err
			}
			return w.Delete(bytes.Clone(entry.Key))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStoreCheck(t *testing.T) {
	for _, c := range []struct {
		family       string
		check, after int // exit codes, before and after reindex
		says         string
	}{
		{"?", exitOK, exitOK, "says what the records say"},
		{"i", exitIndexWrong, exitOK, "posting missing: 1 (Patient/p)"},
		{"v", exitRecordsLost, exitRecordsLost, "version missing: 1 (Patient/p)"},
	} {
		t.Run(c.family, func(t *testing.T) {
			t.Setenv("LC_ALL", "C")
			data := t.TempDir()
			spoil(t, data, c.family)
			got := cordee(t, "store", "check", "--data", data)
			if got.code != c.check || !strings.Contains(got.out, c.says) {
				t.Errorf("check: code %d\n%s%s", got.code, got.out, got.err)
			}
			got = cordee(t, "store", "reindex", "--data", data, "--output", "json")
			var r store.Report
			if err := json.Unmarshal([]byte(got.out), &r); got.code != c.after || err != nil || r.Resources != 1 {
				t.Errorf("reindex: code %d, %v\n%s%s", got.code, err, got.out, got.err)
			}
			if got = cordee(t, "store", "check", "--data", data); got.code != c.after {
				t.Errorf("check after reindex: code %d\n%s%s", got.code, got.out, got.err)
			}
		})
	}
}

func TestStoreCheckOfARunningGateway(t *testing.T) {
	data := t.TempDir()
	spoil(t, data, "?")
	e, err := gateway.OpenEngine(data)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if got := cordee(t, "store", "check", "--data", data); got.code != exitFailed || !strings.Contains(got.err, "the gateway is running on this folder") {
		t.Errorf("code %d: %s", got.code, got.err)
	}
}
