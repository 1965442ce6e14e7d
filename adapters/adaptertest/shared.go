package adaptertest

import (
	"os"
	"path/filepath"
	"testing"
)

// Shared returns the files of a pattern under the folder shared beside the
// project, where published samples lie that may not be copied into it. The test
// is skipped when there are none.
func Shared(t *testing.T, pattern string) []string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "shared", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skipf("no ../shared/%s: published samples are not part of the project", pattern)
	}
	return names
}
