package writer_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda/writer"
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

func records(t *testing.T) *adaptertest.Records {
	t.Helper()
	text, err := os.ReadFile("../../summary/testdata/record.json")
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

func export(repo document.Repository) *writer.Export {
	clock := func() time.Time { return adaptertest.Now }
	return &writer.Export{
		Documents: &document.Documents{Repo: repo, Base: base, Clock: clock},
		Summaries: &summary.Summaries{Repo: repo, Base: base, Types: func(context.Context) []string { return tables.Types() },
			Organization: func(context.Context) string { return "Organization/msp" }, Version: "test", Clock: clock},
	}
}

// TestPatientAsCDA: the synthesis of a record that never was CDA is a document
// that package cda reads, with what the record says.
func TestPatientAsCDA(t *testing.T) {
	for document, template := range map[string]string{"vsm": "1.2.250.1.213.1.1.1.13", "ips-fr": "1.2.250.1.213.1.1.1.51"} {
		t.Run(document, func(t *testing.T) {
			answer, err := export(records(t)).Operation().Handle(t.Context(), rest.Call{Key: fhir.Key{Type: "Patient", ID: "lucie"},
				Params: []search.Pair{{Name: "document", Value: document}}})
			if err != nil {
				t.Fatal(err)
			}
			var binary struct{ ContentType, Data string }
			if err := json.Unmarshal(answer.Resource, &binary); err != nil || binary.ContentType != "application/xml" {
				t.Fatalf("%q, %v", binary.ContentType, err)
			}
			data, err := base64.StdEncoding.DecodeString(binary.Data)
			if err != nil {
				t.Fatal(err)
			}
			inOrder(t, data, false)
			for _, want := range []string{`templateId root="` + template, `code="I10"`, `reference value="#condition-hta"`, `code="A10BA02"`, `value="12" unit="h"`,
				`<softwareName>Cordée</softwareName>`, `extension="1000001024"`, "Hypertension &lt;script&gt;"} {
				if !strings.Contains(string(data), want) {
					t.Errorf("%s is not in it\n%s", want, data)
				}
			}
			types := map[string]int{}
			for _, change := range read(t, data).Changes {
				types[change.Key.Type]++
			}
			if types["Condition"] != 3 || types["MedicationStatement"] != 1 || types["Immunization"] != 1 || types["Observation"] != 1 {
				t.Errorf("read again: %v", types)
			}
		})
	}
}

// inOrder checks that a document is well-formed XML, and that the children of
// every element stand in the order of the schema.
func inOrder(t *testing.T, data []byte, published bool) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(data)))
	type open struct {
		name string
		last int
	}
	var stack []open
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			name := x.Name.Local
			switch {
			case strings.Contains(x.Name.Space, "sdtc"):
				name = "sdtc:" + name
			case strings.Contains(x.Name.Space, "pharm"):
				name = "pharm:" + name
			}
			if n := len(stack); n > 0 {
				if at, known := writer.Place(stack[n-1].name, name); known {
					if at < stack[n-1].last {
						t.Errorf("%s stands too late in %s", name, stack[n-1].name)
					}
					stack[n-1].last = at
				} else if !published {
					t.Errorf("%s does not belong into %s", name, stack[n-1].name)
				}
			}
			stack = append(stack, open{name: name})
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
}

// TestOrderOfSamples holds the order of the schema, as it is written down here,
// against documents that were validated with it.
func TestOrderOfSamples(t *testing.T) {
	for _, name := range adaptertest.Shared(t, "samples/cda/fr/*.xml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			inOrder(t, data, true)
		})
	}
}

// TestC05NobodyLearns: a patient who is withheld is absent, and what is withheld
// is not in the document.
func TestC05NobodyLearns(t *testing.T) {
	repo := records(t)
	repo.Withheld[fhir.Key{Type: "Condition", ID: "hta"}] = true
	op := export(repo).Operation()
	answer, err := op.Handle(t.Context(), rest.Call{Key: fhir.Key{Type: "Patient", ID: "lucie"}})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhirjson.Parse(answer.Resource)
	if err != nil {
		t.Fatal(err)
	}
	if issues := profile.Validate(doc); len(issues) > 0 {
		t.Errorf("the Binary: %v", issues)
	}
	data, _ := base64.StdEncoding.DecodeString(doc.Root().Get("data").Text())
	if strings.Contains(string(data), "I10") || strings.Contains(string(data), "hta") {
		t.Error("what is withheld is in the document")
	}
	repo.Withheld[fhir.Key{Type: "Patient", ID: "lucie"}] = true
	_, hidden := op.Handle(t.Context(), rest.Call{Key: fhir.Key{Type: "Patient", ID: "lucie"}})
	_, absent := op.Handle(t.Context(), rest.Call{Key: fhir.Key{Type: "Patient", ID: "nobody"}})
	if fhir.KindOf(hidden) != fhir.NotFound || hidden.Error() != absent.Error() {
		t.Errorf("withheld %v, absent %v", hidden, absent)
	}
}

// TestLabels: what is masked in the record is masked in the document, or the
// document is not written.
func TestLabels(t *testing.T) {
	mask := func(id, code string) string {
		return `{"resourceType":"Condition","id":"` + id + `","meta":{"security":[{"system":"https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument","code":"` + code +
			`"}]},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"` + id + `"},"subject":{"reference":"Patient/lucie"}}`
	}
	one := records(t)
	one.List = append(one.List, adaptertest.NewRecords(t, mask("x", "INVISIBLE_PATIENT")).List...)
	b, err := export(one).Summaries.Of(t.Context(), fhir.Key{Type: "Patient", ID: "lucie"}, summary.VSM(), rest.French)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range read(t, write(t, b)).Changes {
		if change.Key.Type == "Condition" && strings.Contains(string(change.Body), `"text":"x"`) && !strings.Contains(string(change.Body), "INVISIBLE_PATIENT") {
			t.Errorf("the mask is lost: %s", change.Body)
		}
	}
	one.List = append(one.List, adaptertest.NewRecords(t, mask("y", "MASQUE_PS")).List...)
	if b, err = export(one).Summaries.Of(t.Context(), fhir.Key{Type: "Patient", ID: "lucie"}, summary.VSM(), rest.French); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(b, writer.Sources{}); fhir.KindOf(err) != fhir.Unprocessable {
		t.Errorf("two masks in one section: %v", err)
	}
}

func TestOperationRefuses(t *testing.T) {
	op := export(records(t)).Operation()
	for name, call := range map[string]rest.Call{
		"an unknown document":  {Key: fhir.Key{Type: "Patient", ID: "lucie"}, Params: []search.Pair{{Name: "document", Value: "pps"}}},
		"an unknown parameter": {Key: fhir.Key{Type: "Composition", ID: "c"}, Params: []search.Pair{{Name: "document", Value: "vsm"}}},
	} {
		if _, err := op.Handle(t.Context(), call); fhir.KindOf(err) != fhir.Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := writer.Write(&document.Bundle{}, writer.Sources{}); fhir.KindOf(err) != fhir.Unprocessable {
		t.Errorf("an empty document: %v", err)
	}
}

// xmlOf is what the Binary of an answer holds.
func xmlOf(t *testing.T, resource []byte) string {
	t.Helper()
	var binary struct{ Data string }
	if err := json.Unmarshal(resource, &binary); err != nil {
		t.Fatal(err)
	}
	data, err := base64.StdEncoding.DecodeString(binary.Data)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
