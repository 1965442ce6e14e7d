package search

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// TestIndependentValues: the values that another FHIRPath engine computes from
// published examples (testdata/expressions/README.md) are found by the
// parameters whose expressions they come from, and what that engine finds
// nothing for is missing.
func TestIndependentValues(t *testing.T) {
	r, resources := registry(t), independentExamples(t)
	f, err := os.Open("testdata/expressions/values.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, values, params := bufio.NewScanner(f), 0, map[string]bool{}
	for lines.Scan() {
		field := strings.Split(lines.Text(), "\t")
		x, ok := resources[field[0]]
		if !ok || len(field) != 3 {
			t.Fatalf("no example for %q", lines.Text())
		}
		code, modifier, _ := strings.Cut(field[1], ":")
		q := fhir.Query{Type: x.key.Type, Params: []fhir.Param{{Code: code, Modifier: modifier, Values: []string{field[2]}}}}
		found, err := r.Matches(q, x.key, time.Time{}, x.entries)
		if err != nil || !found {
			t.Errorf("%s: %s=%s is not found: %v", field[0], field[1], field[2], err)
		}
		if values++; modifier == "" {
			params[x.key.Type+"."+code] = true
		}
	}
	if err := lines.Err(); err != nil || values < 2000 || len(params) < 1000 {
		t.Errorf("%d values of %d parameters, %v", values, len(params), err)
	}
}

type indexed struct {
	key     fhir.Key
	entries []Entry
}

// independentExamples reads and indexes the examples, by reference.
func independentExamples(t *testing.T) map[string]indexed {
	t.Helper()
	text, err := os.ReadFile("testdata/expressions/examples.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	r, all := registry(t), map[string]indexed{}
	for line := range strings.Lines(string(text)) {
		doc, err := fhirjson.Parse([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		key := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}
		entries, err := r.Extract(key.Type, doc.Root())
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		all[key.String()] = indexed{key, entries}
	}
	return all
}
