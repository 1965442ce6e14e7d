package conformance

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/conformance/harness"
)

// TestR05DamagedFiles flips one byte in the files of a gateway that was killed:
// it must then refuse to start, or lose nothing that was acknowledged.
func TestR05DamagedFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("starts gateways of its own")
	}
	t.Parallel()
	known, data := killed(t)
	rounds := map[string]int{"store/*.mem": 3, "trail/*.seg": 1}
	if *slow {
		rounds = map[string]int{"store/*.mem": 40, "trail/*.seg": 10, "store/MANIFEST": 5, "store/*.sst": 10, "store/KEYREGISTRY": 3, "trail/hashes": 3, "trail/checkpoints": 3}
	}
	for pattern, n := range rounds {
		for i := range n {
			t.Run(fmt.Sprintf("%s/%d", pattern, i), func(t *testing.T) { damaged(t, known, data, pattern) })
		}
	}
}

// killed is a data folder whose gateway was killed after some writes, and what
// it had acknowledged.
func killed(t *testing.T) (map[string]string, string) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	g := running(t, data)
	actors := harness.NewActors(g)
	var known harness.Acknowledged
	known.Some(actors, "damage", 60)
	g.Kill()
	return known.All(), data
}

// damaged flips a byte in a copy of the folder and starts a gateway on it.
func damaged(t *testing.T, known map[string]string, data, pattern string) {
	copied := filepath.Join(t.TempDir(), "data")
	if err := copyTree(copied, data); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(copied, pattern))
	if len(files) == 0 {
		t.Skip("no such file")
	}
	where := flip(t, files[len(files)-1])
	g, err := harness.Start(territory.binary, copied, true)
	if err != nil {
		said := err.Error()
		if strings.Contains(said, "panic") || strings.Contains(said, "goroutine ") {
			t.Errorf("%s: it crashed instead of refusing:\n%.800s", where, said)
		}
		t.Logf("%s: refused: %.300s", where, said)
		return
	}
	defer g.Kill()
	present(t, harness.NewActors(g), known)
	code, said := 0, ""
	if strings.HasPrefix(pattern, "trail/") {
		g.Stop()
		if code, said = harness.Verify(territory.binary, copied); code == 0 {
			t.Errorf("%s: it started and audit verify says intact", where)
		}
	}
	t.Logf("%s: started; verify %d %.200s", where, code, said)
}

// flip changes one bit in the part of the file that holds something.
func flip(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(text, "\x00"))
	if used < 8 {
		t.Skip("an empty file")
	}
	at := rand.IntN(used)
	text[at] ^= 1 << rand.IntN(8)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s at %d of %d", filepath.Base(file), at, used)
}

func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copySparse(target, path)
	})
}

// copySparse copies what a file holds up to its last byte, and its length: the
// engine's files are mostly hole.
func copySparse(to, from string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, bytes.TrimRight(text, "\x00"), 0o600); err != nil {
		return err
	}
	return os.Truncate(to, int64(len(text)))
}
