// Package conceptmap translates codes by FHIR ConceptMaps (R4 conceptmap.html):
// from local codes to national and international ones, and from OIDs of code
// systems to their URIs. What it knows comes from resources alone: those that
// are shipped with the gateway, and those that an operator writes to it.
//
// A target is taken when it means the same as the source or more (equal,
// equivalent, wider, subsumes): those may stand beside the original as codings of one
// CodeableConcept. The others, targets that depend on further elements, and what a
// map says of codes that it does not list, are left to people.
//
// It is not a terminology server: it neither knows code systems nor validates
// codes.
package conceptmap

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A Code is a code of a system.
type Code struct{ System, Code, Display string }

func (c Code) bare() Code { return Code{System: c.System, Code: c.Code} }

// Maps are the translations of several ConceptMaps. They do not change and are
// safe for concurrent use. The nil Maps translate nothing.
type Maps struct {
	codes     map[Code][]Code // by what has no display
	required  map[string]*required
	expressed map[Code][]Code   // how a required code is written
	oids      map[string]string // of code systems, by URI
	version   string
}

// uris is the group.source and group.target of maps between identifiers of code
// systems: urn:oid:… to URI.
const uris = "urn:ietf:rfc:3986"

// elementsMost bounds what all maps together may hold.
const elementsMost = 1 << 20

// taken are the equivalences (http://hl7.org/fhir/concept-map-equivalence) whose
// targets may stand for the source.
var taken = []string{"equal", "equivalent", "wider", "subsumes"}

// New reads ConceptMaps. Those that are not active count for nothing. It fails for
// one that is no ConceptMap, and for more than a million translations.
func New(resources ...[]byte) (*Maps, error) { return build(shippedMaps().required, resources) }

// build reads ConceptMaps: those of operators first, so that of two codes for a
// required element theirs is taken. bound are the systems of required codes.
func build(bound map[string]*required, resources [][]byte) (*Maps, error) {
	m := &Maps{codes: map[Code][]Code{}, required: map[string]*required{}, expressed: map[Code][]Code{}, oids: map[string]string{}}
	h, elements := sha256.New(), 0
	var own, read, written []fhirjson.Node
	for _, body := range resources {
		doc, err := fhirjson.Parse(body)
		if err != nil {
			return nil, err
		}
		root := doc.Root()
		if root.Get("resourceType").Text() != "ConceptMap" {
			return nil, fmt.Errorf("conceptmap: a resource is no ConceptMap")
		}
		if root.Get("status").Text() != "active" {
			continue
		}
		h.Write(fhirjson.StripMeta(doc))
		list := &own
		switch url := root.Get("url").Text(); {
		case strings.HasPrefix(url, writtenMaps):
			list = &written
		case strings.HasPrefix(url, elementMaps):
			list = &read
		}
		*list = slices.AppendSeq(*list, root.Get("group").Items())
	}
	for _, group := range own {
		if bound[group.Get("target").Text()] != nil {
			elements += m.require(group)
		}
		if bound[group.Get("source").Text()] != nil {
			elements += m.express(group)
		}
		elements += m.group(group)
	}
	for _, group := range read {
		elements += m.require(group)
	}
	for _, group := range written {
		elements += m.express(group)
	}
	if elements > elementsMost {
		return nil, fmt.Errorf("conceptmap: more than %d translations", elementsMost)
	}
	m.version = hex.EncodeToString(h.Sum(nil)[:6])
	return m, nil
}

// group takes one group in and returns how many translations it holds.
func (m *Maps) group(group fhirjson.Node) int {
	n := 0
	source, target := group.Get("source").Text(), group.Get("target").Text()
	if source == "" || target == "" {
		return 0
	}
	for element := range group.Get("element").Items() {
		from := Code{System: source, Code: element.Get("code").Text()}
		for t := range element.Get("target").Items() {
			to := Code{System: target, Code: t.Get("code").Text(), Display: t.Get("display").Text()}
			if from.Code == "" || to.Code == "" || t.Get("dependsOn").Exists() || !slices.Contains(taken, t.Get("equivalence").Text()) {
				continue
			}
			if n++; !slices.ContainsFunc(m.codes[from], func(c Code) bool { return c.bare() == to.bare() }) {
				m.codes[from] = append(m.codes[from], to)
			}
			if oid, ok := strings.CutPrefix(from.Code, "urn:oid:"); ok && source == uris && target == uris && m.oids[to.Code] == "" {
				m.oids[to.Code] = oid
			}
		}
	}
	return n
}

// Version names the maps by their content, so that what was made with others can
// be told apart. It is empty for none.
func (m *Maps) Version() string {
	if m == nil || len(m.codes) == 0 && len(m.required) == 0 {
		return ""
	}
	return m.version
}

// URI returns the URI of the code system with that OID, empty when no map knows
// it.
func (m *Maps) URI(oid string) string {
	if m == nil {
		return ""
	}
	for _, to := range m.codes[Code{System: uris, Code: "urn:oid:" + strings.TrimPrefix(oid, "urn:oid:")}] {
		if to.System == uris {
			return to.Code
		}
	}
	return ""
}

// translationsMost bounds what one code may become, whatever the maps say.
const translationsMost = 16

// Translate returns what a code may be replaced by, nearest first: its
// translations, then theirs, so that a local code reaches the international one by
// way of the national. The code itself is not among them.
func (m *Maps) Translate(c Code) []Code {
	if m == nil {
		return nil
	}
	seen := []Code{c.bare()}
	var found []Code
	for next := 0; next < len(seen) && len(found) < translationsMost; next++ {
		for _, to := range m.codes[seen[next]] {
			if slices.Contains(seen, to.bare()) {
				continue
			}
			seen, found = append(seen, to.bare()), append(found, to)
		}
	}
	return found[:min(len(found), translationsMost)]
}
