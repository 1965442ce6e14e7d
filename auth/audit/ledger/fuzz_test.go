package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Whatever stands in a segment, cut and resync stay inside it, and what they
// accept is written back as the same bytes.
func FuzzFrames(f *testing.F) {
	good, _ := appendFrame(nil, Entry{Seq: 7, Undurable: 2, Time: time.UnixMilli(1763812800123), Body: []byte("body")}, [saltSize]byte{1})
	f.Add(good)
	f.Add(append([]byte("noise"), good...))
	f.Add(good[:20])
	f.Add(bytes.Repeat([]byte{0}, 64))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, payload, err := cut(b); err == nil {
			var salt [saltSize]byte
			copy(salt[:], payload[entryHead-saltSize:])
			if again, _ := appendFrame(nil, e, salt); !bytes.Equal(again, b[:e.size]) {
				t.Errorf("frame %x is written back as %x", b[:e.size], again)
			}
		}
		if i, e, ok := resync(b, 0); ok && i+e.size > len(b) {
			t.Errorf("frame at %d of size %d in %d bytes", i, e.size, len(b))
		}
	})
}

func FuzzSplitNotes(f *testing.F) {
	f.Add("origin\n1\nroot\n\n— name sig\n\n")
	f.Add("torn\n\norigin\n1\nroot\n\n— name sig\n\norigin")
	f.Add("\n\n— \n\n\n\n— ")
	f.Fuzz(func(t *testing.T, file string) {
		notes, scraps := splitNotes(file)
		for _, n := range notes {
			if file[n.offset:n.offset+len(n.text)] != n.text {
				t.Errorf("note %q does not stand at %d", n.text, n.offset)
			}
			parseCheckpoint(n.text)
		}
		if scraps < 0 || scraps > len(file) {
			t.Errorf("%d scraps in %d bytes", scraps, len(file))
		}
	})
}

// Whatever the files hold, Verify ends, and never calls noise intact.
func FuzzVerify(f *testing.F) {
	cfg := testConfig(f)
	l, err := Open(cfg)
	if err != nil {
		f.Fatal(err)
	}
	l.Append([]byte("one"), []byte("two"), []byte("three"))
	l.Close()
	keys, _ := Keys(cfg.Dir)
	segment, _ := os.ReadFile(filepath.Join(cfg.Dir, segmentName(0)))
	hashes, _ := os.ReadFile(filepath.Join(cfg.Dir, hashFile))
	signed, _ := os.ReadFile(filepath.Join(cfg.Dir, checkpointFile))
	f.Add(segment, hashes, signed)
	f.Add(segment[:100], hashes[:32], signed[:40])
	f.Fuzz(func(t *testing.T, s, h, c []byte) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, segmentName(0)), s, 0o600)
		os.WriteFile(filepath.Join(dir, hashFile), h, 0o600)
		os.WriteFile(filepath.Join(dir, checkpointFile), c, 0o600)
		r, err := Verify(t.Context(), VerifyConfig{Dir: dir, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		if r.Code() == 0 && r.Proven > 0 && !bytes.HasPrefix(s, segment) {
			t.Errorf("intact, though the segment is another: %v", r.Findings)
		}
	})
}
