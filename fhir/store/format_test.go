package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
)

// formatKey is "m format" (meta.go).
var formatKey = []byte("mformat") // immutable

func writeFormat(t *testing.T, e kv.Engine, format ...byte) {
	t.Helper()
	if err := e.Update(context.Background(), func(w kv.Writer) error { return w.Put(formatKey, format) }); err != nil {
		t.Fatal(err)
	}
}

// TestFormatOfBeforeIsRaised: what a version before has left is read; the first
// that writes notes its format, so that the version before refuses. A check, which
// writes nothing, leaves it.
func TestFormatOfBeforeIsRaised(t *testing.T) {
	reg := registry(t)
	for name, write := range map[string]func(kv.Engine) error{
		"Open": func(e kv.Engine) error {
			s, err := store.Open(store.Config{Engine: e, Registry: reg})
			if err == nil {
				s.Close()
			}
			return err
		},
		"Reindex": func(e kv.Engine) error {
			_, err := store.Reindex(context.Background(), store.CheckConfig{Engine: e, Registry: reg})
			return err
		},
	} {
		e := lived(t, reg)
		now, err := store.Format(context.Background(), e)
		if err != nil || now < 2 {
			t.Fatalf("a new store is of format %d, %v", now, err)
		}
		writeFormat(t, e, byte(now-1))
		report, err := store.Check(context.Background(), store.CheckConfig{Engine: e, Registry: reg})
		if err != nil || !report.Sound() {
			t.Errorf("check: %v %v", report.Findings, err)
		}
		if format, err := store.Format(context.Background(), e); format != now-1 || err != nil {
			t.Errorf("a check made the format %d, %v", format, err)
		}
		if err := write(e); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if format, err := store.Format(context.Background(), e); format != now || err != nil {
			t.Errorf("%s left the format %d, %v; want %d", name, format, err, now)
		}
	}
	if format, err := store.Format(context.Background(), memory.Open()); format != 0 || err != nil {
		t.Errorf("an empty engine is of format %d, %v", format, err)
	}
}

// TestFormatOfAfterIsRefused: what a version after has written is not opened, not
// checked and not mended, and stays as it is.
func TestFormatOfAfterIsRefused(t *testing.T) {
	reg := registry(t)
	for _, format := range [][]byte{{4}, {0}, {2, 2}} {
		e := lived(t, reg)
		writeFormat(t, e, format...)
		_, opening := store.Open(store.Config{Engine: e, Registry: reg})
		_, checking := store.Check(context.Background(), store.CheckConfig{Engine: e, Registry: reg})
		_, mending := store.Reindex(context.Background(), store.CheckConfig{Engine: e, Registry: reg})
		_, outdated := store.Outdated(context.Background(), e, reg)
		for what, err := range map[string]error{"Open": opening, "Check": checking, "Reindex": mending, "Outdated": outdated} {
			if err == nil || !strings.Contains(err.Error(), "use the version that wrote it") {
				t.Errorf("%s of format %d: %v", what, format, err)
			}
		}
		err := e.View(context.Background(), func(r kv.Reader) error {
			v, err := r.Get(context.Background(), formatKey)
			if string(v[0]) != string(format) {
				t.Errorf("the format became %d", v[0])
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
