package search

import "github.com/cordee-sante/cordee/fhir/fhirjson"

var specialEmits = map[string]emit{
	"Location.position": func(*writer, fhirjson.Node) {},
}

func (c *compiler) special(string) ([]clause, error) {
	return nil, c.unsupported("search.unsupported-parameter", "")
}
