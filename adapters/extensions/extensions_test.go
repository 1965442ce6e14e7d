package extensions_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/extensions"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

var update = flag.Bool("update", false, "write the table of docs/formats/extensions.md")

func byName() map[string]extensions.Extension {
	list := map[string]extensions.Extension{}
	for _, e := range extensions.All() {
		list[e.Name] = e
	}
	return list
}

// TestDefinitions: the definitions are valid StructureDefinitions, in order.
func TestDefinitions(t *testing.T) {
	bodies, err := extensions.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	before := ""
	for _, body := range bodies {
		doc, err := fhirjson.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		if issues := profile.Validate(doc); len(issues) > 0 {
			t.Errorf("%+v\n%s", issues, body)
		}
		if id := doc.Root().Get("id").Text(); id <= before {
			t.Errorf("%s stands behind %s", id, before)
		} else {
			before = id
		}
	}
}

// TestAllAreDefined: every extension of the project that its code names is defined,
// and the code names every one that is.
func TestAllAreDefined(t *testing.T) {
	named := map[string]bool{"observation-method": true, "observation-bodySite": true} // put together
	url := regexp.MustCompile(`/StructureDefinition/([a-zA-Z-]*[a-zA-Z])"|ourDefinitions *\+ *"([a-zA-Z-]+)"`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(source) {
			if !bytes.Contains(line, []byte("Canonical")) && !bytes.Contains(line, []byte(adapters.Canonical)) && !bytes.Contains(line, []byte("ourDefinitions")) {
				continue
			}
			for _, m := range url.FindAllSubmatch(line, -1) {
				named[string(m[1])+string(m[2])] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defined := byName()
	for name := range named {
		if _, ok := defined[name]; !ok {
			t.Errorf("%s is not defined", name)
		}
	}
	for name := range defined {
		if !named[name] {
			t.Errorf("%s is used nowhere", name)
		}
	}
}

// TestAsDefined: the extensions in what is made of documents hold what their
// definition says.
func TestAsDefined(t *testing.T) {
	names, err := filepath.Glob("../cda/testdata/*.golden.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no documents", err)
	}
	defined, seen := byName(), 0
	var check func(t *testing.T, v any)
	check = func(t *testing.T, v any) {
		switch v := v.(type) {
		case map[string]any:
			url, _ := v["url"].(string)
			if name, own := strings.CutPrefix(url, adapters.Canonical+"/StructureDefinition/"); own {
				seen++
				e, ok := defined[name]
				if !ok {
					t.Errorf("%s is not defined", name)
				}
				holds(t, name, v, e.Types)
				parts, _ := v["extension"].([]any)
				for _, p := range parts {
					part := p.(map[string]any)
					i := slices.IndexFunc(e.Parts, func(p extensions.Part) bool { return p.Name == part["url"] })
					if i < 0 {
						t.Errorf("%s has no part %v", name, part["url"])
						continue
					}
					holds(t, name+"."+e.Parts[i].Name, part, e.Parts[i].Types)
				}
			}
			for _, m := range v {
				check(t, m)
			}
		case []any:
			for _, m := range v {
				check(t, m)
			}
		}
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		check(t, v)
	}
	if seen < 50 {
		t.Errorf("only %d extensions", seen)
	}
}

func holds(t *testing.T, name string, extension map[string]any, types []string) {
	t.Helper()
	for member := range extension {
		typ, ok := strings.CutPrefix(member, "value")
		if ok && !slices.ContainsFunc(types, func(code string) bool { return strings.EqualFold(code, typ) }) {
			t.Errorf("%s holds %s", name, typ)
		}
	}
}

const page = "../../docs/formats/extensions.md"

// TestTable keeps the table of the page true.
func TestTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("| extension | of | holds | |\n| --- | --- | --- | --- |\n")
	for _, e := range extensions.All() {
		held := strings.Join(e.Types, ", ")
		for _, p := range e.Parts {
			held += fmt.Sprintf("%s: %s; ", p.Name, strings.Join(p.Types, ", "))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", e.Name, strings.Join(e.Contexts, ", "), strings.TrimSuffix(held, "; "), e.Description)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "<!-- extensions -->\n"
	head, table, ok := strings.Cut(string(text), mark)
	if !ok {
		t.Fatal("the page has no place for the table")
	}
	if *update {
		os.WriteFile(page, []byte(head+mark+b.String()), 0o644)
		return
	}
	if table != b.String() {
		t.Errorf("go test ./adapters/extensions -update writes the table anew:\n%s", b.String())
	}
}
