package document

import (
	"context"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// MaxEntries bounds a document: what refers to more is no document that anybody
// reads.
const MaxEntries = 2000

// A Gatherer follows references through what the caller may see.
type Gatherer struct {
	Repo Repository
	Base string // own FHIR base: absolute references below it are relative ones

	entries []Entry
	known   map[fhir.Key]bool
}

// Add adds a resource to the document, once, and what it refers to later.
func (g *Gatherer) Add(r fhir.Resource) error {
	if g.known == nil {
		g.known = map[fhir.Key]bool{}
	}
	key := r.Current()
	if g.known[key] {
		return nil
	}
	doc, err := fhirjson.ParseLimits(r.Body, fhirjson.Limits{Bytes: len(r.Body)})
	if err != nil {
		return err
	}
	g.known[key] = true
	g.entries = append(g.entries, Entry{FullURL: g.Base + "/" + key.String(), Doc: doc})
	return nil
}

// Follow adds what the entries and the further documents refer to, and what
// that refers to, and so on, in the order in which it is referred to. What is
// absent or withheld is left out.
func (g *Gatherer) Follow(ctx context.Context, from ...*fhirjson.Doc) error {
	wave := from
	for _, e := range g.entries {
		wave = append(wave, e.Doc)
	}
	for len(wave) > 0 {
		keys := g.references(wave)
		if len(g.entries)+len(keys) > MaxEntries {
			return fhir.Errorf(fhir.TooLarge, "document.Follow", "document.too-large", fhir.CodeTooCostly, "",
				fhir.T("The document would hold more than %d resources.", "Le document contiendrait plus de %d ressources.", MaxEntries),
				fhir.T("Read the resources that you need one by one.", "Lisez une à une les ressources dont vous avez besoin."))
		}
		found, err := fetch(ctx, g.Repo, keys)
		if err != nil {
			return err
		}
		before := len(g.entries)
		for _, k := range keys {
			if r, ok := found[k]; ok {
				if err := g.Add(r); err != nil {
					return err
				}
			} else {
				g.known[k] = true // not asked for again
			}
		}
		wave = wave[:0:0]
		for _, e := range g.entries[before:] {
			wave = append(wave, e.Doc)
		}
	}
	return nil
}

// references returns what the documents refer to and nobody has asked for yet,
// each once, in their order.
func (g *Gatherer) references(docs []*fhirjson.Doc) []fhir.Key {
	if g.known == nil {
		g.known = map[fhir.Key]bool{}
	}
	var keys []fhir.Key
	seen := map[fhir.Key]bool{}
	for _, doc := range docs {
		for n := range fhirjson.References(doc) {
			if n.Name() != "reference" {
				continue
			}
			key, ok := fhir.ParseReference(strings.TrimPrefix(n.Text(), g.Base+"/"))
			key = key.Current()
			if ok && !g.known[key] && !seen[key] && followed(key.Type) {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// followed leaves out what is about a record and not part of it: other
// documents, and who did what with it. A Binary is content of its own.
func followed(typ string) bool {
	switch typ {
	case "Composition", "Bundle", "Provenance", "AuditEvent", "Binary":
		return false
	}
	return tables.IsResource(typ)
}

// Entries returns what was gathered.
func (g *Gatherer) Entries() []Entry { return g.entries }
