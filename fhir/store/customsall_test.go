package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// TestCustomParameterOfAllTypes: Resource and DomainResource stand for the types
// that derive from them (R4 searchparameter.html, base).
func TestCustomParameterOfAllTypes(t *testing.T) {
	s, reg := customStore(t, memory.Open())
	put := func(typ, id, rest string) {
		t.Helper()
		body := `{"resourceType":"` + typ + `","id":"` + id + `",` + rest + `}`
		if err := commit(s, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	define := func(id, base, expression string) {
		t.Helper()
		put("SearchParameter", id, `"url":"http://example.org/`+id+`","name":"X","status":"active","description":"x","code":"`+id+`","base":["`+base+`"],"type":"token","expression":"`+expression+`"`)
	}
	const kind = `"extension":[{"url":"http://example.org/kind","valueCode":"rare"}]`
	put("Patient", "p", `"language":"fr",`+kind)
	put("Observation", "o", `"status":"final","code":{"text":"x"},`+kind)
	put("Binary", "b", `"language":"fr","contentType":"text/plain"`)
	define("lingua", "Resource", "Resource.language")
	define("rarity", "DomainResource", "DomainResource.extension('http://example.org/kind').value")
	until(t, s, "ready")
	put("Basic", "z", `"code":{"text":"x"},"language":"fr",`+kind)
	for query, want := range map[string]string{
		"Patient?lingua=fr&rarity=rare": "p", "Observation?rarity=rare": "o", "Observation?lingua:missing=true": "o", "Binary?lingua=fr": "b",
		"Basic?rarity=rare&lingua=fr": "z", "?_type=Patient,Basic&lingua=fr&_sort=-lingua": "p z",
	} {
		page, err := s.Search(t.Context(), parse(t, reg, query))
		var ids []string
		for _, m := range page.Matches {
			ids = append(ids, m.ID)
		}
		slices.Sort(ids)
		if got := strings.Join(ids, " "); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", query, got, err, want)
		}
	}
	for _, c := range s.Customs() {
		if slices.Contains(c.Types, "AuditEvent") || slices.Contains(c.Types, "Binary") != (c.Code == "lingua") || len(c.Types) < 140 {
			t.Errorf("%s is defined for %d types", c.Code, len(c.Types))
		}
	}
	for _, refused := range [][3]string{
		{"status", "Resource", "Resource.language"},            // R4 has it for some
		{"patient", "DomainResource", "DomainResource.id"},     // decides about access
		{"x", "DomainResource", "Patient.id | Observation.id"}, // says nothing of the others
		{"y", "Resource", "DomainResource.text.status"},        // no narrative
		{"rarity", "Resource", "Resource.language"},            // another defines it
		{"z", "Element", "Resource.language"},                  // is no resource
	} {
		body := `{"resourceType":"SearchParameter","id":"n","url":"http://example.org/n","name":"X","status":"active","description":"x","code":"` + refused[0] + `","base":["` + refused[1] + `"],"type":"token","expression":"` + refused[2] + `"}`
		err := commit(s, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "SearchParameter", ID: "n"}, Body: []byte(body)})
		if fhir.KindOf(err) != fhir.Unprocessable {
			t.Errorf("%v: %v", refused, err)
		}
	}
}
