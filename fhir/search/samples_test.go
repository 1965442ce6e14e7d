package search

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// TestSamplesExtract runs all expressions over what others have published as
// FHIR: whole resources, those that they contain, and the entries of Bundles.
func TestSamplesExtract(t *testing.T) {
	const folder = "../../../shared/samples/fhir"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("../shared/samples/fhir is not there")
	}
	r, resources, rows, params := registry(t), 0, 0, map[string]bool{}
	var visit func(name string, n fhirjson.Node)
	visit = func(name string, n fhirjson.Node) {
		typ := n.Get("resourceType").Text()
		if !tables.IsResource(typ) {
			return
		}
		entries, err := r.Extract(typ, n)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		resources, rows = resources+1, rows+len(entries)
		for i, e := range entries {
			params[typ+"."+e.Param.Code] = true
			if e.Param == ContainedParam() {
				continue
			}
			if len(e.Value) > MaxValue || bytes.IndexByte(e.Value, 0) >= 0 || i > 0 && entries[i-1].Param == e.Param && bytes.Compare(entries[i-1].Value, e.Value) >= 0 {
				t.Errorf("%s: %s: %q", name, e.Param.Code, e.Value)
			}
		}
		for inner := range n.Get("contained").Items() {
			visit(name, inner)
		}
		for entry := range n.Get("entry").Items() {
			visit(name, entry.Get("resource"))
		}
	}
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".json" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if doc, err := fhirjson.ParseLimits(text, fhirjson.Limits{Bytes: 64 << 20}); err == nil {
			visit(filepath.Base(name), doc.Root())
		}
		return nil
	})
	if err != nil || resources < 200 {
		t.Errorf("%d resources, %v", resources, err)
	}
	t.Logf("%d resources, %d rows of %d parameters", resources, rows, len(params))
}
