package adaptertest

import (
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// checkReport: every item has one fate; mapped and narrative ones name an
// element that is there; the counts are the whole.
func checkReport(t testing.TB, r *adapters.Report, changes []fhir.Change, docs []*fhirjson.Doc) {
	t.Helper()
	byURL := map[string]*fhirjson.Doc{}
	for i, c := range changes {
		byURL[c.FullURL] = docs[i]
	}
	if n := r.Counts(); n.Mapped+n.Narrative+n.NotUnderstood != len(r.Items) {
		t.Errorf("%+v do not add up to %d items", n, len(r.Items))
	}
	listed := map[string]bool{}
	for _, item := range r.Items {
		if listed[item.Source] {
			t.Errorf("two items are at %s", item.Source)
		}
		listed[item.Source] = true
		switch {
		case item.Source == "" || item.Kind == 0:
			t.Errorf("an item without place or kind: %+v", item)
		case item.Fate == adapters.NotUnderstood:
			if item.Resource != "" || item.Path != "" {
				t.Errorf("%s is not understood, and yet at %s", item.Source, item.Path)
			}
		case byURL[item.Resource] == nil:
			t.Errorf("%s is in %s, which is nowhere", item.Source, item.Resource)
		case !resolves(byURL[item.Resource].Root(), item.Path):
			t.Errorf("%s is at %s of %s, which is not there", item.Source, item.Path, item.Resource)
		}
	}
	for _, issue := range r.Issues() {
		if issue.ID == "" || issue.Text.EN == "" || issue.Text.FR == "" {
			t.Errorf("an issue without name or text: %+v", issue)
		}
	}
}

// resolves reports whether a path of the report leads to an element. It reads
// no more FHIRPath than reports have: names, indexes and ofType of a choice.
func resolves(n fhirjson.Node, path string) bool {
	_, steps, _ := strings.Cut(path, ".")
	for steps != "" {
		var step string
		if step, steps, _ = strings.Cut(steps, "."); strings.HasPrefix(steps, "ofType(") {
			var typ string
			typ, steps, _ = strings.Cut(strings.TrimPrefix(steps, "ofType("), ")")
			steps = strings.TrimPrefix(steps, ".")
			step += strings.ToUpper(typ[:1]) + typ[1:]
		}
		name, index, listed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		child := n.Get(name)
		if !child.Exists() || steps != "" && !listed && child.Kind() == fhirjson.String {
			child = n.Get("_" + name) // the extension of a primitive
		}
		if listed {
			at := 0
			for _, c := range index {
				at = at*10 + int(c-'0')
			}
			child = item(child, at)
		}
		if n = child; !n.Exists() {
			return false
		}
	}
	return true
}

func item(list fhirjson.Node, at int) fhirjson.Node {
	for n := range list.Items() {
		if at == 0 {
			return n
		}
		at--
	}
	return fhirjson.Node{}
}
