package search

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cordee-sante/cordee/fhir"
)

func parse(t testing.TB, typ, query string, strict bool) (fhir.Query, []Pair, []fhir.Issue, error) {
	t.Helper()
	pairs, err := Pairs(query)
	if err != nil {
		return fhir.Query{}, nil, nil, err
	}
	return Parse(registry(t), Request{Type: typ, Values: pairs, Strict: strict})
}

// What is refused, by which name, and where. The word SECRET stands for what a
// patient's value might be: no error repeats it.
func TestParseRefuses(t *testing.T) {
	r := registry(t)
	for _, c := range []struct {
		typ, query, id, at string
		kind               fhir.Kind
	}{
		{"Patient", "nam=SECRET", "search.unknown-parameter", "http.nam", fhir.Malformed},
		{"Patient", "code=SECRET", "search.unknown-parameter", "http.code", fhir.Malformed},
		{"Patient", "Secret 42=SECRET", "search.unknown-parameter", "http.?", fhir.Malformed},
		{"Patient", "name:starts=SECRET", "search.unknown-modifier", "http.name:starts", fhir.Malformed},
		{"Patient", "gender:exact=SECRET", "search.unknown-modifier", "http.gender:exact", fhir.Malformed},
		{"Patient", "birthdate:not=2000", "search.unknown-modifier", "http.birthdate:not", fhir.Malformed},
		{"Patient", "name:=SECRET", "search.unknown-modifier", "http.name", fhir.Malformed},
		{"Observation", "subject:Practitioner=SECRET", "search.unknown-modifier", "http.subject:Practitioner", fhir.Malformed},
		{"Observation", "code:below=SECRET", "search.malformed-token", "http.code:below", fhir.Malformed},
		{"Observation", "code:above=http://loinc.org|", "search.malformed-token", "http.code:above", fhir.Malformed},
		{"Patient", `_text=""`, "search.malformed-words", "http._text", fhir.Malformed},
		{"Patient", "_text=" + strings.Repeat("SECRET ", 51), "search.too-many-words", "http._text", fhir.Forbidden},
		{"Patient", "_text:exact=SECRET", "search.unknown-modifier", "http._text:exact", fhir.Malformed},
		{"Patient", "_content:missing=true", "search.unknown-modifier", "http._content:missing", fhir.Malformed},
		{"AllergyIntolerance", "_list=$current-allergies", "search.functional-list", "http._list", fhir.Malformed},
		{"Patient", "_query=SECRET", "search.unsupported-parameter", "http._query", fhir.Malformed},
		{"Patient", "nam=", "search.unknown-parameter", "http.nam", fhir.Malformed},
		{"Patient", "name=a,,SECRET", "search.empty-value", "http.name", fhir.Malformed},
		{"Patient", "name=SECRET,", "search.empty-value", "http.name", fhir.Malformed},
		{"Patient", "name=---", "search.malformed-string", "http.name", fhir.Malformed},
		{"Patient", `name=SEC\RET`, "search.malformed-value", "http.name", fhir.Malformed},
		{"Patient", `name=SECRET\`, "search.malformed-value", "http.name", fhir.Malformed},
		{"Patient", "name=" + strings.Repeat("SECRET", 50), "search.value-too-long", "http.name", fhir.Malformed},
		{"Patient", "name:contains=" + strings.Repeat("SECRET", 20), "search.value-too-long", "http.name:contains", fhir.Malformed},
		{"Patient", "identifier=|", "search.malformed-token", "http.identifier", fhir.Malformed},
		{"Patient", "identifier=a|b|SECRET", "search.malformed-token", "http.identifier", fhir.Malformed},
		{"Patient", "identifier:of-type=a|SECRET", "search.malformed-token", "http.identifier:of-type", fhir.Malformed},
		{"Patient", "identifier:of-type=a||SECRET", "search.malformed-token", "http.identifier:of-type", fhir.Malformed},
		{"Patient", "birthdate=SECRET", "search.unknown-prefix", "http.birthdate", fhir.Malformed},
		{"Patient", "birthdate=xx2000", "search.unknown-prefix", "http.birthdate", fhir.Malformed},
		{"Patient", "birthdate=ge", "search.malformed-date", "http.birthdate", fhir.Malformed},
		{"Patient", "birthdate=2000-13", "search.malformed-date", "http.birthdate", fhir.Malformed},
		{"Patient", "birthdate=2000-01-01T10", "search.malformed-date", "http.birthdate", fhir.Malformed},
		{"Patient", "_lastUpdated=SECRET", "search.unknown-prefix", "http._lastUpdated", fhir.Malformed},
		{"Patient", "_id:not=x", "search.unknown-modifier", "http._id:not", fhir.Malformed},
		{"Patient", "gender:missing=SECRET", "search.malformed-missing", "http.gender:missing", fhir.Malformed},
		{"Patient", "gender:missing=true,false", "search.malformed-missing", "http.gender:missing", fhir.Malformed},
		{"RiskAssessment", "probability=1.2.3", "search.malformed-number", "http.probability", fhir.Malformed},
		{"RiskAssessment", "probability=gt", "search.malformed-number", "http.probability", fhir.Malformed},
		{"RiskAssessment", "probability=NaN", "search.unknown-prefix", "http.probability", fhir.Malformed},
		{"RiskAssessment", "probability=1e999999999", "search.malformed-number", "http.probability", fhir.Malformed},
		{"Observation", "value-quantity=5|mg", "search.malformed-quantity", "http.value-quantity", fhir.Malformed},
		{"Observation", "value-quantity=5|http://unitsofmeasure.org|", "search.malformed-quantity", "http.value-quantity", fhir.Malformed},
		{"Observation", "value-quantity=|http://unitsofmeasure.org|mg", "search.malformed-number", "http.value-quantity", fhir.Malformed},
		{"Observation", "subject=Patient/SECRET/x", "search.malformed-reference", "http.subject", fhir.Malformed},
		{"Observation", "subject=SECRET SECRET", "search.malformed-reference", "http.subject", fhir.Malformed},
		{"Observation", "subject:Patient=Group/SECRET", "search.malformed-reference", "http.subject:Patient", fhir.Malformed},
		{"Observation", "subject:identifier=|", "search.malformed-token", "http.subject:identifier", fhir.Malformed},
		{"Observation", "code-value-quantity=8480-6", "search.malformed-composite", "http.code-value-quantity", fhir.Malformed},
		{"Observation", "code-value-quantity=8480-6$", "search.malformed-composite", "http.code-value-quantity", fhir.Malformed},
		{"Observation", "code-value-quantity=8480-6$5$SECRET", "search.malformed-composite", "http.code-value-quantity", fhir.Malformed},
		{"Observation", "code-value-quantity=8480-6$SECRET", "search.unknown-prefix", "http.code-value-quantity", fhir.Malformed},
		{"ValueSet", "url:below=urn:oid:1.2", "search.malformed-uri", "http.url:below", fhir.Malformed},
		{"Patient", "_count=-1", "search.malformed-count", "http._count", fhir.Malformed},
		{"Patient", "_count=ten", "search.malformed-count", "http._count", fhir.Malformed},
		{"Patient", "_count=1&_count=2", "search.repeated-parameter", "http._count", fhir.Malformed},
		{"Patient", "_count:x=1", "search.unknown-modifier", "http._count", fhir.Malformed},
		{"Patient", "_total=SECRET", "search.malformed-value", "http._total", fhir.Malformed},
		{"Patient", "_summary=yes", "search.malformed-value", "http._summary", fhir.Malformed},
		{"Patient", "_sort=nam", "search.unknown-sort", "http._sort", fhir.Malformed},
		{"Patient", "_sort=name,", "search.unknown-sort", "http._sort", fhir.Malformed},
		{"Observation", "_sort=code-value-date", "search.unsupported-sort", "http._sort", fhir.Malformed},
		{"Patient", "_sort=name,name,name,name,name,name", "search.too-many-sort-keys", "http._sort", fhir.Forbidden},
		{"Patient", "_elements=name,SECRET", "search.unknown-element", "http._elements", fhir.Malformed},
		{"Patient", "_type=Patient", "search.type-of-type", "http._type", fhir.Malformed},
		{"", "_type=Patient,SECRET", "search.unknown-type", "http._type", fhir.Malformed},
		{"", "name=SECRET", "search.unknown-parameter", "http.name", fhir.Malformed},
		{"", "_type=Patient,Observation&name=SECRET", "search.unknown-parameter", "http.name", fhir.Malformed},
		{"Pathient", "_id=x", "search.unknown-type", "http.?", fhir.Malformed},
		{"Resource", "_id=x", "search.unknown-type", "http.?", fhir.Malformed},
		{"DomainResource", "_id=x", "search.unknown-type", "http.?", fhir.Malformed},
		{"Patient", "_include=SECRET", "search.malformed-include", "http._include", fhir.Malformed},
		{"Patient", "_include=Patient:a:b:c", "search.malformed-include", "http._include", fhir.Malformed},
		{"Patient", "_include=Pathient:link", "search.unknown-type", "http._include", fhir.Malformed},
		{"Patient", "_include=Patient:name", "search.unknown-include", "http._include", fhir.Malformed},
		{"Patient", "_include=Patient:organisation", "search.unknown-include", "http._include", fhir.Malformed},
		{"Patient", "_include=Patient:organization:Patient", "search.wrong-target", "http._include", fhir.Malformed},
		{"Patient", "_include:twice=Patient:organization", "search.unknown-modifier", "http._include", fhir.Malformed},
		{"Patient", strings.Repeat("_include=Patient:organization&", 21), "search.too-many-includes", "http._include", fhir.Forbidden},
		{"Patient", "_id=" + strings.Repeat("a,", 1000) + "b", "search.too-many-values", "http._id", fhir.Forbidden},
		{"Patient", strings.Repeat("_id=a&", 101), "search.too-many-parameters", "http.?", fhir.Forbidden},
		{"Observation", "subject.name=SECRET", "search.ambiguous-chain", "http.subject.name", fhir.Malformed},
		{"Observation", "subject:Practitioner.name=SECRET", "search.wrong-target", "http.subject:Practitioner.name", fhir.Malformed},
		{"Observation", "patient.nam=SECRET", "search.unknown-parameter", "http.nam", fhir.Malformed},
		{"Observation", "code.name=SECRET", "search.chain-not-reference", "http.code.name", fhir.Malformed},
		{"Observation", "subject:Patient.birthdate=SECRET", "search.unknown-prefix", "http.subject:Patient.birthdate", fhir.Malformed},
		{"Observation", "has-member:Observation." + strings.Repeat("has-member:Observation.", 5) + "code=x", "search.chain-too-long", "http.?", fhir.Forbidden},
		{"Observation", "subject:Patient=http://ailleurs.example/SECRET", "search.malformed-reference", "http.subject:Patient", fhir.Malformed},
		{"PlanDefinition", "depends-on:above=http://acme.org/SECRET|1", "search.unknown-modifier", "http.depends-on:above", fhir.Malformed},
		{"PlanDefinition", "depends-on:below=http://acme.org/SECRET|" + strings.Repeat("1", 81), "search.malformed-reference", "http.depends-on:below", fhir.Malformed},
		{"Location", "near=1|2|3|km|SECRET", "search.malformed-near", "http.near", fhir.Malformed},
		{"Location", "near=0x1p-2|2", "search.malformed-near", "http.near", fhir.Malformed},
		{"Location", "near=1_0|2", "search.malformed-near", "http.near", fhir.Malformed},
		{"Location", "near=1|NaN", "search.malformed-near", "http.near", fhir.Malformed},
		{"Location", "near=90.5|2", "search.malformed-near", "http.near", fhir.Malformed},
		{"Location", "near=90|180.5", "search.malformed-near", "http.near", fhir.Malformed},
		{"Organization", "na%ffme=SECRET", "search.malformed-query", "http.?", fhir.Malformed},
		{"", "_type=Location,Organization&_filter=partof.name eq SECRET", "search.ambiguous-chain", "http._filter", fhir.Malformed},
		{"Patient", "_has=SECRET", "search.malformed-has", "http._has", fhir.Malformed},
		{"Patient", "_has:=SECRET", "search.malformed-has", "http._has", fhir.Malformed},
		{"Patient", "_include=Patient:link&_summary=text", "search.include-summary", "http._summary", fhir.Malformed},
		{"Patient", "_summary=text&_revinclude=*", "search.include-summary", "http._summary", fhir.Malformed},
		{"Patient", "_has:Observation=SECRET", "search.malformed-has", "http._has", fhir.Malformed},
		{"Patient", "_has:Observation:patient=SECRET", "search.malformed-has", "http._has", fhir.Malformed},
		{"Patient", "_has:Observation:code:code=SECRET", "search.chain-not-reference", "http._has:Observation:code:code", fhir.Malformed},
		{"Patient", "_has:Observation:encounter:code=SECRET", "search.wrong-target", "http._has", fhir.Malformed},
		{"Patient", "_has:Obs:patient:code=SECRET", "search.unknown-type", "http._has", fhir.Malformed},
		{"Patient", "_list:not=x", "search.unknown-modifier", "http._list", fhir.Malformed},
		{"Patient", "a%zz=SECRET", "search.malformed-query", "http.?", fhir.Malformed},
		{"Patient", "=SECRET", "search.malformed-query", "http.?", fhir.Malformed},
		{"Patient", "name=%ff%fe", "search.malformed-query", "http.?", fhir.Malformed},
	} {
		pairs, err := Pairs(c.query)
		if err == nil {
			_, _, _, err = Parse(r, Request{Type: c.typ, Values: pairs, Strict: true})
		}
		var e *fhir.Error
		if !errors.As(err, &e) {
			t.Errorf("%s?%.60s: %v", c.typ, c.query, err)
			continue
		}
		issue := e.Issues[0]
		if e.Kind != c.kind || issue.ID != c.id || issue.At != c.at {
			t.Errorf("%s?%.60s: %v %s at %s, want %v %s at %s", c.typ, c.query, e.Kind, issue.ID, issue.At, c.kind, c.id, c.at)
		}
		if text := fmt.Sprint(e.Issues); strings.Contains(text, "SECRET") {
			t.Errorf("%s?%.60s: the error repeats the value: %s", c.typ, c.query, text)
		}
		if issue.Text.EN == "" || issue.Text.FR == "" || (issue.Hint.EN == "") != (issue.Hint.FR == "") {
			t.Errorf("%s: a language is missing: %+v", c.id, issue)
		}
		if c.kind == fhir.Forbidden && issue.Code != fhir.CodeTooCostly {
			t.Errorf("%s: %s", c.id, issue.Code)
		}
	}
}

// B14: the error names what was probably meant, and all there is.
func TestParseDidYouMean(t *testing.T) {
	_, _, _, err := parse(t, "Patient", "birthDate=2000", true)
	var e *fhir.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	for _, text := range []string{e.Issues[0].Hint.EN, e.Issues[0].Hint.FR} {
		if !strings.Contains(text, "birthdate") || !strings.Contains(text, "general-practitioner") {
			t.Error(text)
		}
	}
}

// The same for an include and for a type, and for a chain the types that it may
// be meant to lead to.
func TestParseHints(t *testing.T) {
	for _, c := range []struct {
		typ, query string
		hints, not []string
	}{
		{"Patient", "_include=Patient:organisation", []string{"Patient:organization?", "general-practitioner, link, organization."}, []string{"birthdate"}},
		{"Patient", "_include=Patient:xxxxxxxxxx", []string{"general-practitioner, link, organization."}, []string{"?", "birthdate"}},
		{"Patient", "_include=Pathient:link", []string{"Patient?"}, nil},
		{"Patient", "_include=Zzzzzzzzzzzzzz:link", []string{"R4"}, []string{"?"}},
		{"Observation", "subject.name=x", []string{"Location, Patient.", "subject:Location.name"}, []string{"Group", "…"}},
		{"Provenance", "target.identifier=x", []string{"Account, ActivityDefinition, ", "…"}, []string{"Patient"}},
		{"Provenance", "target.nam=x", []string{"Account, ActivityDefinition, ", "…"}, []string{"Patient"}},
		{"Encounter", "subject.nam=x", []string{"Group, Patient."}, []string{"…"}},
	} {
		_, _, _, err := parse(t, c.typ, c.query, true)
		var e *fhir.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		hint := e.Issues[0].Hint
		for _, want := range c.hints {
			if !strings.Contains(hint.EN, want) {
				t.Errorf("%s: %q without %q", c.query, hint.EN, want)
			}
		}
		for _, other := range c.not {
			if strings.Contains(hint.EN, other) {
				t.Errorf("%s: %q with %q", c.query, hint.EN, other)
			}
		}
	}
}

// The place of a fault in a filter is told by its character.
func TestParseFilterTellsThePlace(t *testing.T) {
	for query, place := range map[string]int{
		"_filter=gender eq male and nam eq x":                     20,
		"_filter=gender eq male and (birthdate ge yesterday)":     21,
		"_filter=name eq \"é\" and general-practitioner.nam eq x": 17,
		"_filter=gender is male":                                  8,
		"_filter=gender eq male and link[name eq a].zz eq b":      20,
		"_filter=_has:Observation:patient:code eq a and b eq c":   40,
	} {
		_, _, _, err := parse(t, "Patient", query, true)
		var e *fhir.Error
		if !errors.As(err, &e) || e.Issues[0].At != "http._filter" ||
			!strings.Contains(e.Issues[0].Text.EN+")", fmt.Sprintf("character %d", place)) || !strings.Contains(e.Issues[0].Text.FR, fmt.Sprintf("caractère %d", place)) {
			t.Errorf("%s: %+v", query, e)
		}
	}
}

func TestParseReportsEveryFault(t *testing.T) {
	_, _, _, err := parse(t, "Patient", "nam=a&birthdate=b&gender=male&_count=x", true)
	var e *fhir.Error
	if !errors.As(err, &e) || len(e.Issues) != 3 {
		t.Fatal(err)
	}
	_, _, _, err = parse(t, "Patient", strings.Repeat("nam=a&", 50), true)
	if !errors.As(err, &e) || len(e.Issues) != maxIssues {
		t.Error(len(e.Issues))
	}
}

// B14: lenient handling leaves out what is unknown, says so, and keeps it from
// the self link; it never leaves out half a condition.
func TestParseLenient(t *testing.T) {
	q, used, warnings, err := parse(t, "Patient", "name=ada&nam=x&_query=y&_format=json&gender=female&_pretty=true&_count=5", false)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Pair{{"name", "ada"}, {"gender", "female"}, {"_count", "5"}}; !cmp.Equal(used, want) {
		t.Error(used)
	}
	if len(q.Params) != 2 || len(warnings) != 2 || warnings[0].Severity != fhir.SeverityWarning || warnings[0].At != "http.nam" || warnings[1].At != "http._query" {
		t.Error(q, warnings)
	}
	q, used, warnings, err = parse(t, "Patient", "_sort=name,nam&_include=Patient:nobody&_revinclude=Provenance:target", false)
	if err != nil || len(q.Sort) != 0 || len(q.Includes) != 1 || len(used) != 1 || len(warnings) != 2 {
		t.Error(q, used, warnings, err)
	}
	for _, query := range []string{"name:starts=a", "birthdate=x", "name=a,,b", "gender:exact=1", "_count=x", "_elements=x", "_id=" + strings.Repeat("a,", 1000) + "b"} {
		if _, _, _, err := parse(t, "Patient", query, false); err == nil {
			t.Errorf("%.20s let through", query)
		}
	}
}

func TestParseQuery(t *testing.T) {
	for _, c := range []struct {
		typ, query string
		want       fhir.Query
	}{
		{"Patient", "", fhir.Query{Type: "Patient"}},
		{"Patient", "name=a,b\\,c&name:exact=d", fhir.Query{Type: "Patient", Params: []fhir.Param{
			{Code: "name", Values: []string{"a", "b\\,c"}}, {Code: "name", Modifier: "exact", Values: []string{"d"}}}}},
		{"Patient", "_sort=-birthdate,name,_id,-_lastUpdated&_count=20&_total=accurate&_summary=text&_elements=name,identifier",
			fhir.Query{Type: "Patient", Sort: []fhir.SortKey{{Code: "birthdate", Desc: true}, {Code: "name"}, {Code: "_id"}, {Code: "_lastUpdated", Desc: true}},
				Count: 20, Total: fhir.TotalAccurate, Summary: "text", Elements: []string{"name", "identifier"}}},
		{"Patient", "_count=0", fhir.Query{Type: "Patient", Summary: "count"}},
		{"Patient", "_count=0&_summary=data", fhir.Query{Type: "Patient", Summary: "count"}},
		{"Observation", "_elements=value", fhir.Query{Type: "Observation", Elements: []string{"value"}}},
		{"Observation", "subject:Patient=x", fhir.Query{Type: "Observation", Params: []fhir.Param{{Code: "subject", Modifier: "Patient", Values: []string{"x"}}}}},
		{"Observation", "subject:Patient.name:exact=x", fhir.Query{Type: "Observation", Params: []fhir.Param{
			{Code: "name", Modifier: "exact", Chain: []fhir.Link{{Code: "subject", Type: "Patient"}}, Values: []string{"x"}}}}},
		{"Observation", "patient.name=x", fhir.Query{Type: "Observation", Params: []fhir.Param{
			{Code: "name", Chain: []fhir.Link{{Code: "patient", Type: "Patient"}}, Values: []string{"x"}}}}},
		{"DiagnosticReport", "subject.birthdate=2000", fhir.Query{Type: "DiagnosticReport", Params: []fhir.Param{
			{Code: "birthdate", Chain: []fhir.Link{{Code: "subject", Type: "Patient"}}, Values: []string{"2000"}}}}},
		{"Observation", "patient.general-practitioner:Practitioner.identifier=a|b", fhir.Query{Type: "Observation", Params: []fhir.Param{
			{Code: "identifier", Chain: []fhir.Link{{Code: "patient", Type: "Patient"}, {Code: "general-practitioner", Type: "Practitioner"}}, Values: []string{"a|b"}}}}},
		{"Patient", "_has:Observation:patient:code=1234-5", fhir.Query{Type: "Patient", Params: []fhir.Param{
			{Code: "code", Chain: []fhir.Link{{Code: "patient", Type: "Observation", Reverse: true}}, Values: []string{"1234-5"}}}}},
		{"Patient", "_has:Observation:patient:_has:AuditEvent:entity:agent=p", fhir.Query{Type: "Patient", Params: []fhir.Param{
			{Code: "agent", Chain: []fhir.Link{{Code: "patient", Type: "Observation", Reverse: true}, {Code: "entity", Type: "AuditEvent", Reverse: true}}, Values: []string{"p"}}}}},
		{"Encounter", "patient._has:Group:member:_id=102", fhir.Query{Type: "Encounter", Params: []fhir.Param{
			{Code: "_id", Chain: []fhir.Link{{Code: "patient", Type: "Patient"}, {Code: "member", Type: "Group", Reverse: true}}, Values: []string{"102"}}}}},
		{"Patient", "_list=42", fhir.Query{Type: "Patient", Params: []fhir.Param{
			{Code: "_id", Chain: []fhir.Link{{Code: "item", Type: "List", Reverse: true}}, Values: []string{"42"}}}}},
		{"MedicationRequest", "_include=MedicationRequest:patient&_include:iterate=Patient:*&_revinclude=Provenance:target:MedicationRequest&_include=*",
			fhir.Query{Type: "MedicationRequest", Includes: []fhir.Include{{Type: "MedicationRequest", Code: "patient"}, {Type: "Patient", Code: "*", Iterate: true},
				{Type: "Provenance", Code: "target", Target: "MedicationRequest", Reverse: true}, {Type: "*", Code: "*"}}}},
		{"", "_type=Patient,Practitioner&name=x&_tag=t", fhir.Query{Types: []string{"Patient", "Practitioner"}, Params: []fhir.Param{
			{Code: "name", Values: []string{"x"}}, {Code: "_tag", Values: []string{"t"}}}}},
		{"", "_id=1&_lastUpdated=gt2026", fhir.Query{Params: []fhir.Param{{Code: "_id", Values: []string{"1"}}, {Code: "_lastUpdated", Values: []string{"gt2026"}}}}},
	} {
		q, used, warnings, err := parse(t, c.typ, c.query, true)
		if err != nil {
			t.Errorf("%s?%s: %v", c.typ, c.query, err)
			continue
		}
		if diff := cmp.Diff(c.want, q); diff != "" {
			t.Errorf("%s?%s: %s", c.typ, c.query, diff)
		}
		pairs, _ := Pairs(c.query)
		if len(used) != len(pairs) || len(warnings) != 0 {
			t.Errorf("%s?%s: used %v, warned %v", c.typ, c.query, used, warnings)
		}
	}
}

// Of several alternatives the fault names the one that has it, by its place.
func TestParseNamesTheAlternative(t *testing.T) {
	r := registry(t)
	for query, want := range map[string][2]string{
		"date=2024,2024-13,2025":     {"The value is not a date. (alternative 2 of 3)", "La valeur n'est pas une date. (alternative 2 sur 3)"},
		"date=2024-13":               {"The value is not a date.", "La valeur n'est pas une date."},
		"value-quantity=1,2,3|x":     {"(alternative 3 of 3)", "(alternative 3 sur 3)"},
		"code=a,,b":                  {"(alternative 2 of 3)", "(alternative 2 sur 3)"},
		"patient.birthdate=1950,195": {"(alternative 2 of 2)", "(alternative 2 sur 2)"},
	} {
		pairs, _ := Pairs(query)
		_, _, _, err := Parse(r, Request{Type: "Observation", Values: pairs, Strict: true})
		var e *fhir.Error
		if !errors.As(err, &e) || !strings.HasSuffix(e.Issues[0].Text.EN, want[0]) || !strings.HasSuffix(e.Issues[0].Text.FR, want[1]) {
			t.Errorf("%s: %+v", query, e)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"name=a,b&_count=5", "_has:Observation:patient:code=x", "subject:Patient.name:exact=%C3%A9", "value-quantity=gt5.4|http://unitsofmeasure.org|mg",
		"code-value-quantity=http://loinc.org|1$gt5&_sort=-date", "date=ge2026-01-01T00:00%2B01:00", `identifier=a\|b|c\,d`, "near=48.85|2.35|5|km", "_include=*"} {
		f.Add("Observation", s)
		f.Add("Patient", s)
		f.Add("", s)
	}
	r := registry(f)
	f.Fuzz(func(t *testing.T, typ, query string) { parsesOrRefuses(t, r, typ, query) })
}

// FuzzFilter: whatever stands in _filter is understood or refused for a reason.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{`code eq http://loinc.org|1 and not (status eq final)`, `name co "a\"b" or birthdate ge 1950`, `subject.name eq x`,
		`code-value-quantity[code eq 1 and value gt 2].code pr true`, `(((id eq a)))`, `given in (a,b)`, `value-quantity ap 5.4`, `"`, `not`, `a eq`} {
		f.Add("Patient", s)
		f.Add("Observation", s)
	}
	r := registry(f)
	f.Fuzz(func(t *testing.T, typ, filter string) {
		parsesOrRefuses(t, r, typ, url.Values{"_filter": {filter}}.Encode())
	})
}

// FuzzHas: likewise for the names of reverse chains.
func FuzzHas(f *testing.F) {
	for _, s := range []string{"Observation:patient:code", "Observation:patient:_has:Provenance:target:agent", "Observation:patient:code:not", "Observation:patient", ":::", "Patient:link:name:exact"} {
		f.Add("Patient", s, "x")
	}
	r := registry(f)
	f.Fuzz(func(t *testing.T, typ, has, value string) {
		parsesOrRefuses(t, r, typ, url.Values{"_has:" + has: {value}}.Encode())
	})
}

// parsesOrRefuses holds a query to what it may be: an error for the client, or
// parameters that compile.
func parsesOrRefuses(t *testing.T, r *Registry, typ, query string) {
	pairs, err := Pairs(query)
	if err != nil {
		return
	}
	for _, strict := range []bool{true, false} {
		q, _, _, err := Parse(r, Request{Type: typ, Values: pairs, Strict: strict})
		if err != nil {
			var e *fhir.Error
			if !errors.As(err, &e) || e.Kind == fhir.Internal {
				t.Fatalf("%v", err)
			}
			continue
		}
		for _, p := range q.Params {
			if len(p.Chain) == 0 && q.Type != "" && p.Join == 0 {
				checkPredicate(t, r, q.Type, p)
			}
		}
	}
}

// checkPredicate checks what a store relies on: the ranges are sorted and
// disjoint, and no bound is longer than a value may be.
func checkPredicate(t *testing.T, r *Registry, typ string, p fhir.Param) {
	predicate, err := r.Compile(typ, p)
	if err != nil {
		t.Fatalf("compiled by Parse, not by Compile: %v", err)
	}
	last := ""
	for _, k := range predicate.Ranges {
		hi := string(k.Hi)
		if k.Point {
			hi = string(k.Lo)
		}
		if string(k.Lo) < last || hi < string(k.Lo) || len(k.Lo) > 2*MaxValue || strings.Contains(string(k.Lo), "\x00") {
			t.Fatalf("%s: %q after %q", p.Code, k.Lo, last)
		}
		last = hi
	}
}
