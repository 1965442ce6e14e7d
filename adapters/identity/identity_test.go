package identity

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
	"github.com/cordee-sante/cordee/fhir/rest"
)

func node(t testing.TB, text string) fhirjson.Node {
	t.Helper()
	doc, err := fhirjson.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return doc.Root()
}

const insSystem = "urn:oid:1.2.250.1.213.1.4.8"

// person is a Patient of a few traits, apart by bars: birth family name, used
// family name, given names, birth date, sex, INSEE code of the birth place, INS.
func person(traits string) string {
	f := append(strings.Split(traits, "|"), "", "", "", "", "", "", "")
	var b strings.Builder
	b.WriteString(`{"resourceType":"Patient"`)
	if f[6] != "" {
		b.WriteString(`,"identifier":[{"use":"official","system":"` + insSystem + `","value":"` + f[6] + `"}]`)
	}
	givens := `"` + strings.Join(strings.Fields(f[2]), `","`) + `"`
	b.WriteString(`,"name":[{"use":"official","family":"` + f[0] + `","given":[` + givens + `]}`)
	if f[1] != "" {
		b.WriteString(`,{"use":"usual","family":"` + f[1] + `","given":[` + givens + `]}`)
	}
	b.WriteString(`]`)
	if f[3] != "" {
		b.WriteString(`,"birthDate":"` + f[3] + `"`)
	}
	if f[4] != "" {
		b.WriteString(`,"gender":"` + f[4] + `"`)
	}
	if f[5] != "" {
		b.WriteString(`,"extension":[{"url":"` + birthPlaceExtension + `","valueAddress":{"extension":[{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code","valueCoding":{"code":"` + f[5] + `"}}]}}]`)
	}
	return b.String() + "}"
}

func TestCompare(t *testing.T) {
	const asked = "DURAND||Jeanne Marie|1950-03-02|female|75056|250037505612345"
	const unqualified = "DURAND||Jeanne Marie|1950-03-02|female|75056"
	for _, c := range []struct {
		name, asked, found string
		want               Grade
	}{
		{"same INS, same traits", asked, asked, Certain},
		{"same INS, married name", asked, "DURAND|MARTIN|Jeanne|1950-03-02|female|75056|250037505612345", Certain},
		{"same INS, day and month swapped", asked, "DURAND||Jeanne|1950-02-03|female|75056|250037505612345", Certain},
		{"same INS of somebody else's traits", asked, "LEGALL||Paul|1981-12-24|male|29019|250037505612345", Possible},
		{"another INS, same traits: homonyms", asked, "DURAND||Jeanne Marie|1950-03-02|female|75056|250037505654321", none},
		{"twins by INS", asked, "DURAND||Jacqueline|1950-03-02|female|75056|250037505654321", none},
		{"twins without INS", unqualified, "DURAND||Jacqueline|1950-03-02|female|75056", Possible},
		{"twin brother and sister", unqualified, "DURAND||Paul|1950-03-02|male|75056", none},
		{"same traits, no INS", unqualified, unqualified, Probable},
		{"INS on one side only", asked, unqualified, Probable},
		{"accents and hyphens", "LEFÈVRE-NOËL||Anne-Sophie|1950-03-02|female", "Lefevre Noel||ANNE SOPHIE|1950-03-02|female", Probable},
		{"married name as the only one", "DURAND|MARTIN|Jeanne|1950-03-02|female|75056", "MARTIN||Jeanne|1950-03-02|female|75056", Probable},
		{"joined names", "DURAND||Jeanne|1950-03-02|female|75056", "DURAND MARTIN||Jeanne|1950-03-02|female|75056", Probable},
		{"typo in the name", "DURANT||Jeanne|1950-03-02|female|75056", unqualified, Probable},
		{"typo in the given name", "DURAND||Jaenne|1950-03-02|female|75056", unqualified, Probable},
		{"typo in the date", "DURAND||Jeanne|1950-03-12|female|75056", unqualified, Probable},
		{"used given name", "DURAND||Marie|1950-03-02|female|75056", unqualified, Probable},
		{"year of birth only", "DURAND||Jeanne|1950|female", unqualified, Probable},
		{"mother and daughter", "DURAND||Jeanne|1975-06-21|female|75056", unqualified, Possible},
		{"the same name in another town and year", "DURAND||Jeanne|1987-11-09|female|29019", unqualified, none},
		{"names alone", "DURAND||Jeanne", unqualified, none},
		{"date alone", "|||1950-03-02|female|75056", unqualified, none},
		{"nothing in common", "LEGALL||Paul|1981-12-24|male|29019", unqualified, none},
	} {
		grade, score := Compare(Read(node(t, person(c.asked))), Read(node(t, person(c.found))))
		if grade != c.want {
			t.Errorf("%s: %s with %d, want %s", c.name, grade, score, c.want)
		}
		if grade == Certain && c.want != Certain {
			t.Errorf("%s: certain without reason", c.name)
		}
	}
}

