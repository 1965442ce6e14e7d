package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A codeSystem is the hierarchy of a CodeSystem (R4 codesystem.html#hierarchy):
// nested concepts, and the properties parent and child.
type codeSystem struct {
	known            map[string]bool
	parents, nearest map[string][]string // above, below
}

// codeSystem reads the hierarchy of a system that is in the store.
func (t *terminology) codeSystem(url string) (*codeSystem, error) {
	doc, err := t.definition("CodeSystem", url)
	if err != nil {
		return nil, err
	}
	if doc == nil {
		return nil, t.unknown("search.unknown-code-system", "CodeSystem", url)
	}
	meaning, content := doc.Root().Get("hierarchyMeaning").Text(), doc.Root().Get("content").Text()
	if meaning != "" && meaning != "is-a" || content == "not-present" || content == "supplement" {
		return nil, t.refuse("search.code-system-hierarchy",
			fhir.T("The code system does not say which code is a kind of which.", "Le système de codes ne dit pas quel code est une sorte de quel autre."),
			fhir.T("It needs its concepts, and a hierarchy of kinds (hierarchyMeaning is-a).", "Il lui faut ses concepts, et une hiérarchie de genres (hierarchyMeaning is-a)."))
	}
	s := &codeSystem{known: map[string]bool{}, parents: map[string][]string{}, nearest: map[string][]string{}}
	return s, t.concepts(s, "", doc.Root().Get("concept"))
}

// concepts adds concepts below a parent; empty for none.
func (t *terminology) concepts(s *codeSystem, parent string, list fhirjson.Node) error {
	for c := range list.Items() {
		if err := t.step(); err != nil {
			return err
		}
		code := c.Get("code").Text()
		s.known[code] = true
		s.add(parent, code)
		for p := range c.Get("property").Items() {
			switch other := p.Get("valueCode").Text(); p.Get("code").Text() {
			case "parent", "subsumedBy":
				s.add(other, code)
			case "child":
				s.add(code, other)
			}
		}
		if err := t.concepts(s, code, c.Get("concept")); err != nil {
			return err
		}
	}
	return nil
}

func (s *codeSystem) add(parent, child string) {
	if parent == "" || child == "" {
		return
	}
	s.nearest[parent] = append(s.nearest[parent], child)
	s.parents[child] = append(s.parents[child], parent)
}

// reach returns the code and all above or below it, sorted; false when the
// system does not have it.
func (s *codeSystem) reach(code string, above bool) ([]string, bool) {
	if !s.known[code] {
		return nil, false
	}
	next := s.nearest
	if above {
		next = s.parents
	}
	seen := map[string]bool{code: true}
	found := []string{code}
	for i := 0; i < len(found); i++ {
		for _, c := range next[found[i]] {
			if !seen[c] {
				seen[c] = true
				found = append(found, c)
			}
		}
	}
	slices.Sort(found)
	return found, true
}
