package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// TestViewDoesNotInterfere is promise 5: whatever a caller asks, the answer
// under a view is the answer of a store that never held what the view
// withholds. Random records, random queries over every feature, two stores.
func TestViewDoesNotInterfere(t *testing.T) {
	reg, regOfBare := registry(t), registry(t) // each learns the custom parameters of its store
	rapid.Check(t, func(t *rapid.T) {
		var seconds atomic.Int64 // the same for both: _lastUpdated sorts; custom parameters are indexed beside
		clock := func() time.Time { return time.Date(2026, 1, 1, 0, 0, int(seconds.Load()), 0, time.UTC) }
		full, closeFull := openBare(t, reg, clock)
		defer closeFull()
		bare, closeBare := openBare(t, regOfBare, clock)
		defer closeBare()
		for _, r := range drawRecords(t) {
			seconds.Add(1)
			c := []fhir.Change{{Method: fhir.Update, Key: r.key, Body: r.body}}
			if _, err := full.Commit(context.Background(), c); err != nil {
				t.Fatal(err)
			}
			if r.secret {
				continue
			}
			if _, err := bare.Commit(context.Background(), c); err != nil {
				t.Fatal(err)
			}
		}
		settle(t, full)
		settle(t, bare)
		for range 12 {
			text := drawQuery(t)
			got := walk(t, reg, full, storetest.Hiding("secret"), text)
			want := walk(t, regOfBare, bare, storetest.Everything, text)
			if got != want {
				t.Fatalf("%s\n  with the withheld records %s\n  without them              %s", text, got, want)
			}
		}
		for _, typ := range []string{"", "Patient", "Condition", "CarePlan"} {
			if got, want := historyOf(t, full, storetest.Hiding("secret"), typ), historyOf(t, bare, storetest.Everything, typ); got != want {
				t.Fatalf("history of %q\n  with the withheld records %s\n  without them              %s", typ, got, want)
			}
		}
	})
}

func openBare(t *rapid.T, reg *search.Registry, clock func() time.Time) (s *store.Store, closed func()) {
	e := memory.Open()
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &scripted{}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s, func() { s.Close(); sound(t, e, reg) }
}

// settle waits until the custom parameter is indexed.
func settle(t *rapid.T, s *store.Store) {
	for range 2000 {
		if list := s.Customs(); len(list) == 1 && list[0].State == "ready" {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never ready: %+v", s.Customs())
}

type drawn struct {
	key    fhir.Key
	body   []byte
	secret bool
}

// drawRecords makes a few patients with conditions and care plans that refer to
// each other; any of them may be secret. A record keeps its secrecy: a label
// that comes and goes is the concern of package consent.
func drawRecords(t *rapid.T) []drawn {
	var list []drawn
	secrets := map[fhir.Key]bool{}
	add := func(typ, id, rest string) {
		key := fhir.Key{Type: typ, ID: id}
		if _, known := secrets[key]; !known {
			secrets[key] = rapid.IntRange(0, 3).Draw(t, "secret") == 0
		}
		label := ""
		if secrets[key] {
			label = `"meta":{"security":[{"code":"secret"}]},`
		}
		list = append(list, drawn{key, []byte(`{"resourceType":"` + typ + `","id":"` + id + `",` + label + rest + `}`), secrets[key]})
	}
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "value") }
	secrets[fhir.Key{Type: "SearchParameter", ID: "remarque"}] = false
	add("SearchParameter", "remarque", `"url":"urn:remarque","name":"X","status":"active","description":"x","code":"remarque","base":["Condition"],"type":"string","expression":"Condition.note.text"`)
	for i := range rapid.IntRange(1, 4).Draw(t, "patients") {
		add("Patient", fmt.Sprint("p", i), `"gender":"`+pick("male", "female")+`","birthDate":"`+pick("1980", "1990-05", "1990-05-06")+`","name":[{"family":"`+pick("Martin", "Marin", "Zola")+`"}]`)
	}
	for range rapid.IntRange(0, 12).Draw(t, "conditions") {
		add("Condition", "c"+pick("1", "2", "3", "4", "5"), `"subject":{"reference":"Patient/p`+pick("0", "1", "2", "3")+`"},"code":{"coding":[{"system":"urn:s","code":"`+pick("a", "b", "c")+`"}]},"onsetDateTime":"202`+pick("1", "2", "3")+`-01-02","note":[{"text":"`+pick("foie", "os", "foie et os")+`"}],
			"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">`+pick("Foie gras", "os et foie", "suivi")+`</div>"},"encounter":{"reference":"Encounter/e`+pick("1", "2")+`"}`)
	}
	for range rapid.IntRange(0, 5).Draw(t, "requests") {
		add("MedicationRequest", "m"+pick("1", "2", "3"), `"status":"active","intent":"order","subject":{"reference":"Patient/p`+pick("0", "1")+`"},"medicationReference":{"reference":"#`+pick("x", "y")+`"},
			"contained":[{"resourceType":"Medication","id":"x","code":{"coding":[{"code":"`+pick("a", "b")+`"}]}},{"resourceType":"Medication","id":"y","status":"`+pick("active", "inactive")+`"}]`)
	}
	for range rapid.IntRange(0, 3).Draw(t, "terms") {
		add("ValueSet", "v"+pick("1", "2"), `"status":"active","url":"urn:vs","version":"`+pick("1", "2")+`","compose":{"include":[{"system":"urn:s","concept":[{"code":"`+pick("a", "b")+`"}]}]}`)
		add("CodeSystem", "s"+pick("1", "2"), `"status":"active","content":"complete","url":"urn:s","version":"`+pick("1", "2")+`","concept":[{"code":"`+pick("a", "b")+`","concept":[{"code":"c"}]}]`)
		add("Medication", "x"+pick("1", "2"), `"code":{"coding":[{"code":"`+pick("a", "b")+`"}]}`)
	}
	for range rapid.IntRange(0, 8).Draw(t, "observations") {
		id := pick("1", "2", "3", "4")
		add("Observation", "o"+id, `"status":"final","subject":{"reference":"Patient/p`+pick("0", "1", "2")+`"},"code":{"coding":[{"system":"urn:s","code":"`+pick("a", "b")+`"}]},"effectiveDateTime":"202`+pick("1", "2")+`-01-02",
			"valueQuantity":{"value":`+pick("1", "2.5")+`},"component":[{"code":{"coding":[{"code":"`+pick("a", "b")+`"}]},"valueQuantity":{"value":`+pick("1", "3")+`}}],"derivedFrom":[{"reference":"Observation/o`+pick("1", "2", "3")+pick("", "/_history/1", "/_history/2")+`"}]`)
	}
	for range rapid.IntRange(0, 4).Draw(t, "lists") {
		add("List", "l"+pick("1", "2"), `"status":"current","mode":"working","entry":[{"item":{"reference":"Condition/c`+pick("1", "2", "3")+`"}},{"item":{"reference":"`+pick("Patient/p0", "Observation/o1", "Condition/c4")+`"}}]`)
		add("Location", "h"+pick("1", "2", "3"), `"name":"`+pick("Nord", "Sud")+`","position":{"latitude":`+pick("48.85", "48.90", "43.61")+`,"longitude":2.35},"partOf":{"reference":"Location/h`+pick("1", "2")+`"}`)
	}
	for range rapid.IntRange(0, 8).Draw(t, "plans") {
		add("CarePlan", "k"+pick("1", "2", "3"), `"status":"`+pick("active", "completed")+`","intent":"plan","subject":{"reference":"Patient/p`+pick("0", "1", "2", "3")+`"},"addresses":[{"reference":"Condition/c`+pick("1", "2", "3")+`"}]`)
	}
	return list
}

