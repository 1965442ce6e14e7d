package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testConfig is a log in a temporary folder that signs when told.
func testConfig(t testing.TB) Config {
	dir := t.TempDir()
	return Config{
		Dir: filepath.Join(dir, "trail"), Keys: filepath.Join(dir, "keys"), Origin: "gw.example.fr/trail",
		Mirror: filepath.Join(dir, "outside"), SignEvery: time.Hour, MinFree: 1,
	}
}

func open(t testing.TB, cfg Config) *Log {
	t.Helper()
	l, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func appendN(t testing.TB, l *Log, n int) {
	t.Helper()
	for i := range n {
		if _, err := l.Append(fmt.Appendf(nil, "record body %d of a test", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t testing.TB, cfg Config) Report {
	t.Helper()
	keys, err := Keys(cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	vc := VerifyConfig{Dir: cfg.Dir, Keys: keys}
	if _, err := os.Stat(cfg.Mirror); err == nil {
		vc.Outside = []string{cfg.Mirror}
	}
	r, err := Verify(context.Background(), vc)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestZeroConfigRefuses(t *testing.T) {
	if _, err := Open(Config{}); err == nil {
		t.Error("a log opened without folder, keys and name")
	}
}

func TestAppendReadReopenVerify(t *testing.T) {
	cfg := testConfig(t)
	cfg.SegmentSize = 4096
	l := open(t, cfg)
	appendN(t, l, 200)
	if first, err := l.Append([]byte("a"), []byte("b")); err != nil || first != 200 {
		t.Fatalf("Append of two = %d, %v; want 200", first, err)
	}
	if seq, err := l.Write([]byte("unsynced")); err != nil || seq != 202 {
		t.Fatalf("Write = %d, %v; want 202", seq, err)
	}
	if err := l.Flush(); err != nil || l.Size() != 203 {
		t.Fatalf("after Flush %d records are durable (%v), want 203", l.Size(), err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, cfg)
	r := l.Reader()
	defer r.Close()
	var n uint64
	for e, err := range l.Entries(Place{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq != n {
			t.Fatalf("record %d stands where %d is expected", e.Seq, n)
		}
		if again, err := r.Read(e.At); err != nil || string(again.Body) != string(e.Body) {
			t.Fatalf("Read(%v) = %q, %v; want %q", e.At, again.Body, err, e.Body)
		}
		n++
	}
	if n != 203 {
		t.Errorf("read %d records, want 203", n)
	}
	appendN(t, l, 1)
	l.Close()
	if r := verify(t, cfg); r.Code() != 0 || r.Records != 204 || r.Proven != 204 || len(r.Findings) != 0 || r.Segments < 3 {
		t.Errorf("report = %+v", r)
	}
}

func TestR08SecondProcessIsRefused(t *testing.T) {
	cfg := testConfig(t)
	l := open(t, cfg)
	if _, err := Open(cfg); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open = %v, want ErrLocked", err)
	}
	l.Close()
	open(t, cfg)
}

func TestConcurrentCallersShareSyncs(t *testing.T) {
	cfg := testConfig(t)
	l := open(t, cfg)
	syncs := 0
	real := l.datasync
	l.datasync = func(f *os.File) error { syncs++; return real(f) }
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() { appendN(t, l, 20) })
	}
	wg.Wait()
	l.Close()
	if r := verify(t, cfg); r.Code() != 0 || r.Records != 640 {
		t.Errorf("report = %+v", r)
	}
	if syncs >= 640 {
		t.Errorf("%d syncs for 640 records: nothing was shared", syncs)
	}
}

func TestUnsyncedRecordLingersBriefly(t *testing.T) {
	l := open(t, testConfig(t))
	if _, err := l.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	for size, grown := l.Grown(); size == 0; size, grown = l.Grown() {
		select {
		case <-grown:
		case <-time.After(5 * time.Second):
			t.Fatal("a record written without sync did not become durable by itself")
		}
	}
}
