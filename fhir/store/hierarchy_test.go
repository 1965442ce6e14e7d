package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// above and below go over so many levels, and are refused beyond; a level that
// is withheld does not count.
func TestLevels(t *testing.T) {
	reg := registry(t)
	s, err := store.Open(store.Config{Engine: memory.Open(), Registry: reg, Validate: valid, Witness: &witness{}, Limits: store.Limits{Levels: 2}})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range []string{"a", "b", "c", "d"} {
		label, parent := "", ""
		if id == "d" {
			label = `"meta":{"security":[{"code":"secret"}]},`
		}
		if i > 0 {
			parent = fmt.Sprintf(`,"partOf":{"reference":"Location/%c"}`, 'a'+i-1)
		}
		body := fmt.Sprintf(`{"resourceType":"Location","id":%q,%s"name":"x"%s}`, id, label, parent)
		if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Location", ID: id}, Body: []byte(body)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		query string
		view  fhir.View
		want  string // ids, or what refuses
	}{
		{"Location?partof:below=b", storetest.Everything, "c d"},
		{"Location?partof:below=a", storetest.Everything, "search.hierarchy-costly"},
		{"Location?partof:below=a", storetest.Hiding("secret"), "b c"},
		{"Location?partof:above=c", storetest.Everything, "b c d"},
		{"Location?partof:above=d", storetest.Everything, "search.hierarchy-costly"},
		{"Location?partof:above=d", storetest.Hiding("secret"), ""},
	} {
		q := parse(t, reg, c.query)
		q.Within = c.view
		page, err := s.Search(t.Context(), q)
		var found []string
		for _, m := range page.Matches {
			found = append(found, m.ID)
		}
		var refused *fhir.Error
		if errors.As(err, &refused) && refused.Kind == fhir.Forbidden {
			found = append(found, refused.Issues[0].ID)
		}
		if got := strings.Join(found, " "); got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.query, got, err, c.want)
		}
	}
}
