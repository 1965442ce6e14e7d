package search

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGoldenRows compares all index rows of a resource with those beside it.
// Rows that change make every store wrong that holds the old ones: see
// IndexVersion.
func TestGoldenRows(t *testing.T) {
	r := registry(t)
	files, err := filepath.Glob("testdata/resource/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no files: ", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, golden := rows(t, r, string(text)), strings.TrimSuffix(name, ".json")+".rows"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Error(err)
			continue
		}
		if got != string(want) {
			t.Errorf("%s: the rows differ from %s:\n%s", name, golden, firstDifference(got, string(want)))
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer"
}
