package ledger

import (
	"errors"
	"os"
	"testing"
)

func TestScanReadsWhatStandsInTheFiles(t *testing.T) {
	e := newEvidence(t)
	for _, from := range []uint64{0, 1, 8, 9, 17, 29, 30} {
		want := from
		for r, err := range Scan(e.cfg.Dir, from) {
			if err != nil || r.Seq != want {
				t.Fatalf("from %d: record %d, %v; want %d", from, r.Seq, err, want)
			}
			if b := e.read(r.At.File()); len(b) < int(r.At.Offset+r.Length()) {
				t.Fatalf("record %d does not lie in %s", r.Seq, r.At.File())
			}
			want++
		}
		if want != 30 {
			t.Errorf("from %d: ended before record %d", from, want)
		}
	}
	f, err := os.OpenFile(e.path(segmentName(27)), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte{0, 0, 0, 100, 1, 2})
	f.Close()
	for _, err := range Scan(e.cfg.Dir, 29) {
		if err != nil {
			t.Errorf("what is being written: %v", err)
		}
	}
}

func TestScanSaysWhereItStops(t *testing.T) {
	e := newEvidence(t)
	e.edit(func(f [][]byte) [][]byte { f[12][99] ^= 1; return f })
	var last error
	for _, err := range Scan(e.cfg.Dir, 0) {
		last = err
	}
	var damage *DamageError
	if !errors.As(last, &damage) || damage.Segment != segmentName(9) {
		t.Errorf("Scan = %v, want a DamageError in %s", last, segmentName(9))
	}
	for _, err := range Scan(t.TempDir(), 0) {
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("Scan of an empty folder = %v", err)
		}
	}
}
