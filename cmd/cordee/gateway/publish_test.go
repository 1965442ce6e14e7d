package gateway

import (
	"testing"

	"github.com/cordee-sante/cordee/fhir"
)

// TestDefinitionsArePublished: whoever has a token reads how an operation is
// called; a second start writes nothing.
func TestDefinitionsArePublished(t *testing.T) {
	data := t.TempDir()
	for range 2 {
		s, stop := started(t, configuration(t, data))
		for _, o := range s.Gateway().operations() {
			if o.Describes == nil {
				continue
			}
			page, err := s.Gateway().Records().Search(practice(t), fhir.Query{Type: "OperationDefinition", Params: []fhir.Param{{Code: "url", Values: []string{o.Definition}}}})
			if err != nil || len(page.Matches) != 1 || page.Matches[0].Version != "1" {
				t.Errorf("$%s: %v, %d found", o.Name, err, len(page.Matches))
			}
		}
		stop()
	}
}
