package search

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/cordee-sante/cordee/fhir"
)

// TestMatch runs the files of testdata/match: a resource, the queries that find
// it and the queries that do not, worked out by hand from the specification.
func TestMatch(t *testing.T) {
	r := registry(t)
	files, err := filepath.Glob("testdata/match/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no files: ", err)
	}
	total := 0
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			sections := map[string]string{}
			for _, f := range txtar.Parse(text).Files {
				sections[f.Name] = string(f.Data)
			}
			for _, want := range []string{"yes", "no"} {
				for query := range strings.Lines(sections[want]) {
					if query = strings.TrimSpace(query); query == "" || query[0] == '#' {
						continue
					}
					total++
					if got := matches(t, r, sections["resource.json"], query); got != (want == "yes") {
						t.Errorf("%s: %v, want %s", query, got, want)
					}
				}
			}
		})
	}
	t.Logf("%d queries", total)
}

func matches(t *testing.T, r *Registry, resource, query string) bool {
	t.Helper()
	typ, id, root := parsed(t, resource)
	entries, err := r.Extract(typ, root)
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := Pairs(query)
	if err != nil {
		t.Fatal(err)
	}
	q, _, _, err := Parse(r, Request{Type: typ, Values: pairs, Strict: true})
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return false
	}
	ok, err := r.Matches(q, fhir.Key{Type: typ, ID: id}, time.Date(2026, 11, 22, 12, 0, 0, 5e6, time.UTC), entries)
	if err != nil {
		t.Errorf("%s: %v", query, err)
	}
	return ok
}
