package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// A canonical that means more resources than a link may lead to is refused back,
// and cut short in an include; what is withheld does not count.
func TestCanonicalOfMany(t *testing.T) {
	reg := registry(t)
	s, err := store.Open(store.Config{Engine: memory.Open(), Registry: reg, Validate: valid, Witness: &witness{}, Limits: store.Limits{Chain: 600, Included: 600}})
	if err != nil {
		t.Fatal(err)
	}
	put := func(typ, id, rest string) {
		body := fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, rest)
		if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Body: []byte(body)}}); err != nil {
			t.Fatal(err)
		}
	}
	put("QuestionnaireResponse", "r", `"status":"completed","questionnaire":"http://acme.org/q"`)
	for i := range 601 {
		label := ""
		if i == 0 {
			label = `"meta":{"security":[{"code":"secret"}]},`
		}
		put("Questionnaire", fmt.Sprintf("q%03d", i), label+`"status":"active","url":"http://acme.org/q"`)
	}
	for _, c := range []struct {
		query  string
		view   fhir.View
		found  int // matches, or included
		refuse string
	}{
		{"Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=r", storetest.Everything, 0, "search.chain-costly"},
		{"Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=r", storetest.Hiding("secret"), 600, ""},
		{"QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire", storetest.Everything, 600, "search.include-cut"},
		{"QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire", storetest.Hiding("secret"), 600, ""},
	} {
		q := parse(t, reg, c.query)
		q.Within, q.Count = c.view, 1000
		page, err := s.Search(t.Context(), q)
		issues := page.Issues
		var refused *fhir.Error
		if errors.As(err, &refused) {
			issues = refused.Issues
		}
		got := ""
		if len(issues) > 0 {
			got = issues[0].ID
		}
		if n := max(len(page.Included), len(page.Matches)); err != nil && refused == nil || got != c.refuse || c.found > 0 && n != c.found {
			t.Errorf("%s: %d, %q, %v; want %d, %q", c.query, n, got, err, c.found, c.refuse)
		}
	}
}
