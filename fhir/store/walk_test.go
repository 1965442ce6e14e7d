package store_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

var sortedQueries = []string{
	"Observation?_sort=date", "Observation?_sort=-date", "Observation?_sort=date&status=final", "Observation?_sort=-date&code=urn:s|a",
	"Observation?_sort=code", "Observation?_sort=-code", "Observation?_sort=value-quantity", "Observation?_sort=-value-quantity&date=ge2024",
	"Observation?_sort=subject", "Observation?_sort=-value-string", "Observation?_sort=value-string&_include=Observation:subject",
	"Observation?_sort=-date&subject:Patient.gender=male", "Observation?_sort=_id", "Observation?_sort=-_id", "Patient?_sort=family", "Patient?_sort=-family&gender=male",
	"Observation?_sort=date&code=urn:s|a,urn:s|b&status=final", "Observation?_sort=-_lastUpdated", "Observation?_sort=_lastUpdated", "Observation?_sort=_lastUpdated&status=final",
	"Observation?_sort=status,-date", "Observation?_sort=-date,status", "Observation?_sort=-status,date,-_id", "Observation?_sort=value-string,-code,date", "Observation?_sort=-date,-code&patient=p0,p1",
	"Observation?_sort=status,_lastUpdated", "Observation?_sort=-_lastUpdated,-date,_id", "Observation?_sort=_id,date", "Observation?_sort=subject,-_lastUpdated&code=urn:s|a,urn:s|c",
	"Observation?patient=p0,p1,p2", "Observation?_sort=-date,_id&subject:Patient.gender=male", "Observation?date=ge2023", "Observation?date=ge2023&_sort=-value-quantity,status",
	"?_type=Patient,Observation&_sort=_id", "?_type=Patient,Observation&_sort=-_id", "?_type=Patient,Observation&_sort=_lastUpdated", "?_type=Observation,Patient&_sort=-_lastUpdated",
	"?_type=Patient,Observation&_sort=_security,-_id", "?_type=Patient,Observation,Device&_sort=-_lastUpdated,_id", "?_sort=_lastUpdated", "?_sort=-_security,_lastUpdated",
	"?_type=Patient,Observation&_id=o1,p1,o2,p2&_sort=-_id", "Patient/p0/*?_sort=-_lastUpdated", "Patient/p1/Observation?_sort=status,-date",
	"Observation?_contained=both", "Observation?_contained=both&_sort=-date", "Observation?_contained=both&_sort=_id", "Observation?_contained=both&_sort=-_id,status&_containedType=contained",
	"Observation?_contained=both&_sort=status,-date&code=urn:s|a", "Observation?_contained=both&_lastUpdated=ge2020", "Observation?_contained=both&patient=p0,p1",
	"Observation?_lastUpdated=ge2020", "Observation?_lastUpdated=gt2020&status=final", "Observation?_lastUpdated=gt2020&_sort=-_lastUpdated", "Patient/p1/Observation?_lastUpdated=gt2020&code=urn:s|a",
}

// TestWalkDoesNotShow compares searches that sort in memory with those that
// find too much for it and walk the postings: order, pages and totals, with
// several values or none, under a view that withholds some.
func TestWalkDoesNotShow(t *testing.T) {
	reg := registry(t)
	rapid.Check(t, func(t *rapid.T) {
		e := memory.Open()
		defer e.Close()
		inMemory := openLimited(t, e, reg, store.Limits{})
		defer inMemory.Close()
		drawObservations(t, inMemory)
		walking := openLimited(t, e, reg, store.Limits{Sorted: 1})
		defer walking.Close()
		view := rapid.SampledFrom([]fhir.View{storetest.Everything, storetest.Hiding("secret")}).Draw(t, "view")
		for range 8 {
			text := rapid.SampledFrom(sortedQueries).Draw(t, "query")
			want := walk(t, reg, inMemory, view, text)
			if got := walk(t, reg, walking, view, text); got != want {
				t.Fatalf("%s\n  walking   %s\n  in memory %s", text, got, want)
			}
		}
	})
}

func openLimited(t *rapid.T, e *memory.Engine, reg *search.Registry, limits store.Limits) *store.Store {
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &scripted{}, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// drawObservations writes Observations that agree in much of what they sort by.
func drawObservations(t *rapid.T, s *store.Store) {
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "value") }
	put := func(typ, id, rest string) {
		body := []byte(`{"resourceType":"` + typ + `","id":"` + id + `"` + pick("", "", "", `,"meta":{"security":[{"code":"secret"}]}`) + rest + `}`)
		if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Body: body}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "patients") {
		put("Patient", fmt.Sprint("p", i), `,"gender":"`+pick("male", "female")+`"`+pick("", `,"name":[{"family":"Martin"},{"family":"Zola"}]`, `,"name":[{"family":"Mar"}]`, `,"name":[{"family":"Martin"}]`))
	}
	for i := range rapid.IntRange(0, 14).Draw(t, "observations") {
		put("Observation", fmt.Sprint("o", i), `,"status":"`+pick("final", "amended")+`","subject":{"reference":"Patient/p`+pick("0", "1", "2")+`"},"code":{"coding":[{"system":"urn:s","code":"`+pick("a", "b")+`"}`+
			pick("", `,{"system":"urn:s","code":"c"}`)+`]}`+
			pick("", `,"effectiveDateTime":"2024-01-02"`, `,"effectiveDateTime":"2024-01-02T10:00:00Z"`, `,"effectiveDateTime":"2024"`, `,"effectivePeriod":{"start":"2024-01-02"}`, `,"effectivePeriod":{"end":"2024-03-01"}`,
				`,"effectiveTiming":{"event":["2023-05-01","2024-02-01"]}`)+
			pick("", `,"valueQuantity":{"value":1.50,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}`, `,"valueQuantity":{"value":1.5,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}`, `,"valueQuantity":{"value":-2}`, `,"valueString":"Été"`, `,"valueString":"ete indien"`))
	}
}

// TestContainedOfAnyOrder: a search that also finds contained resources sorts
// them with the others, also where a plan by itself would need no order.
func TestContainedOfAnyOrder(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	populate(t, s, 2)
	body := []byte(`{"resourceType":"Observation","id":"holder","contained":[{"resourceType":"Patient","id":"in","gender":"male"}],"status":"final","code":{"text":"x"},"subject":{"reference":"#in"}}`)
	if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: "holder"}, Body: body}}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"_sort=_id", "_sort=-_id", "_sort=birthdate", "_sort=birthdate&_summary=count", ""} {
		q := parse(t, reg, "Patient?_contained=both&_total=accurate&"+query)
		if pages := walkPages(t, s, q, 1); pages[0].Total != 3 {
			t.Errorf("%q finds %d, want 3", query, pages[0].Total)
		}
	}
}
