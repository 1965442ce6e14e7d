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

// former is what was made of a document before: of the same bytes, or of other
// editions of it.
type former struct {
	number    int                        // the edition that is stored; 0 when it has none
	known     bool                       // these bytes were taken in by this converter
	at        time.Time                  // when: of the same bytes if they are known, else the last time
	kept      map[fhir.Key]fhir.Resource // what was made and is still there, without versions
	originals []fhir.Resource            // DocumentReferences of the editions
}

// former asks for the Composition of the document, the Provenances that name it
// and all that these name, in one search. It returns nil when there is none, or
// when the sender may not search: the document is then taken in as if for the
// first time.
func (i *Intake) former(ctx context.Context, c *Conversion) (*former, error) {
	searcher, ok := i.Repo.(Searcher)
	if !ok || c.edition.key.ID == "" {
		return nil, nil
	}
	page, err := searcher.Search(ctx, fhir.Query{Type: c.edition.key.Type,
		Params: []fhir.Param{{Code: "_id", Values: []string{c.edition.key.ID}}},
		Includes: []fhir.Include{{Type: "Provenance", Code: "target", Reverse: true},
			{Type: "Provenance", Code: "target", Iterate: true}}})
	if kind := fhir.KindOf(err); kind == fhir.Forbidden {
		return nil, nil
	}
	if err != nil || len(page.Matches) == 0 {
		return nil, err
	}
	f := &former{number: editionOf(page.Matches[0].Body), kept: map[fhir.Key]fhir.Resource{}}
	if len(page.Issues) > 0 { // not all of it came: nothing may be concluded from what is missing
		return f, nil
	}
	provenance := c.Changes[len(c.Changes)-1].Key.Current()
	binaries := map[string]bool{}
	for _, r := range append(page.Included, page.Matches...) {
		f.kept[r.Current()] = r
		if r.Type != "Provenance" {
			continue
		}
		binaries[originalOf(r.Body)] = true
		switch {
		case r.Current() == provenance:
			f.known, f.at = true, r.LastUpdated
		case !f.known && r.LastUpdated.After(f.at):
			f.at = r.LastUpdated
		}
	}
	for _, r := range page.Included {
		if r.Type == "DocumentReference" && binaries[attachmentOf(r.Body)] {
			f.originals = append(f.originals, r)
		}
	}
	return f, nil
}

// untouched returns the changes of a document that was taken in before which
// are still to be made: of a shared resource, which is found or created again,
// and of what nobody has changed or deleted since. A sender that sends again
// what it sent already, as senders do, must not undo what people did after it.
func (f *former) untouched(changes []fhir.Change) []fhir.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c fhir.Change) bool {
		r, there := f.kept[c.Key]
		return c.IfNoneExist == nil && (!there || r.LastUpdated.After(f.at))
	})
}

// left adds to a result what is there of a document and was not to be written.
func (f *former) left(result *Result, all, written []fhir.Change) {
	done := make(map[fhir.Key]bool, len(written))
	for _, c := range written {
		done[c.Key] = true
	}
	for _, c := range all {
		if r, there := f.kept[c.Key]; there && !done[c.Key] {
			r.Effect = fhir.Unchanged
			result.add(c.FullURL, r)
		}
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
		case "Composition", "DocumentReference", "Binary", "Provenance":
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
