package storetest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// TestBodiesAreValid holds the scripts to what a validating repository accepts,
// so that every implementation can run them: each body that is written is
// valid R4.
func TestBodiesAreValid(t *testing.T) {
	bodies, cases := 0, 0
	for name, line := range lines(t) {
		if strings.Contains(line, "=>") {
			cases++
		}
		if strings.Contains(line, "=> ! ") {
			continue // refused for what it is
		}
		for _, b := range bodiesOf(t, line) {
			bodies++
			doc, err := fhirjson.Parse(b)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, i := range profile.Validate(doc) {
				t.Errorf("%s: %s: %s\n%.200s", name, i.At, i.Text.EN, b)
			}
		}
	}
	t.Logf("%d cases, %d bodies", cases, bodies)
}

// lines are the lines of all scripts, by name and number.
func lines(t *testing.T) map[string]string {
	all := map[string]string{}
	names, err := fs.Glob(scripts, "testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := scripts.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			all[fmt.Sprintf("%s:%d", name, n)] = strings.TrimSpace(line)
		}
	}
	return all
}

// bodiesOf are the resources that a line writes.
func bodiesOf(t *testing.T, line string) (bodies [][]byte) {
	line = strings.TrimPrefix(line, "? ")
	verb, rest, _ := strings.Cut(line, " ")
	if i := strings.LastIndex(rest, "=>"); i >= 0 {
		rest = strings.TrimSpace(rest[:i])
	}
	switch verb {
	case "put", "create":
		rest, _ = body(rest, "if")
		rest, _ = body(rest, "match")
		return [][]byte{[]byte(rest)}
	case "transaction":
		var entries []entry
		if err := json.Unmarshal([]byte(rest), &entries); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Resource != nil {
				bodies = append(bodies, e.Resource)
			}
		}
	}
	return bodies
}
