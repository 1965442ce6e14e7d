package identity

import (
	"context"
	_ "embed"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// The OperationDefinitions of $merge and $unmerge.
var (
	//go:embed merge.json
	mergeDefinition []byte
	//go:embed unmerge.json
	unmergeDefinition []byte
)

const definitions = adapters.Canonical + "/OperationDefinition/"

// formerlyActive keeps what Patient.active was before a merge, on the link that
// the merge made; without it there was no such element.
const formerlyActive = adapters.Canonical + "/StructureDefinition/patient-active-before-merge"

// Merge is the operation Patient/$merge: two records of one person. The source is
// no longer active and linked as replaced by the target, the target as replacing
// the source, in one transaction (R4 patient.html#links, HL7 v2 A40). Nothing
// moves: what is about the source stays about it, so that $unmerge loses
// nothing.
func (o *Operations) Merge() rest.Operation {
	return rest.Operation{Name: "merge", Definition: definitions + "merge", Describes: mergeDefinition, Type: true, Types: []string{"Patient"},
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			return o.change(ctx, call.Body, merge)
		}}
}

// Unmerge is the operation Patient/$unmerge: it takes away what $merge did.
func (o *Operations) Unmerge() rest.Operation {
	return rest.Operation{Name: "unmerge", Definition: definitions + "unmerge", Describes: unmergeDefinition, Type: true, Types: []string{"Patient"},
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			return o.change(ctx, call.Body, unmerge)
		}}
}

// change reads both patients, changes them, and writes them if neither was
// written meanwhile.
func (o *Operations) change(ctx context.Context, body []byte, change func(source, target *record) error) (rest.Answer, error) {
	sourceKey, targetKey, err := readPair(body)
	if err != nil {
		return rest.Answer{}, err
	}
	source, err := o.read(ctx, sourceKey)
	if err != nil {
		return rest.Answer{}, err
	}
	target, err := o.read(ctx, targetKey)
	if err != nil {
		return rest.Answer{}, err
	}
	if err := change(source, target); err != nil {
		return rest.Answer{}, err
	}
	resources, err := o.Repo.Commit(ctx, []fhir.Change{source.change(), target.change()})
	if err != nil {
		return rest.Answer{}, err
	}
	p := draft.New("Parameters", "")
	for i, name := range []string{"source", "result"} {
		p.Add("parameter", new(draft.Object).Set("name", name).Literal("resource", string(resources[i].Body)))
	}
	return rest.Answer{Resource: p.JSON()}, nil
}

// readPair reads source-patient and target-patient.
func readPair(body []byte) (source, target fhir.Key, err error) {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return source, target, err
	}
	for p := range doc.Root().Get("parameter").Items() {
		key, ok := fhir.ParseReference(p.At("valueReference", "reference").Text())
		switch name := p.Get("name").Text(); {
		case name == "source-patient" && ok:
			source = key.Current()
		case name == "target-patient" && ok:
			target = key.Current()
		default:
			return source, target, errPair()
		}
	}
	if source.Type != "Patient" || target.Type != "Patient" || source == target {
		return source, target, errPair()
	}
	return source, target, nil
}

func errPair() error {
	return fhir.Errorf(fhir.Malformed, "identity.Merge", "identity.merge-pair", fhir.CodeRequired, "Parameters.parameter",
		fhir.T("It is not clear which two patients are meant.", "On ne sait pas quels sont les deux patients."),
		fhir.T("Send the parameters source-patient and target-patient, References to two Patients.", "Envoyez les paramètres source-patient et target-patient, références de deux Patients."))
}

// record is a Patient that is to be changed.
type record struct {
	key     fhir.Key
	version string
	doc     *fhirjson.Doc
	edits   []fhirjson.Edit
}

func (o *Operations) read(ctx context.Context, key fhir.Key) (*record, error) {
	r, err := o.Repo.Read(ctx, key)
	if err != nil {
		return nil, err
	}
	doc, err := fhirjson.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	return &record{key: key, version: r.Version, doc: doc}, nil
}

func (r *record) change() fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: r.key, FullURL: r.key.String(), IfMatch: r.version, Body: fhirjson.Splice(r.doc, r.edits...)}
}

// linked returns the link to another patient of a type, not existing when there
// is none.
func (r *record) linked(other fhir.Key, typ string) fhirjson.Node {
	for link := range r.doc.Root().Get("link").Items() {
		if link.Get("type").Text() == typ && link.At("other", "reference").Text() == other.String() {
			return link
		}
	}
	return fhirjson.Node{}
}

