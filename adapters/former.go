package adapters

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A Searcher says what is stored. An Intake asks its Committer, when it is one
// too, what earlier sendings of a document left behind: the guarded repository
// is, and answers within what the sender may see.
type Searcher interface {
	Search(ctx context.Context, q fhir.Query) (fhir.Page, error)
}

// former is what was made of a document before: of the same bytes, of other
// editions of it, or of documents that it replaces.
type former struct {
	known     bool                       // these bytes were taken in by this converter
	overtaken bool                       // a document that replaces it is here already
	number    int                        // the edition that is stored; 0 when it has none
	at        time.Time                  // when the last of it came in
	kept      map[fhir.Key]fhir.Resource // what was made and is still there, without versions
	originals []fhir.Resource            // DocumentReferences of those documents
}

// former asks what is stored of a document. It returns nil when that is
// nothing, or when the sender may not search: the document is then taken in as
// if for the first time.
func (i *Intake) former(ctx context.Context, c *Conversion) (*former, error) {
	searcher, ok := i.Repo.(Searcher)
	if !ok {
		return nil, nil
	}
	f := &former{kept: map[fhir.Key]fhir.Resource{}}
	for _, ask := range []func(context.Context, Searcher, *Conversion) error{f.sameBytes, f.replacement, f.editions, f.replaced} {
		err := ask(ctx, searcher, c)
		if fhir.KindOf(err) == fhir.Forbidden {
			return nil, nil
		}
		if err != nil || f.known || f.overtaken {
			return f, err
		}
	}
	if len(f.kept) == 0 {
		return nil, nil
	}
	return f, nil
}

// sameBytes asks for the Provenance of these bytes, and all that it names.
func (f *former) sameBytes(ctx context.Context, s Searcher, c *Conversion) error {
	key := c.Changes[len(c.Changes)-1].Key
	page, err := s.Search(ctx, fhir.Query{Type: key.Type, Params: []fhir.Param{{Code: "_id", Values: []string{key.ID}}},
		Includes: []fhir.Include{{Type: key.Type, Code: "target"}}})
	if err == nil && len(page.Matches) > 0 {
		f.known = true
		f.take(page.Matches, page.Included)
	}
	return err
}

// replacement asks for a document of the same organisation that says it
// replaces this one: then this one comes late.
func (f *former) replacement(ctx context.Context, s Searcher, c *Conversion) error {
	if len(c.edition.identifiers) == 0 || c.edition.sender == "" {
		return nil
	}
	page, err := s.Search(ctx, fhir.Query{Type: "DocumentReference",
		Params: []fhir.Param{{Code: "relatesto", Modifier: "identifier", Values: TokenValues(c.edition.identifiers)}}})
	if err != nil {
		return err
	}
	for _, document := range page.Matches {
		f.overtaken = f.overtaken || document.Facts.Contributor == c.edition.sender && replaces(document.Body, c.edition.identifiers)
	}
	return nil
}

// replaces reports whether a DocumentReference says that its document takes the
// place of one with one of the identifiers.
func replaces(body []byte, identifiers []Token) bool {
	for relation := range root(body).Get("relatesTo").Items() {
		target := relation.At("target", "identifier")
		token := Token{System: target.Get("system").Text(), Value: target.Get("value").Text()}
		if relation.Get("code").Text() == "replaces" && slices.Contains(identifiers, token) {
			return true
		}
	}
	return false
}

// made asks, beside what matches, for the Provenances that name it and all that
// these name.
func made() []fhir.Include {
	return []fhir.Include{{Type: "Provenance", Code: "target", Reverse: true}, {Type: "Provenance", Code: "target", Iterate: true}}
}

// editions asks for the Composition that stands for all editions.
func (f *former) editions(ctx context.Context, s Searcher, c *Conversion) error {
	if c.edition.key.ID == "" {
		return nil
	}
	page, err := s.Search(ctx, fhir.Query{Type: c.edition.key.Type,
		Params: []fhir.Param{{Code: "_id", Values: []string{c.edition.key.ID}}}, Includes: made()})
	if err != nil || len(page.Matches) == 0 {
		return err
	}
	f.number = editionOf(page.Matches[0].Body)
	if len(page.Issues) == 0 { // all of it came; else nothing may be concluded from what is missing
		f.take(page.Matches, page.Included)
	}
	return nil
}

// replaced asks for the documents that this one says it replaces. It can only
// be those of the same organisation: nobody withdraws what others said.
func (f *former) replaced(ctx context.Context, s Searcher, c *Conversion) error {
	if len(c.edition.replaces) == 0 || c.edition.sender == "" {
		return nil
	}
	page, err := s.Search(ctx, fhir.Query{Type: "DocumentReference",
		Params: []fhir.Param{{Code: "identifier", Values: TokenValues(c.edition.replaces)}}, Includes: made()})
	if err != nil || len(page.Issues) > 0 {
		return err
	}
	for _, document := range page.Matches {
		for _, r := range page.Included {
			// A DocumentReference may also be what another document refers to.
			if r.Type == "Provenance" && document.Facts.Contributor == c.edition.sender && originalOf(r.Body) == attachmentOf(document.Body) {
				f.take([]fhir.Resource{document, r}, targetsOf(r, page.Included))
			}
		}
	}
	return nil
}

