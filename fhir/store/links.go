package store

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// links is where the references between the entries of one Commit lead: from
// every form in which an entry can be named to the key it ends up with (R4
// http.html#trules, bundle.html#references).
type links map[string]fhir.Key

// newLinks collects the names of each change. Besides its fullUrl, an entry is
// known as Type/id of the fullUrl's last part and of the body's own id: the
// French coordination notes refer to urn:uuid entries in that form. A change
// outside a Bundle has no names: its references mean what they say.
func newLinks(changes []*change) links {
	if len(changes) == 1 && changes[0].FullURL == "" {
		return nil
	}
	l := links{}
	for _, c := range changes {
		own := c.Key.Current().String()
		add := func(name string) {
			if _, taken := l[name]; !taken && name != "" && name != own {
				l[name] = c.Key.Current()
			}
		}
		add(c.FullURL)
		for _, scheme := range []string{"urn:uuid:", "urn:oid:"} {
			if bare, found := strings.CutPrefix(c.FullURL, scheme); found {
				add(c.Key.Type + "/" + bare)
			}
		}
		if c.doc != nil {
			if id := c.doc.Root().Get("id").Text(); id != "" && id != c.Key.ID {
				add(c.Key.Type + "/" + id)
			}
		}
	}
	return l
}

// rewrite puts the keys into the body of a change.
func (l links) rewrite(c *change) error {
	if len(l) == 0 {
		return nil
	}
	var edits []fhirjson.Edit
	for node := range fhirjson.References(c.doc) {
		key, found := l[node.Text()]
		if !found || node.Name() != "reference" {
			continue
		}
		start, end := node.Span()
		edits = append(edits, fhirjson.Edit{Start: start, End: end, Text: `"` + key.String() + `"`})
	}
	if edits = append(edits, l.elsewhere(c.doc)...); len(edits) == 0 {
		return nil
	}
	doc, err := fhirjson.Rewrite(c.doc, edits...)
	if err == nil {
		c.doc = doc
	}
	return err
}

// hasConditionalReference reports whether a body names a resource by a search
// (R4 http.html#trules: "Patient?identifier=…").
func hasConditionalReference(doc *fhirjson.Doc) bool {
	for node := range fhirjson.References(doc) {
		if isConditional(node.Text()) {
			return true
		}
	}
	return false
}

func isConditional(reference string) bool {
	i := strings.IndexByte(reference, '?')
	return i > 1 && reference[0] >= 'A' && reference[0] <= 'Z' && !strings.ContainsAny(reference[:i], "/:#")
}
