package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// $everything brings what the records refer to after them, once each, in pages of
// any size; not what is withheld, absent, another patient's, or the patient's own
// (R4 patient-operation-everything.html).
func TestEverythingWithSupport(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	for _, body := range []string{
		`{"resourceType":"Organization","id":"o","name":"MSP","partOf":{"reference":"Organization/far"}}`,
		`{"resourceType":"Organization","id":"far","name":"Groupe"}`,
		`{"resourceType":"Practitioner","id":"d1","name":[{"family":"Zola"}]}`,
		`{"resourceType":"Practitioner","id":"d2","meta":{"security":[{"code":"secret"}]},"name":[{"family":"Sand"}]}`,
		`{"resourceType":"Practitioner","id":"d3","meta":{"tag":[{"code":"t"}]},"name":[{"family":"Hugo"}]}`,
		`{"resourceType":"Location","id":"l","name":"Salle"}`,
		`{"resourceType":"Patient","id":"z"}`,
		`{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"Organization/o"},"generalPractitioner":[{"reference":"Practitioner/d1"}],"link":[{"type":"seealso","other":{"reference":"Patient/z"}}]}`,
		`{"resourceType":"Device","id":"pump","patient":{"reference":"Patient/p"},"location":{"reference":"Location/l"}}`,
		`{"resourceType":"Observation","id":"x1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"performer":[{"reference":"Practitioner/d1"},{"reference":"Practitioner/d2"},{"reference":"Organization/o"}],"device":{"reference":"Device/pump"}}`,
		`{"resourceType":"Observation","id":"x2","meta":{"security":[{"code":"secret"}]},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"performer":[{"reference":"Practitioner/d3"}]}`,
		`{"resourceType":"Observation","id":"x3","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"focus":[{"reference":"Patient/z"}],"performer":[{"reference":"Practitioner/none"}]}`,
		`{"resourceType":"Observation","id":"y","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/z"},"performer":[{"reference":"Practitioner/d3"}]}`,
	} {
		doc, err := fhirjson.Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		key := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}
		if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: key, Body: []byte(body)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		types  string
		params []fhir.Param
		view   fhir.View
		want   string
	}{
		{"", nil, storetest.Everything, "Device/pump Observation/x1 Observation/x2 Observation/x3 Patient/p + Location/l Organization/o Practitioner/d1 Practitioner/d2 Practitioner/d3"},
		{"", nil, storetest.Hiding("secret"), "Device/pump Observation/x1 Observation/x3 Patient/p + Location/l Organization/o Practitioner/d1"},
		{"Observation", nil, storetest.Everything, "Observation/x1 Observation/x2 Observation/x3 +"},
		{"Observation Practitioner", nil, storetest.Everything, "Observation/x1 Observation/x2 Observation/x3 + Practitioner/d1 Practitioner/d2 Practitioner/d3"},
		{"Patient Practitioner", nil, storetest.Everything, "Patient/p + Practitioner/d1"},
		{"Organization", nil, storetest.Everything, "+ Organization/o"},
		{"", []fhir.Param{{Code: "_lastUpdated", Values: []string{"gt2900"}}}, storetest.Everything, "+"},
		{"", []fhir.Param{{Code: "_lastUpdated", Values: []string{"ge2000"}}}, storetest.Hiding("secret"), "Device/pump Observation/x1 Observation/x3 Patient/p + Location/l Organization/o Practitioner/d1"},
		{"Observation Practitioner", []fhir.Param{{Code: "_tag", Modifier: "not", Values: []string{"t"}}}, storetest.Everything, "Observation/x1 Observation/x2 Observation/x3 + Practitioner/d1 Practitioner/d2"},
	} {
		for _, count := range []int{1, 2, 3, 4, 7, 100} {
			q := fhir.Query{Types: strings.Fields(c.types), Compartment: fhir.Key{Type: "Patient", ID: "p"}, Params: c.params, Care: fhir.Care{All: true, Support: true}, Count: count, Within: c.view}
			if got := everythingOf(t, s, q); got != c.want {
				t.Errorf("%s %v in pages of %d\n got %s\nwant %s", c.types, c.params, count, got, c.want)
			}
		}
	}
}

// More may support a record than is looked at in one go, and nearly all of it be
// withheld.
func TestEverythingWithMuchSupport(t *testing.T) {
	s := open(t, memory.Open(), registry(t))
	changes := []fhir.Change{putting("Patient", "p", "")}
	var performers []string
	var all, seen []string
	for i := range 1200 {
		id, label := fmt.Sprintf("d%04d", i), ""
		if all = append(all, "Practitioner/"+id); i != 3 && i != 1199 {
			label = `,"meta":{"security":[{"code":"secret"}]}`
		} else {
			seen = append(seen, "Practitioner/"+id)
		}
		performers = append(performers, `{"reference":"Practitioner/`+id+`"}`)
		changes = append(changes, putting("Practitioner", id, label))
	}
	for _, part := range slices.Collect(slices.Chunk(performers, 400)) {
		changes = append(changes, putting("Observation", fmt.Sprint("o", len(changes)), `,"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"performer":[`+strings.Join(part, ",")+`]`))
	}
	for part := range slices.Chunk(changes, 300) {
		if err := commit(s, part...); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		view fhir.View
		want []string
	}{{storetest.Everything, all}, {storetest.Hiding("secret"), seen}} {
		for _, count := range []int{3, 500, 2000} {
			if count < 100 && len(c.want) > 100 {
				continue
			}
			q := fhir.Query{Compartment: fhir.Key{Type: "Patient", ID: "p"}, Care: fhir.Care{All: true, Support: true}, Count: count, Within: c.view}
			if _, got, _ := strings.Cut(everythingOf(t, s, q), " + "); got != strings.Join(c.want, " ") {
				t.Errorf("in pages of %d: %d of %d", count, strings.Count(got, "/"), len(c.want))
			}
		}
	}
}

// everythingOf are the keys of all pages, with a plus between the matches and
// what is included.
func everythingOf(t *testing.T, s *store.Store, q fhir.Query) string {
	var matches, included []string
	for {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		n := len(page.Matches) + len(page.Included)
		if n > q.Count || n == 0 && q.Cursor != "" {
			t.Errorf("a page of %d has %d", q.Count, n)
		}
		for _, m := range page.Matches {
			if matches = append(matches, m.Current().String()); len(included) > 0 {
				t.Errorf("%s comes after what supports it", m.Current())
			}
		}
		for _, m := range page.Included {
			included = append(included, m.Current().String())
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return strings.Join(append(append(matches, "+"), included...), " ")
		}
	}
}
