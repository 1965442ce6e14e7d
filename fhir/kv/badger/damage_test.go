package badger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// crashed returns a copy of the folder of a running engine: what kill -9 leaves.
func crashed(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writeSparse(t, filepath.Join(to, filepath.Base(path)), b)
	}
	return to
}

func writeSparse(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, bytes.TrimRight(b, "\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(len(b))); err != nil {
		t.Fatal(err)
	}
}

// damage changes the only file of dir that matches.
func damage(t *testing.T, dir, pattern string, change func(b []byte)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%s: %q, %v", pattern, paths, err)
	}
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	change(b)
	writeSparse(t, paths[0], b)
}

// flip changes one bit, at so many bytes from the beginning or, negative, the
// end.
func flip(at int) func([]byte) {
	return func(b []byte) { b[(at+len(b))%len(b)] ^= 0x10 }
}

// flipPart changes one bit at a fraction of the file.
func flipPart(fraction float64) func([]byte) {
	return func(b []byte) { b[int(fraction*float64(len(b)-1))] ^= 0x10 }
}

// flipEntry changes one bit of the log, at so many bytes from the key of the n-th
// transaction.
func flipEntry(n, at int) func([]byte) {
	return func(b []byte) { b[bytes.Index(b, fmt.Appendf(nil, "n%d", n))+at] ^= 0x10 }
}

// numbered opens an engine whose folder holds a table, which the manifest knows
// by its second record, and, in its log, ten small transactions.
func numbered(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for range 3 {
		e := open(t, dir)
		if err := e.Update(t.Context(), func(w kv.Writer) error {
			for i := range 200 {
				if err := putDocument(w, i, document(i)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := e.db.Flatten(1); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	e := open(t, dir)
	if err := e.db.Flatten(1); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := e.Update(t.Context(), func(w kv.Writer) error {
			return w.Put(fmt.Appendf(nil, "n%d", i), bytes.Repeat([]byte{'v'}, 100))
		}); err != nil {
			t.Fatal(err)
		}
	}
	return crashed(t, dir)
}

// TestR05Damage changes bits all over the files. The engine must refuse each.
func TestR05Damage(t *testing.T) {
	whole := numbered(t)
	for name, d := range map[string]struct {
		file   string
		change func([]byte)
	}{
		"first byte of a table":      {"*.sst", flip(0)},
		"block of a table":           {"*.sst", flipPart(0.3)},
		"late block of a table":      {"*.sst", flipPart(0.8)},
		"index of a table":           {"*.sst", flip(-100)},
		"checksum of a table":        {"*.sst", flip(-8)},
		"length in a table":          {"*.sst", flip(-1)},
		"great length in a table":    {"*.sst", flip(-4)},
		"encryption key of the log":  {"*.mem", flip(3)},
		"first key of the log":       {"*.mem", flipEntry(0, 0)},
		"length in the log":          {"*.mem", flipEntry(4, -3)},
		"value in the log":           {"*.mem", flipEntry(5, 50)},
		"last but one of the log":    {"*.mem", flipEntry(8, 1)},
		"end of a transaction":       {"*.mem", func(b []byte) { b[bytes.Index(b, walEndKey)+2] ^= 0x10 }},
		"registry of keys":           {"KEYREGISTRY", flip(-3)},
		"magic word of the manifest": {"MANIFEST", flip(2)},
		"record of the manifest":     {"MANIFEST", flipPart(0.5)},
		"length in the manifest":     {"MANIFEST", func(b []byte) { b[8+3] = byte(len(b)) }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := crashed(t, whole)
			damage(t, dir, d.file, d.change)
			e, err := Open(config(dir))
			if err == nil {
				_ = e.Close()
			}
			if !errors.Is(err, kv.ErrCorrupt) {
				t.Fatalf("Open: %v", err)
			}
		})
	}
}

// TestR05MissingFile removes one file after the other.
func TestR05MissingFile(t *testing.T) {
	whole := numbered(t)
	for _, file := range []string{"MANIFEST", "*.sst"} {
		dir := crashed(t, whole)
		paths, _ := filepath.Glob(filepath.Join(dir, file))
		if err := os.Remove(paths[0]); err != nil {
			t.Fatal(err)
		}
		e, err := Open(config(dir))
		if err == nil {
			_ = e.Close()
		}
		if !errors.Is(err, kv.ErrCorrupt) {
			t.Errorf("Open without %s: %v", file, err)
		}
	}
}

// TestR01EmptyFiles opens what a crash leaves when it comes between the creation
// of a file and its first byte, or its truncation and its removal.
func TestR01EmptyFiles(t *testing.T) {
	dir := numbered(t)
	for _, file := range []string{"00000.mem", "99999.mem", "009999.vlog", "999999.sst"} {
		if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e := open(t, dir)
	if err := e.View(t.Context(), func(r kv.Reader) error {
		n, err := kv.Count(t.Context(), r, kv.Prefix([]byte("n")), 0)
		if err == nil && n != 10 {
			err = fmt.Errorf("%d transactions, want 10", n)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// TestIncompleteTransaction cuts the log at every byte of its last transaction,
// as a loss of power may. All before it must be there.
func TestIncompleteTransaction(t *testing.T) {
	whole := numbered(t)
	paths, _ := filepath.Glob(filepath.Join(whole, "*.mem"))
	log, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	last := len(bytes.TrimRight(log, "\x00"))
	for cut := bytes.LastIndex(log, []byte("n9")) - 4; cut < last; cut += 25 {
		dir := crashed(t, whole)
		torn := bytes.Clone(log)
		clear(torn[cut:])
		writeSparse(t, filepath.Join(dir, filepath.Base(paths[0])), torn)
		e := open(t, dir)
		if err := e.View(t.Context(), func(r kv.Reader) error {
			n, err := kv.Count(t.Context(), r, kv.Prefix([]byte("n")), 0)
			if err == nil && n != 9 {
				err = fmt.Errorf("%d transactions, want 9", n)
			}
			return err
		}); err != nil {
			t.Errorf("cut at %d: %v", cut, err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestR08SecondOpen opens a folder twice, and again after a crash.
func TestR08SecondOpen(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir)
	if _, err := Open(config(dir)); !errors.Is(err, kv.ErrLocked) {
		t.Fatalf("second Open: %v", err)
	}
	open(t, crashed(t, dir)) // with the lock files of a process that is no more
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestVerify(t *testing.T) {
	dir := numbered(t)
	e := open(t, dir)
	if err := e.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	tables, _ := filepath.Glob(filepath.Join(dir, "*.sst"))
	b, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(tables[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.Verify(t.Context()); !errors.Is(err, kv.ErrCorrupt) {
		t.Fatalf("Verify of a damaged table: %v", err)
	}
}