// replaced reports whether the record gave its place to another.
func (r *record) replaced() bool {
	for link := range r.doc.Root().Get("link").Items() {
		if link.Get("type").Text() == "replaced-by" {
			return true
		}
	}
	return false
}

// merge links two records, neither of which gave its place to another.
func merge(source, target *record) error {
	if source.replaced() || target.replaced() {
		return fhir.Errorf(fhir.Unprocessable, "identity.Merge", "identity.merged-already", fhir.CodeBusinessRule, "Patient.link",
			fhir.T("One of the patients was merged into another already.", "L’un des patients a déjà été fusionné dans un autre."),
			fhir.T("Merge with the patient that replaces it, or unmerge first.", "Fusionnez avec le patient qui le remplace, ou annulez d’abord la fusion."))
	}
	link := new(draft.Object)
	active := source.doc.Root().Get("active")
	if active.Exists() {
		link.Add("extension", new(draft.Object).Set("url", formerlyActive).Literal("value|Boolean", active.Raw()))
		source.edits = append(source.edits, fhirjson.Replace(active, "false"))
	} else {
		source.edits = append(source.edits, appendMember(source.doc.Root(), `"active":false`))
	}
	source.link(link.Put("other", new(draft.Object).Set("reference", target.key.String())).Set("type", "replaced-by"))
	target.link(new(draft.Object).Put("other", new(draft.Object).Set("reference", source.key.String())).Set("type", "replaces"))
	return nil
}

// link appends a link.
func (r *record) link(link *draft.Object) {
	text := string(link.AppendJSON(nil))
	if links := r.doc.Root().Get("link"); links.Exists() {
		_, end := links.Span()
		r.edits = append(r.edits, fhirjson.Edit{Start: end - 1, End: end - 1, Text: "," + text})
		return
	}
	r.edits = append(r.edits, appendMember(r.doc.Root(), `"link":[`+text+`]`))
}

// appendMember is the edit that makes JSON the last member of an object that has
// others.
func appendMember(object fhirjson.Node, member string) fhirjson.Edit {
	_, end := object.Span()
	return fhirjson.Edit{Start: end - 1, End: end - 1, Text: "," + member}
}

// unmerge takes the links of a merge away and gives Patient.active back.
func unmerge(source, target *record) error {
	by, replaces := source.linked(target.key, "replaced-by"), target.linked(source.key, "replaces")
	if !by.Exists() || !replaces.Exists() {
		return fhir.Errorf(fhir.Unprocessable, "identity.Merge", "identity.not-merged", fhir.CodeBusinessRule, "Patient.link",
			fhir.T("The source was not merged into the target.", "La source n’a pas été fusionnée dans la cible."),
			fhir.T("Name the patients of the merge, in its order.", "Indiquez les patients de la fusion, dans son ordre."))
	}
	was := ""
	for e := range by.Get("extension").Items() {
		if e.Get("url").Text() == formerlyActive {
			was = e.Get("valueBoolean").Raw()
		}
	}
	if active := source.doc.Root().Get("active"); was != "" && active.Exists() {
		source.edits = append(source.edits, fhirjson.Replace(active, was))
	} else if active.Exists() {
		source.edits = append(source.edits, source.without("active"))
	}
	source.edits = append(source.edits, source.unlink(by))
	target.edits = append(target.edits, target.unlink(replaces))
	return nil
}

// unlink is the edit that takes a link away, the whole list with the only one.
func (r *record) unlink(link fhirjson.Node) fhirjson.Edit {
	links := r.doc.Root().Get("link")
	if links.Len() == 1 {
		return r.without("link")
	}
	var kept []string
	for l := range links.Items() {
		if l != link {
			kept = append(kept, l.Raw())
		}
	}
	return fhirjson.Replace(links, "["+strings.Join(kept, ",")+"]")
}

// without is the edit that takes a member away, with all that stands between it
// and the one before. It is never the first: resourceType is.
func (r *record) without(name string) fhirjson.Edit {
	before := 0
	for m := range r.doc.Root().Members() {
		_, end := m.Span()
		if m.Name() == name {
			return fhirjson.Edit{Start: before, End: end}
		}
		before = end
	}
	return fhirjson.Edit{}
}
