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

// samples calls f with what others have published as FHIR: whole resources, those
// that they contain, and the entries of Bundles.
func samples(t *testing.T, f func(name, typ string, root fhirjson.Node)) {
	const folder = "../../../shared/samples/fhir"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("../shared/samples/fhir is not there")
	}
	var visit func(name string, n fhirjson.Node)
	visit = func(name string, n fhirjson.Node) {
		typ := n.Get("resourceType").Text()
		if !tables.IsResource(typ) {
			return
		}
		f(name, typ, n)
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
	if err != nil {
		t.Error(err)
	}
}

// TestSamplesExtract runs all expressions over the samples.
func TestSamplesExtract(t *testing.T) {
	r, resources, rows, params := registry(t), 0, 0, map[string]bool{}
	samples(t, func(name, typ string, n fhirjson.Node) {
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
	})
	if resources < 200 {
		t.Errorf("%d resources", resources)
	}
	t.Logf("%d resources, %d rows of %d parameters", resources, rows, len(params))
}
