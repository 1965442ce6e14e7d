package cda_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"pgregory.net/rapid"
)

var allForms = flag.Bool("forms", false, "try every form on every document")

// family returns the documents of the tests and the published ones that are at
// hand, by name, without what only makes them long.
func family(t *testing.T) map[string]string {
	t.Helper()
	names, _ := filepath.Glob("testdata/*.golden.json")
	shared, _ := filepath.Glob("../../../shared/samples/cda/*/*")
	list := map[string]string{}
	for _, name := range append(names, shared...) {
		if stem, own := strings.CutSuffix(name, ".golden.json"); own {
			name = stem + ".xml"
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.TrimPrefix(string(data), "\ufeff")
		if head := text[:min(300, len(text))]; strings.Contains(head, "8859") || !strings.Contains(head, "<ClinicalDocument") && !strings.Contains(text, "typeId") {
			continue // another charset, a fragment
		}
		doc := elementOf(t, text)
		if doc.name != "ClinicalDocument" {
			continue
		}
		for _, file := range doc.below(func(e *element) bool { return e.attr("representation") == "B64" }) {
			for _, run := range file.kids {
				run.text = "JVBERi0xLjQK"
			}
		}
		list[filepath.Base(name)] = doc.String()
	}
	return list
}

// TestForms: whatever form a document has, what is made of it is valid, every
// item of it is in the report, no run of text is in the original only, and nine
// in ten coded values of entries have an element of their own or are narrative.
// Every document takes some of the forms; -forms tries them all.
func TestForms(t *testing.T) { try(t, forms) }

// try gives every document some of the forms.
func try(t *testing.T, forms []form) {
	turn := 0
	for name, text := range family(t) {
		turn++
		for i, f := range forms {
			if (i+turn)%10 != 0 && !*allForms {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				doc := elementOf(t, text)
				f.change(t, doc)
				inForm(t, doc.String(), strings.HasSuffix(f.name, "*"))
			})
		}
	}
}

// TestFormsTogether draws a few forms for a document at a time: nothing of what
// holds for one is lost by another.
func TestFormsTogether(t *testing.T) {
	documents := family(t)
	names := slices.Sorted(maps.Keys(documents))
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "document")
		doc := elementOf(t, documents[name])
		for _, f := range rapid.SliceOfN(rapid.SampledFrom(forms), 2, 4).Draw(rt, "forms") {
			f.change(t, doc)
		}
		inForm(t, doc.String(), true)
		if t.Failed() {
			rt.Fatalf("%s", name)
		}
	})
}

func inForm(t *testing.T, text string, wild bool) {
	c := checked(t, text)
	if want := take(t, []byte(text)); len(c.Report.Items) != want.items {
		t.Errorf("the report has %d items, the document %d", len(c.Report.Items), want.items)
	}
	for _, item := range c.Report.Items {
		if isText.MatchString(item.Source) && item.Kind != adapters.KindMedia && item.Fate == adapters.NotUnderstood {
			t.Errorf("%s is in the original only %s", item.Source, item.Reason)
		}
	}
	if wild {
		return
	}
	asIs := extensionsAsIs(t, c)
	var of int
	var missing []adapters.Item
	for _, item := range c.Report.Items {
		if !inEntry.MatchString(item.Source) || item.Kind != adapters.KindCode {
			continue
		}
		if of++; item.Fate == adapters.NotUnderstood || asIs[item.Resource+" "+ofRoot.FindString(item.Path)] {
			missing = append(missing, item)
		}
	}
	if len(missing)*10 > of {
		t.Errorf("%d of %d coded values of entries have no element", len(missing), of)
		for _, item := range missing {
			t.Logf("%s: %s %s %s", item.Source, item.Fate, item.Reason, item.Path)
		}
	}
}

// TestOrder: sections and entries in another order say the same: but for their
// order the same resources come of them.
func TestOrder(t *testing.T) {
	for name, text := range family(t) {
		t.Run(name, func(t *testing.T) {
			doc := elementOf(t, text)
			for _, e := range doc.below(func(e *element) bool { return e.name == "structuredBody" || e.name == "section" }) {
				reverse(e, "component")
				reverse(e, "entry")
			}
			before, after := kinds(t, text), kinds(t, doc.String())
			for typ, n := range before {
				if after[typ] != n {
					t.Errorf("%d %s instead of %d", after[typ], typ, n)
				}
			}
		})
	}
}

// TestTemplatesTell no more than codes and form do, where those are the ones that
// CI-SIS, IHE and HL7 fix: without templates problems are problems, allergies
// allergies, vaccinations vaccinations.
func TestTemplatesTell(t *testing.T) {
	for name, text := range family(t) {
		if name == "Care_Plan.ccda" { // a finding is asserted among goals
			continue
		}
		t.Run(name, func(t *testing.T) {
			doc := elementOf(t, text)
			doc.statements(func(s *element) { s.drop("templateId") })
			before, after := kinds(t, text), kinds(t, doc.String())
			for _, typ := range []string{"Condition", "AllergyIntolerance", "Immunization", "ImmunizationRecommendation", "Encounter"} {
				if after[typ] != before[typ] {
					t.Errorf("%d %s instead of %d", after[typ], typ, before[typ])
				}
			}
		})
	}
}

// kinds counts what is made of a document by its type.
func kinds(t *testing.T, text string) map[string]int {
	t.Helper()
	c, err := cda.Adapter{}.Convert(t.Context(), adaptertest.Input([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, change := range c.Changes {
		n[change.Key.Type]++
	}
	return n
}