var (
	conditionParams = []string{"code=a", "code=urn:s|b", "code:not=a", "code=a,b", "patient=p0", "subject=Patient/p1,Patient/p2", "onset-date=ge2022", "onset-date=lt2022-06",
		"subject:Patient.family=mar", "patient.gender=female", "_id=c1,c2,c3", "onset-date:missing=true", "_lastUpdated=gt2020", "subject:Patient._has:CarePlan:subject:status=active",
		"code:in=urn:vs", "code:not-in=urn:vs", "code:below=urn:s|a", "code:above=urn:s|c", "_text=foie", "_text=foie+OR+suivi+os", `_text="os+et"`, "_content=foie", `_content="et+os"`,
		"_filter=code+eq+a+or+patient.gender+eq+male", "_filter=not(patient.family+sw+mar)", "_filter=patient[gender+eq+male].family+co+ar+and+not(_text+eq+suivi)", "_filter=code+in+urn:vs+or+_content+eq+suivi",
		"_list=l1", "_list=l1,l2", "remarque=foie", "remarque:missing=true", "remarque:contains=os", "_filter=remarque+co+os+or+not(code+eq+a)"}
	observationParams = []string{"code-value-quantity=a$gt1", "component-code-value-quantity=b$lt3", "combo-code-value-quantity=a$1", "value-quantity=gt1", "date=ge2022", "_list=l1", "derived-from.code=a",
		"_has:Observation:derived-from:code=b", "patient.gender=male", "_sort=code,-date", "_sort=-date,_id", "_sort=value-quantity,code", "_include=Observation:derived-from", "_include:iterate=Observation:derived-from",
		"_revinclude=List:item", "_sort=-_lastUpdated,date"}
	locationParams   = []string{"near=48.86|2.35|6|km", "near=48.86|2.35|900|km", "partof.name=nord", "_has:Location:partof:name=sud", "name=nord", "_sort=name,-_id", "_revinclude=Location:partof"}
	careParams       = []string{"start=2022", "end=2021-06", "start=2021-06&end=2023", "_lastUpdated=gt2020", "_include=Observation:derived-from"}
	typeParams       = []string{"_sort=-_lastUpdated,_id", "_sort=_lastUpdated", "_sort=_security,-_id", "_list=l1", "_sort=-_id"}
	requestParams    = []string{"medication.code=a", "medication.status:not=active", "medication:missing=false", "_filter=not(medication.code+eq+a)", "patient=p0"}
	medicationParams = []string{"_contained=true", "_contained=both", "_contained=both&_containedType=contained", "_contained=true&_sort=-code&_include=MedicationRequest:patient"}
	planParams       = []string{"status=active", "subject=Patient/p0", "condition:Condition.code=a", "condition.subject:Patient.family=zola", "status:not=active", "patient=p1,p2,p3"}
	patientParams    = []string{"family=mar", "family:exact=Martin", "gender=male", "birthdate=ge1990", "_has:Condition:patient:code=a", "_has:CarePlan:subject:condition:Condition.code=b", "name:contains=ar", "_id=p0,p1"}
	results          = []string{"", "_sort=-_lastUpdated", "_sort=_id", "_sort=-_id", "_sort=onset-date", "_include=Condition:subject", "_revinclude=CarePlan:condition",
		"_include=CarePlan:condition&_include:iterate=Condition:subject", "_revinclude=Condition:subject", "_include=CarePlan:*"}
)

