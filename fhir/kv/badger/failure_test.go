package badger

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// TestR03NoSpace fills the disk below the reserve and empties it again.
func TestR03NoSpace(t *testing.T) {
	var free uint64 = 100
	var broken error
	c := config(t.TempDir())
	c.Reserve, c.Free = 50, func() (uint64, error) { return free, broken }
	e, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	write := func() error {
		return e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte("k"), []byte("v")) })
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	free = 49
	if err := write(); !errors.Is(err, kv.ErrFull) {
		t.Errorf("Update below the reserve: %v", err)
	}
	if err := e.View(t.Context(), func(r kv.Reader) error {
		values, err := r.Get(t.Context(), []byte("k"))
		if err == nil && string(values[0]) != "v" {
			err = fmt.Errorf("%q", values[0])
		}
		return err
	}); err != nil {
		t.Errorf("View below the reserve: %v", err)
	}
	free, broken = 100, errors.New("no answer")
	if err := write(); !errors.Is(err, kv.ErrFull) {
		t.Errorf("Update with the free space unknown: %v", err)
	}
	broken = nil
	if err := write(); err != nil {
		t.Errorf("Update after space was freed: %v", err)
	}
}

// TestR02FailedCommit breaks Badger under the engine. No further write may be
// acknowledged, even if it would succeed.
func TestR02FailedCommit(t *testing.T) {
	e := open(t, "")
	select {
	case <-e.Failed():
		t.Fatal("failed from the beginning")
	default:
	}
	if err := e.fail("commit", errors.New("input/output error")); err == nil {
		t.Fatal("no error")
	}
	<-e.Failed()
	err := e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte("k"), []byte("v")) })
	if err == nil || !strings.Contains(err.Error(), "input/output error") {
		t.Errorf("Update after a failure: %v", err)
	}
	if err := e.View(t.Context(), func(kv.Reader) error { return nil }); err != nil {
		t.Errorf("View after a failure: %v", err)
	}
}

func TestCommitErrorIsFailure(t *testing.T) {
	e := open(t, "")
	err := e.Update(t.Context(), func(w kv.Writer) error {
		if err := w.Put([]byte("k"), []byte("v")); err != nil {
			return err
		}
		e.snapshots.current.close()
		return e.db.Close()
	})
	if err == nil {
		t.Fatal("Update was acknowledged without a database")
	}
	<-e.Failed()
	e.db = open(t, "").db // for Close
}

// TestErrorsHideKeys wants neither keys nor values in errors and logs.
func TestErrorsHideKeys(t *testing.T) {
	var out bytes.Buffer
	l := logger{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	l.Errorf("Unable to read: Key: %v", "secret")
	l.Debugf("First key=%q\n", "secret")
	if !strings.Contains(out.String(), "Unable to read") || strings.Contains(out.String(), "secret") {
		t.Errorf("logged: %s", out.String())
	}
	cause := fmt.Errorf("%s err: %+v", fmt.Sprintf("DB::Get key: %q", "secret err: secret"), errors.New("file is gone"))
	if got := clean("get", cause).Error(); got != "kv/badger: get: file is gone" {
		t.Errorf("clean: %s", got)
	}
}
