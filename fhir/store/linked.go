package store

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// What a link between entries may stand in, beside Reference.reference (R4
// http.html#trules): elements of the types uri, url, oid and uuid, and href and
// src in the narrative. A canonical, a code or a text of the same letters means
// something else.
var linkTypes = map[string]bool{"uri": true, "url": true, "oid": true, "uuid": true}

// elsewhere lists the edits of links that are no Reference.reference. Almost no
// body has any, so the types of its elements are looked up only when it might.
func (l links) elsewhere(doc *fhirjson.Doc) (edits []fhirjson.Edit) {
	possible := strings.Contains(doc.Root().At("text", "div").Raw(), "=")
	for node := range fhirjson.References(doc) {
		if _, known := l[node.Text()]; known && node.Name() != "reference" {
			possible = true
		}
	}
	if !possible {
		return nil
	}
	if t, ok := tables.Lookup(doc.Root().Get("resourceType").Text()); ok {
		l.walk(doc.Root(), t.Root(), &edits)
	}
	return edits
}

func (l links) walk(n fhirjson.Node, element *tables.Element, edits *[]fhirjson.Edit) {
	for m := range n.Members() {
		child, ok := element.Child(m.Name())
		if !ok {
			continue
		}
		for item := range m.Items() {
			start, end := item.Span()
			switch code := child.Type.Code; {
			case linkTypes[code]:
				if key, known := l[item.Text()]; known {
					*edits = append(*edits, fhirjson.Edit{Start: start, End: end, Text: `"` + key.String() + `"`})
				}
			case code == "xhtml":
				if text, changed := l.narrative(item.Text()); changed {
					*edits = append(*edits, fhirjson.Edit{Start: start, End: end, Text: text})
				}
			case tables.IsResource(code) || code == "Resource":
				if t, ok := tables.Lookup(item.Get("resourceType").Text()); ok {
					l.walk(item, t.Root(), edits)
				}
			case child.Structure() != nil:
				l.walk(item, child.Structure(), edits)
			}
		}
	}
}

var narrativeLink = regexp.MustCompile(`(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*')`)

// narrative rewrites the links of an XHTML text and returns it as JSON.
func (l links) narrative(xhtml string) (text string, changed bool) {
	xhtml = narrativeLink.ReplaceAllStringFunc(xhtml, func(attribute string) string {
		parts := narrativeLink.FindStringSubmatch(attribute)
		quote := parts[2][:1]
		key, known := l[html.UnescapeString(strings.Trim(parts[2], quote))]
		if !known {
			return attribute
		}
		changed = true
		return parts[1] + quote + key.String() + quote
	})
	if !changed {
		return "", false
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(xhtml) != nil {
		return "", false
	}
	return strings.TrimSuffix(b.String(), "\n"), true
}