// TestOnlyAnINSMakesCertain: whatever agrees beside it, a match without a common
// INS is for a person to judge; so is one of an identity in doubt.
func TestOnlyAnINSMakesCertain(t *testing.T) {
	const p = "DURAND||Jeanne|1950-03-02|female|75056|250037505612345"
	for name, reliability := range map[string]string{
		"provisional": `{"url":"identityStatus","valueCoding":{"system":"https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status","code":"PROV"}}`,
		"doubtful":    `{"url":"identityStatus","valueCoding":{"system":"https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status","code":"VALI"}},{"url":"comment","valueCoding":{"code":"DOUT"}}`,
		"fictitious":  `{"url":"identityStatus","valueCoding":{"system":"https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445","code":"FICT"}}`,
	} {
		doubtful := strings.Replace(person(p), `"extension":[`, `"extension":[{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability","extension":[`+reliability+`]},`, 1)
		if grade, _ := Compare(Read(node(t, person(p))), Read(node(t, doubtful))); grade != Possible {
			t.Errorf("%s: %s", name, grade)
		}
	}
}

func TestStatusOf(t *testing.T) {
	const ins = `"identifier":[{"system":"` + insSystem + `","value":"250037505612345"}],`
	for _, c := range []struct {
		identifiers, system, code string
		want                      Status
	}{
		{ins, "fr-core-cs-v2-0445", "VALI", Status{Level: Qualified}},
		{"", "fr-core-cs-v2-0445", "VALI", Status{Level: Validated}},
		{ins, "fr-core-cs-identity-status", "VALI", Status{Level: Validated}},
		{ins, "fr-core-cs-identity-status", "RECUP", Status{Level: INSRetrieved}},
		{ins, "fr-core-cs-identity-status", "QUAL", Status{Level: Qualified}},
		{ins, "fr-core-cs-fiabilite-identite", "QUAL", Status{Level: Qualified}},
		{ins, "fr-core-cs-v2-0445", "DOUT", Status{Doubtful: true}},
		{ins, "fr-core-cs-v2-0445", "HOMD", Status{Homonym: true}},
	} {
		got, ok := StatusOf(node(t, `{"resourceType":"Patient",`+c.identifiers+`"extension":[{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability","extension":[
			{"url":"identityStatus","valueCoding":{"system":"https://hl7.fr/ig/fhir/core/CodeSystem/`+c.system+`","code":"`+c.code+`"}}]}]}`))
		if !ok || got != c.want {
			t.Errorf("%s of %s: %+v, %v", c.code, c.system, got, ok)
		}
	}
	if _, ok := StatusOf(node(t, `{"resourceType":"Patient"}`)); ok {
		t.Error("a patient without the extension has a status")
	}
}

// shelf is a Repository of patients by id that finds all of them, whatever is
// asked: what is compared is then not what was searched.
type shelf struct {
	patients map[string]string
	versions map[string]string
	asked    []fhir.Query
	next     string
}

func (s *shelf) resource(id string) fhir.Resource {
	return fhir.Resource{Key: fhir.Key{Type: "Patient", ID: id, Version: s.versions[id]}, Body: []byte(s.patients[id])}
}

func (s *shelf) Read(_ context.Context, key fhir.Key) (fhir.Resource, error) {
	if s.patients[key.ID] == "" {
		return fhir.Resource{}, fhir.Errorf(fhir.NotFound, "test", "test.absent", fhir.CodeNotFound, "", fhir.Text{}, fhir.Text{})
	}
	return s.resource(key.ID), nil
}

