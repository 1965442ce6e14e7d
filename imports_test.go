package cordee_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/cordee-sante/cordee/"

// only lists the single package that may import a library; its tests may not
// leak it either.
var only = map[string]string{
	"github.com/dgraph-io/badger": "fhir/kv/badger",
	"github.com/jackc/pgx":        "fhir/kv/postgres",
	"github.com/ory/fosite":       "auth/oauth",
}

// forbidden lists the directions in which no import may go, and why.
var forbidden = []struct{ from, to, why string }{
	{"fhir", "auth", "fhir knows nothing of who asks"},
	{"fhir", "adapters", "fhir knows nothing of other formats"},
	{"fhir", "cmd", "imports go from cmd inwards"},
	{"auth", "adapters", "auth knows nothing of other formats"},
	{"auth", "cmd", "imports go from cmd inwards"},
	{"auth", "fhir/store", "auth works on any Repository"},
	{"adapters", "auth", "adapters commit through an interface of their own"},
	{"adapters", "cmd", "imports go from cmd inwards"},
	{"adapters", "fhir/store", "adapters commit through the guard"},
	{"fhir/rest", "fhir/store", "rest serves any Repository"},
	{"fhir/rest", "fhir/kv", "rest serves any Repository"},
	{"fhir/search", "fhir/store", "the language does not know the index"},
	{"fhir/kv", "fhir/store", "the engine knows nothing of FHIR"},
	{"conformance", "fhir", "conformance knows the gateway from outside only"},
	{"conformance", "auth", "conformance knows the gateway from outside only"},
	{"conformance", "adapters", "conformance knows the gateway from outside only"},
}

// within reports whether a package path lies in or below a folder.
func within(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

// TestImports pins the layout: the direction of imports and the one place of
// each wrapped library (docs/adr).
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Dir", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		own := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			for library, home := range only {
				if strings.HasPrefix(imported, library) && !within(own, home) {
					t.Errorf("%s imports %s: only %s may", own, imported, home)
				}
			}
			target, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			for _, f := range forbidden {
				if within(own, f.from) && within(target, f.to) {
					t.Errorf("%s imports %s: %s", own, target, f.why)
				}
			}
			if own == "fhir" {
				t.Errorf("package fhir imports %s: the nouns import nothing of ours", target)
			}
		}
	}
}
