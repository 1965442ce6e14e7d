package summary_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/adapters/summary"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

const base = "https://gateway.example/fhir"

var lucie = fhir.Key{Type: "Patient", ID: "lucie"}

// record is the record of a patient of the tests.
func record(t *testing.T) *adaptertest.Records {
	t.Helper()
	text, err := os.ReadFile("testdata/record.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	bodies := make([]string, len(list))
	for i, body := range list {
		bodies[i] = string(body)
	}
	return adaptertest.NewRecords(t, bodies...)
}

func summaries(repo document.Repository) *summary.Summaries {
	return &summary.Summaries{Repo: repo, Base: base, Types: func(context.Context) []string { return tables.Types() },
		Organization: func(context.Context) string { return "Organization/msp" }, Version: "test", Clock: func() time.Time { return adaptertest.Now }}
}

func of(t *testing.T, repo document.Repository, plan summary.Plan, lang rest.Language) (*document.Bundle, *fhirjson.Doc) {
	t.Helper()
	b, err := summaries(repo).Of(t.Context(), lucie, plan, lang)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhirjson.Parse(b.JSON())
	if err != nil {
		t.Fatal(err)
	}
	for _, issue := range profile.Validate(doc) {
		if issue.Severity == fhir.SeverityError {
			t.Errorf("%s at %s: %s", issue.ID, issue.At, issue.Text.EN)
		}
	}
	return b, doc
}

// sections returns the sections of a document by their code, nested ones too.
func sections(n fhirjson.Node) map[string]fhirjson.Node {
	all := map[string]fhirjson.Node{}
	for s := range n.Get("section").Items() {
		all[s.At("code", "coding").First().Get("code").Text()] = s
		for code, inner := range sections(s) {
			all[code] = inner
		}
	}
	return all
}

// entries are the relative references of a section's entries.
func entries(s fhirjson.Node) string {
	var list []string
	for e := range s.Get("entry").Items() {
		list = append(list, strings.TrimPrefix(e.Get("reference").Text(), base+"/"))
	}
	return strings.Join(list, " ")
}

// TestIPS checks the rules of the IPS by structure: Bundle-uv-ips,
// Composition-uv-ips, bdl-ips-1 and ips-comp-1.
func TestIPS(t *testing.T) {
	b, doc := of(t, record(t), summary.IPS(), rest.French)
	root := doc.Root()
	for _, name := range []string{"identifier", "timestamp"} {
		if !root.Get(name).Exists() {
			t.Errorf("Bundle.%s is missing", name)
		}
	}
	urls, compositions, patients := map[string]bool{}, 0, 0
	for _, e := range b.Entries {
		if e.FullURL == "" || urls[e.FullURL] {
			t.Errorf("fullUrl %q is missing or taken", e.FullURL)
		}
		urls[e.FullURL] = true
		switch e.Type() {
		case "Composition":
			compositions++
		case "Patient":
			patients++
		}
	}
	if compositions != 1 || patients != 1 || b.Entries[0].Type() != "Composition" {
		t.Errorf("%d Compositions, %d Patients, the first entry is a %s", compositions, patients, b.Entries[0].Type())
	}
	c := b.Composition()
	if system, code := c.At("type", "coding").First().Coding(); system != "http://loinc.org" || code != "60591-5" {
		t.Errorf("type %s|%s", system, code)
	}
	for _, name := range []string{"status", "subject", "date", "author", "title"} {
		if !c.Get(name).Exists() {
			t.Errorf("Composition.%s is missing", name)
		}
	}
	got := sections(c)
	for code, want := range map[string]string{
		"11450-4": "Condition/diabete Condition/hta", // active, the latest first; neither refuted nor in error
		"11348-0": "Condition/fracture",
		"10160-0": "MedicationStatement/metformine",
		"11369-6": "Immunization/grippe",
		"30954-2": "Observation/hba1c-2026", // the last of each code
		"48765-2": "",
	} {
		if e := entries(got[code]); e != want {
			t.Errorf("section %s: %q, want %q", code, e, want)
		}
	}
	for code, s := range got {
		for _, name := range []string{"title", "code", "text"} {
			if !s.Get(name).Exists() {
				t.Errorf("section %s: no %s", code, name)
			}
		}
		if s.Get("entry").Exists() == s.Get("emptyReason").Exists() {
			t.Errorf("section %s: either entries or why there are none (ips-comp-1)", code)
		}
	}
	if _, reason := got["48765-2"].At("emptyReason", "coding").First().Coding(); reason != "unavailable" {
		t.Errorf("no allergies: %q; nothing may be inferred from silence", reason)
	}
	dangling(t, b)
}

// dangling fails for every reference that is not resolved within the document.
func dangling(t *testing.T, b *document.Bundle) {
	t.Helper()
	for _, e := range b.Entries {
		for n := range fhirjson.References(e.Doc) {
			if n.Name() == "reference" && !b.Find(e.FullURL, n.Text()).Exists() {
				t.Errorf("%s refers to %s, which is not in the document", e.FullURL, n.Text())
			}
		}
	}
}

// TestNarrative: what the entries say is in it, in the language of the caller,
// and nothing of it is markup (P08).
func TestP08Narrative(t *testing.T) {
	for lang, words := range map[rest.Language][]string{
		rest.French:  {"14/03/2009", "Depuis", "1,0 tablet, 2 fois par jour", "depuis 01/12/2024", "7,10 %", "Aucune information disponible.", "&lt;script&gt;"},
		rest.English: {"2009-03-14", "Since", "1.0 tablet, 2 times every day", "since 2024-12-01", "7.10 %", "No information available.", "&lt;script&gt;"},
	} {
		b, _ := of(t, record(t), summary.IPS(), lang)
		var text strings.Builder
		for _, s := range sections(b.Composition()) {
			text.WriteString(s.At("text", "div").Text())
		}
		for _, w := range words {
			if !strings.Contains(text.String(), w) {
				t.Errorf("%s: %q is not in the narrative\n%s", lang, w, text.String())
			}
		}
		if strings.Contains(text.String(), "<script") {
			t.Errorf("%s: markup of a resource in the narrative", lang)
		}
	}
}

// TestC05WithheldIsNotThere: a summary of what a caller may see is that of a
// record that never held the rest.
func TestC05WithheldIsNotThere(t *testing.T) {
	narrow, never := record(t), record(t)
	hidden := map[string]bool{"Condition/hta": true, "Practitioner/yann": true, "MedicationStatement/metformine": true}
	kept := never.List[:0:0]
	for _, r := range never.List {
		if hidden[r.Current().String()] {
			narrow.Withheld[r.Current()] = true
		} else {
			kept = append(kept, r)
		}
	}
	never.List = kept
	a, _ := of(t, narrow, summary.IPS(), rest.French)
	b, _ := of(t, never, summary.IPS(), rest.French)
	if !bytes.Equal(a.JSON(), b.JSON()) {
		t.Errorf("the document tells what is withheld\n%s\n%s", a.JSON(), b.JSON())
	}
	narrow.Withheld[lucie] = true
	_, withheld := summaries(narrow).Of(t.Context(), lucie, summary.IPS(), rest.French)
	_, absent := summaries(narrow).Of(t.Context(), fhir.Key{Type: "Patient", ID: "nobody"}, summary.IPS(), rest.French)
	if fhir.KindOf(withheld) != fhir.NotFound || withheld.Error() != absent.Error() {
		t.Errorf("withheld %v, absent %v", withheld, absent)
	}
}

// TestTypesOfTheToken: what the token does not reach is not looked for, and the
// required sections are there all the same.
func TestTypesOfTheToken(t *testing.T) {
	s := summaries(record(t))
	s.Types = func(context.Context) []string { return []string{"AllergyIntolerance"} }
	b, err := s.Of(t.Context(), lucie, summary.IPS(), rest.French)
	if err != nil {
		t.Fatal(err)
	}
	got := sections(b.Composition())
	if len(got) != 3 || got["11450-4"].Get("entry").Exists() || !got["11450-4"].Get("emptyReason").Exists() {
		t.Errorf("sections %v", got)
	}
}

// TestVSM: the tree of sections, every one of the required ones.
func TestVSM(t *testing.T) {
	b, _ := of(t, record(t), summary.VSM(), rest.French)
	got := sections(b.Composition())
	for _, code := range []string{"46612-8", "34117-2", "11450-4", "11348-0", "47519-4", "48765-2", "57207-3", "29762-2", "10157-6", "30954-2", "18776-5", "10160-0"} {
		if !got[code].Exists() {
			t.Errorf("section %s is missing", code)
		}
	}
}

func TestOperation(t *testing.T) {
	op := summaries(record(t)).Operation()
	call := func(id, identifier string) error {
		c := rest.Call{Key: fhir.Key{Type: "Patient", ID: id}}
		if identifier != "" {
			c.Params = []search.Pair{{Name: "identifier", Value: identifier}}
		}
		_, err := op.Handle(t.Context(), c)
		return err
	}
	for name, tt := range map[string]struct {
		id, identifier string
		kind           fhir.Kind
	}{
		"by id":                  {id: "lucie"},
		"by identifier":          {identifier: "urn:oid:1.2.250.1.213.1.4.10|247050001203496"},
		"nobody":                 {identifier: "urn:oid:1.2.250.1.213.1.4.10|1", kind: fhir.NotFound},
		"a system alone":         {identifier: "urn:oid:1.2.250.1.213.1.4.10|", kind: fhir.Malformed},
		"several":                {identifier: "a|1,a|2", kind: fhir.Malformed},
		"not said whose it is":   {kind: fhir.Malformed},
		"one who does not exist": {id: "nobody", kind: fhir.NotFound},
	} {
		if err := call(tt.id, tt.identifier); fhir.KindOf(err) != tt.kind {
			t.Errorf("%s: %v, want %v", name, err, tt.kind)
		}
	}
	body := `{"resourceType":"Parameters","parameter":[{"name":"identifier","valueIdentifier":{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"247050001203496"}}]}`
	if _, err := op.Handle(t.Context(), rest.Call{Key: fhir.Key{Type: "Patient"}, Body: []byte(body)}); err != nil {
		t.Errorf("by Parameters: %v", err)
	}
	if _, err := op.Handle(t.Context(), rest.Call{Key: lucie, Params: []search.Pair{{Name: "identifer", Value: "x"}}}); fhir.KindOf(err) != fhir.Malformed {
		t.Errorf("an unknown parameter: %v", err)
	}
}