// targetsOf returns those of the resources that a Provenance names.
func targetsOf(provenance fhir.Resource, among []fhir.Resource) []fhir.Resource {
	named := map[string]bool{}
	for target := range root(provenance.Body).Get("target").Items() {
		named[target.Get("reference").Text()] = true
	}
	return slices.DeleteFunc(slices.Clone(among), func(r fhir.Resource) bool { return !named[r.Current().String()] })
}

// take notes what a search found.
func (f *former) take(lists ...[]fhir.Resource) {
	all := slices.Concat(lists...)
	binaries := map[string]bool{}
	for _, r := range all {
		f.kept[r.Current()] = r
		if r.Type == "Provenance" {
			binaries[originalOf(r.Body)] = true
			if r.LastUpdated.After(f.at) {
				f.at = r.LastUpdated
			}
		}
	}
	for _, r := range all {
		if r.Type == "DocumentReference" && binaries[attachmentOf(r.Body)] {
			f.originals = append(f.originals, r)
		}
	}
}

// shared returns the changes that are still to be made of a document that was
// taken in before: of what does not belong to it, which is found or created
// again. A sender that sends again what it sent already, as senders do, must not
// undo what people corrected or deleted after it.
func shared(changes []fhir.Change) []fhir.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c fhir.Change) bool { return c.IfNoneExist == nil })
}

// left adds to a result what is there of a document that was known.
func (f *former) left(result *Result, changes []fhir.Change) {
	taken := false
	for _, c := range changes {
		r, there := f.kept[c.Key]
		if !there || c.IfNoneExist != nil {
			continue
		}
		taken = taken || r.Type != "Binary" && r.Type != "DocumentReference"
		if c.Key.String() == result.Report.Reference {
			result.Superseded = root(r.Body).Get("status").Text() == "superseded"
		}
		r.Effect = fhir.Unchanged
		result.add(c.FullURL, r)
	}
	if !taken { // it came late
		result.Report.clear()
	}
}

// withdrawn returns the changes by which an edition takes the place of the
// earlier ones beyond its own: what they said and it does not say any more is
// deleted, unless somebody has changed it since; their originals stay and are
// superseded.
func (f *former) withdrawn(changes []fhir.Change) []fhir.Change {
	said := make(map[fhir.Key]bool, len(changes))
	for _, c := range changes {
		said[c.Key] = true
	}
	var more []fhir.Change
	for key, r := range f.kept {
		switch key.Type {
		case "DocumentReference", "Binary", "Provenance":
			continue
		}
		if !said[key] && !r.LastUpdated.After(f.at) {
			more = append(more, fhir.Change{Method: fhir.Delete, Key: key, FullURL: key.String()})
		}
	}
	for _, r := range f.originals {
		if body := superseded(r.Body); body != nil && !said[r.Current()] {
			more = append(more, fhir.Change{Method: fhir.Update, Key: r.Current(), FullURL: r.Current().String(), Body: body})
		}
	}
	slices.SortFunc(more, func(a, b fhir.Change) int { return strings.Compare(a.FullURL, b.FullURL) })
	return more
}

// editionExtension is Composition.version of R5.
const editionExtension = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Composition.version"

func editionOf(body []byte) int {
	for e := range root(body).Get("extension").Items() {
		if e.Get("url").Text() == editionExtension {
			return editionNumber(e.Get("valueString").Text())
		}
	}
	return 0
}

// editionNumber is 0 for what is none.
func editionNumber(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// originalOf is the reference of the Binary that a Provenance was written for.
func originalOf(body []byte) string {
	return root(body).Get("entity").First().At("what", "reference").Text()
}

// attachmentOf is what a DocumentReference describes.
func attachmentOf(body []byte) string {
	return root(body).Get("content").First().At("attachment", "url").Text()
}

// superseded returns a DocumentReference with that status, nil for one that is
// not current.
func superseded(body []byte) []byte {
	doc, err := fhirjson.Parse(body)
	if err != nil || doc.Root().Get("status").Text() != "current" {
		return nil
	}
	return fhirjson.Splice(doc, fhirjson.Replace(doc.Root().Get("status"), `"superseded"`))
}

// root reads a stored resource; a Node of nothing when it has no body, since
// the sender may not read its type.
func root(body []byte) fhirjson.Node {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return fhirjson.Node{}
	}
	return doc.Root()
}