func drawQuery(t *rapid.T) string {
	params := map[string][]string{"Condition": conditionParams, "CarePlan": planParams, "Patient": patientParams,
		"MedicationRequest": requestParams, "Medication": medicationParams, "Encounter/e1/Condition": conditionParams, "Encounter/e1/*": {"_text=foie", "_filter=_id+eq+c1+or+_content+eq+os"},
		"Patient/p0/*": {"_text=foie", "_filter=_id+eq+c1+or+_content+eq+os"}, "Patient/p0/Condition": conditionParams, "Patient/p1/CarePlan": planParams, "": {"_id=p0,c1,k1", "_lastUpdated=gt2020"},
		"Observation": observationParams, "Location": locationParams, "Patient/p1/*": careParams, "?_type=Condition,Observation,Patient": typeParams}
	target := rapid.SampledFrom([]string{"Observation", "Location", "Patient/p1/*", "?_type=Condition,Observation,Patient", "Condition", "Condition", "MedicationRequest", "Medication", "Encounter/e1/Condition", "Encounter/e1/*", "Patient/p0/*", "CarePlan", "Patient", "Patient/p0/Condition", "Patient/p1/CarePlan", ""}).Draw(t, "target")
	parts := rapid.SliceOfN(rapid.SampledFrom(params[target]), 0, 3).Draw(t, "params")
	if target == "Medication" { // its parameters may be given once
		return target + "?" + rapid.SampledFrom(medicationParams).Draw(t, "contained")
	}
	if slices.Contains([]string{"Observation", "Location", "Patient/p1/*", "?_type=Condition,Observation,Patient"}, target) {
		sorted := false // _sort may be given once
		parts = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(parts))), func(p string) bool {
			again := sorted && strings.HasPrefix(p, "_sort")
			sorted = sorted || strings.HasPrefix(p, "_sort")
			return again
		})
		return target + map[bool]string{true: "&", false: "?"}[target[0] == '?'] + strings.Join(parts, "&")
	}
	if strings.HasSuffix(target, "*") || target == "MedicationRequest" {
		return target + "?" + strings.Join(parts, "&")
	}
	if r := rapid.SampledFrom(results).Draw(t, "result"); r != "" && strings.HasPrefix(r, "_sort") != (target == "") && !(r == "_sort=onset-date" && !strings.HasSuffix(target, "Condition")) {
		parts = append(parts, r)
	}
	return target + "?" + strings.Join(parts, "&")
}

// walk runs a query page by page, two at a time, and words all it was told.
func walk(t *rapid.T, reg *search.Registry, s *store.Store, view fhir.View, text string) string {
	target, query, _ := strings.Cut(text, "?")
	query, care := careOf(query)
	req := search.Request{Type: target, Strict: true}
	if parts := strings.Split(target, "/"); len(parts) == 3 {
		req.Compartment, req.Type = fhir.Key{Type: parts[0], ID: parts[1]}, strings.TrimSuffix(parts[2], "*")
	}
	var err error
	if req.Values, err = search.Pairs(query); err != nil {
		t.Fatal(err)
	}
	q, _, _, err := search.Parse(reg, req)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	q.Within, q.Count, q.Total, q.Care = view, 2, fhir.TotalAccurate, care
	var words []string
	for range 20 {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			return fmt.Sprint(fhir.KindOf(err))
		}
		words = append(words, fmt.Sprintf("total %d:", page.Total))
		for _, m := range page.Matches {
			words = append(words, m.Current().String()+"#"+m.Fragment)
		}
		var included []string
		for _, m := range page.Included {
			included = append(included, "+"+m.Key.String())
		}
		slices.Sort(included)
		words = append(words, included...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return strings.Join(words, " ")
}

// careOf takes start and end of $everything out of a query.
func careOf(query string) (rest string, care fhir.Care) {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "start":
			care.Start = value
		case "end":
			care.End, care.All = value, true
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&"), care
}

func historyOf(t *rapid.T, s *store.Store, view fhir.View, typ string) string {
	q := fhir.HistoryQuery{Type: typ, Within: view, Count: 3}
	var words []string
	for range 50 {
		page, err := s.History(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Matches {
			words = append(words, m.Key.String())
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return strings.Join(words, " ")
		}
	}
	return "endless"
}