func (s *shelf) Search(_ context.Context, q fhir.Query) (page fhir.Page, err error) {
	s.asked = append(s.asked, q)
	for id := range s.patients {
		page.Matches = append(page.Matches, s.resource(id))
	}
	page.Next = s.next
	return page, nil
}

func (s *shelf) Commit(_ context.Context, changes []fhir.Change) (list []fhir.Resource, err error) {
	for _, c := range changes {
		if c.IfMatch != s.versions[c.Key.ID] || c.IfMatch == "" {
			return nil, fhir.Errorf(fhir.PreconditionFailed, "test", "test.version", fhir.CodeConflict, "", fhir.Text{}, fhir.Text{})
		}
		doc, err := fhirjson.Parse(c.Body)
		if err != nil {
			return nil, err
		}
		if issues := profile.Validate(doc); len(issues) > 0 {
			return nil, profile.Error(issues)
		}
		s.patients[c.Key.ID] = string(c.Body)
		list = append(list, s.resource(c.Key.ID))
	}
	return list, nil
}

func call(body string) rest.Call { return rest.Call{Body: []byte(body)} }

func TestMatch(t *testing.T) {
	s := &shelf{patients: map[string]string{
		"same":  person("DURAND||Jeanne|1950-03-02|female|75056|250037505612345"),
		"near":  person("DURAND||Jeane|1950-03-02|female|75056"),
		"other": person("LEGALL||Paul|1981-12-24|male|29019"),
	}}
	o := Operations{Repo: s, Base: "http://gw/fhir"}
	asked := person("DURAND||Jeanne|1950-03-02|female|75056|250037505612345")
	for _, c := range []struct {
		name, body, want string
	}{
		{"a Patient", asked, "same:certain:1 near:probable:0.95"},
		{"Parameters", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + asked + `},{"name":"count","valueInteger":1}]}`, "same:certain:1"},
		{"certain ones", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + asked + `},{"name":"onlyCertainMatches","valueBoolean":true}]}`, "same:certain:1"},
	} {
		answer, err := o.Match().Handle(context.Background(), call(c.body))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		bundle := node(t, string(answer.Resource))
		var got []string
		for e := range bundle.Get("entry").Items() {
			got = append(got, strings.TrimPrefix(e.Get("fullUrl").Text(), "http://gw/fhir/Patient/")+":"+
				e.Get("search").Get("extension").First().Get("valueCode").Text()+":"+e.At("search", "score").Raw())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
	s.patients["twice"] = s.patients["same"]
	if list, _, err := o.Find(context.Background(), Read(node(t, asked))); err != nil || list[0].Grade != Probable || list[1].Grade != Probable {
		t.Errorf("two records of one INS: %v, %v", list, err)
	}
}

// TestMatchAsksNarrowly: no search goes without something of the person, and
// what stands in names is no syntax.
func TestMatchAsksNarrowly(t *testing.T) {
	s := &shelf{}
	o := Operations{Repo: s}
	if _, _, err := o.Find(context.Background(), Read(node(t, person(`D,U|R|Je$anne|1950-03-02||`)))); err != nil {
		t.Fatal(err)
	}
	if len(s.asked) != 3 {
		t.Errorf("%d searches", len(s.asked))
	}
	for _, q := range s.asked {
		if len(q.Params) != 2 || q.Count != candidatesMost {
			t.Errorf("%+v", q)
		}
		for _, p := range q.Params {
			for _, v := range p.Values {
				if v == "" || strings.ContainsAny(strings.NewReplacer(`\,`, "", `\|`, "", `\$`, "").Replace(v), ",|$") {
					t.Errorf("%s asks for %q", p.Code, v)
				}
			}
		}
	}
}

func TestMatchRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON":          `{`,
		"another resource": `{"resourceType":"Person"}`,
		"no patient":       `{"resourceType":"Parameters"}`,
		"no traits":        `{"resourceType":"Patient","gender":"female"}`,
		"names alone":      person("DURAND||Jeanne"),
		"a local number":   `{"resourceType":"Patient","identifier":[{"value":"1"}]}`,
		"count":            `{"resourceType":"Parameters","parameter":[{"name":"count","valueInteger":0}]}`,
		"a parameter":      `{"resourceType":"Parameters","parameter":[{"name":"onlySingleMatch","valueBoolean":true}]}`,
	} {
		s := &shelf{}
		o := Operations{Repo: s}
		_, err := o.Match().Handle(context.Background(), call(body))
		var e *fhir.Error
		if !errors.As(err, &e) || e.Kind != fhir.Malformed || len(s.asked) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func pair(source, target string) rest.Call {
	return call(`{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"` + source + `"}},{"name":"target-patient","valueReference":{"reference":"` + target + `"}}]}`)
}

// TestUnmergeUndoesMerge: byte for byte, whatever the records were like.
func TestUnmergeUndoesMerge(t *testing.T) {
	for _, source := range []string{
		`{"resourceType":"Patient","id":"a","name":[{"family":"X"}]}`,
		`{"resourceType":"Patient","id":"a","active":true,"gender":"female"}`,
		`{"resourceType":"Patient","id":"a", "link":[ {"other":{"reference":"Patient/z"},"type":"seealso"} ],"active" : true }`,
		`{"resourceType":"Patient","active":false}`,
	} {
		s := &shelf{patients: map[string]string{"a": source, "b": `{"resourceType":"Patient","id":"b","birthDate":"1950-03-02"}`}, versions: map[string]string{"a": "3", "b": "1"}}
		before := map[string]string{"a": s.patients["a"], "b": s.patients["b"]}
		o := Operations{Repo: s}
		if _, err := o.Merge().Handle(context.Background(), pair("Patient/a", "Patient/b")); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		merged := node(t, s.patients["a"])
		if merged.Get("active").Raw() != "false" || !strings.Contains(s.patients["a"], `"replaced-by"`) || !strings.Contains(s.patients["b"], `"replaces"`) {
			t.Errorf("merged: %s, %s", s.patients["a"], s.patients["b"])
		}
		if _, err := o.Merge().Handle(context.Background(), pair("Patient/b", "Patient/a")); fhir.KindOf(err) != fhir.Unprocessable {
			t.Errorf("merged twice: %v", err)
		}
		if _, err := o.Unmerge().Handle(context.Background(), pair("Patient/b", "Patient/a")); fhir.KindOf(err) != fhir.Unprocessable {
			t.Errorf("unmerged the other way round: %v", err)
		}
		if _, err := o.Unmerge().Handle(context.Background(), pair("Patient/a", "Patient/b")); err != nil {
			t.Errorf("%s: %v", source, err)
		}
		for id, was := range before {
			if compact(s.patients[id]) != compact(was) {
				t.Errorf("%s became %s", was, s.patients[id])
			}
		}
	}
}

func compact(s string) string { return string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)) }

func TestMergeRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		call rest.Call
		kind fhir.Kind
	}{
		{"itself", pair("Patient/a", "Patient/a"), fhir.Malformed},
		{"another type", pair("Patient/a", "Person/b"), fhir.Malformed},
		{"one alone", call(`{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/a"}}]}`), fhir.Malformed},
		{"a parameter", call(`{"resourceType":"Parameters","parameter":[{"name":"preview","valueBoolean":true}]}`), fhir.Malformed},
		{"absent", pair("Patient/a", "Patient/c"), fhir.NotFound},
		{"changed meanwhile", pair("Patient/a", "Patient/b"), fhir.PreconditionFailed},
	} {
		s := &shelf{patients: map[string]string{"a": `{"resourceType":"Patient"}`, "b": `{"resourceType":"Patient"}`}, versions: map[string]string{"a": "1"}}
		o := Operations{Repo: s}
		if _, err := o.Merge().Handle(context.Background(), c.call); fhir.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestDefinitions(t *testing.T) {
	o := Operations{}
	for _, op := range []rest.Operation{o.Merge(), o.Unmerge()} {
		doc, err := fhirjson.Parse(op.Describes)
		if err != nil {
			t.Fatal(err)
		}
		if issues := profile.Validate(doc); len(issues) > 0 || doc.Root().Get("url").Text() != op.Definition {
			t.Errorf("$%s: %+v", op.Name, issues)
		}
	}
}
