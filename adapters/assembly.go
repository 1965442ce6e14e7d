package adapters

import (
	"crypto/sha256"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// A Converter names what makes the resources, for Provenance: an adapter and
// the version of its map. A new version makes new Provenance, so that it can
// be told which resources an old map made.
type Converter struct{ Format, Name, Version string }

// String returns name and version.
func (c Converter) String() string { return c.Name + " " + c.Version }

// An Assembly gathers the resources that an adapter makes of one document into
// one transaction. It belongs to one goroutine.
type Assembly struct {
	Report Report

	// Lines gives the line of a place in the source. Places are asked for in the
	// order of the items. Nil knows none.
	Lines func(Place) int

	in        Input
	converter Converter
	content   string // DeriveID of the bytes
	document  string // identifies the document among those of the source
	edition   edition
	labels    []*draft.Object
	parts     []*part
	items     []item
	reasons   map[draft.Origin]string // why items are not understood
	used      map[string]int          // how often a place was taken
	matched   map[string]*part
}

// item is an item of the source, of which a document has hundreds: what there is
// to say of all of them and no more.
type item struct {
	place Place
	made  *part  // where an element was made of it first
	path  string // of that element, where it is told
	kind  ItemKind
	text  bool // it counts as narrative, not as mapped
}

func (i *item) fate() Fate {
	switch {
	case i.made == nil:
		return NotUnderstood
	case i.text:
		return Narrative
	}
	return Mapped
}

// part is one resource of the transaction.
type part struct {
	*draft.Resource
	ifNoneExist *fhir.Query
	traced      bool
}

// NewAssembly starts the transaction for a document.
func NewAssembly(in Input, c Converter) *Assembly {
	sum := sha256.Sum256(in.Bytes)
	if v := in.Maps.Version(); v != "" {
		c.Version += "+" + v // what other maps make of the document is another making
	}
	return &Assembly{in: in, converter: c, content: DeriveID(in.Source, string(sum[:])), edition: edition{sender: in.Organization},
		Report: Report{Format: c.Format, Converter: c.String()}, items: make([]item, 0, min(len(in.Bytes)/100, 4096)),
		reasons: map[draft.Origin]string{}, used: map[string]int{}, matched: map[string]*part{}}
}

// Identify names the document: what stays the same in all its versions. Until
// then, and for documents without a name, it is its content.
func (a *Assembly) Identify(parts ...string) { a.document = DeriveID(parts...) }

// Edition says which resource stands for the document in all its editions, and
// which of them this is: a number that grows, empty when it has none. An Intake
// does not let an edition that comes late take the place of a later one.
func (a *Assembly) Edition(composition *draft.Resource, number string) {
	a.edition.key, a.edition.number = fhir.Key{Type: composition.Type, ID: composition.ID}, editionNumber(number)
}

// Identified gives an identifier of this edition, by which a document that takes
// its place names it.
func (a *Assembly) Identified(t Token) { a.edition.identifiers = append(a.edition.identifiers, t) }

// Replaces says that the document takes the place of one that is no edition of
// it, by an identifier of that.
func (a *Assembly) Replaces(t Token) { a.edition.replaces = append(a.edition.replaces, t) }

// Label puts a security label on every resource that is made from now on, in
// meta.security, until end is called: never for one of the whole document, at
// the end of it for one of a part.
func (a *Assembly) Label(coding *draft.Object) (end func()) {
	before := a.labels
	a.labels = append(before[:len(before):len(before)], coding)
	return func() { a.labels = before }
}

// Item adds an item of the source to the report and returns its number.
func (a *Assembly) Item(kind ItemKind, place Place) draft.Origin {
	a.items = append(a.items, item{kind: kind, place: place})
	return draft.Origin(len(a.items))
}

// Keep notes that the element made of an item is text for people, so that it
// counts as narrative and not as mapped.
func (a *Assembly) Keep(item draft.Origin) {
	if item != 0 {
		a.items[item-1].text = true
	}
}

// Refuse notes why an item is not understood. It has no effect on an item that
// is mapped after all.
func (a *Assembly) Refuse(item draft.Origin, reason string) {
	if item != 0 && reason != "" {
		a.reasons[item] = reason
	}
}

// New adds a resource that belongs to the document. Its id follows from source,
// document, type and place; a place that is taken twice gets a number. Sending
// the document again, or a further version of it, updates the resource.
func (a *Assembly) New(resourceType string, place ...string) *draft.Resource {
	key := resourceType + "\x00" + strings.Join(place, "\x00")
	a.used[key]++
	document := a.document
	if document == "" {
		document = a.content
	}
	id := DeriveID(a.in.Source, document, key, strconv.Itoa(a.used[key]))
	return a.own(resourceType, id)
}

// own adds a resource that is put under its id.
func (a *Assembly) own(resourceType, id string) *draft.Resource {
	return a.add(resourceType, id, resourceType+"/"+id, nil)
}

// Match adds a resource that does not belong to the document alone (a patient,
// a professional, a structure). It is created when none has one of the
// identifiers, and otherwise left as it is and referred to: a document header
// is no authority over what is known already. found reports that the document
// described it before; the draft is then that one, to be merged.
func (a *Assembly) Match(resourceType string, tokens ...Token) (r *draft.Resource, found bool) {
	key := resourceType + "\x00" + tokens[0].System + "\x00" + tokens[0].Value
	if p, ok := a.matched[key]; ok {
		p.traced = false // what it is described by once more is to be found, too
		return p.Resource, true
	}
	q := &fhir.Query{Type: resourceType, Params: []fhir.Param{{Code: "identifier", Values: TokenValues(tokens)}}}
	// The urn lives within the transaction only; its place, not the identifier,
	// goes into it.
	urn := DeriveURN(a.in.Source, a.content, resourceType, strconv.Itoa(len(a.parts)))
	r = a.add(resourceType, "", urn, q)
	a.matched[key] = a.parts[len(a.parts)-1]
	return r, false
}

func (a *Assembly) add(resourceType, id, fullURL string, ifNoneExist *fhir.Query) *draft.Resource {
	r := draft.New(resourceType, id)
	r.URL = fullURL
	meta := new(draft.Object).Set("source", a.source())
	if ifNoneExist == nil { // what is shared is not more secret than the first document that named it
		for _, label := range a.labels {
			meta.Add("security", label)
		}
	}
	r.Put("meta", meta)
	a.parts = append(a.parts, &part{Resource: r, ifNoneExist: ifNoneExist})
	return r
}

// source is meta.source: the Binary that holds the original, as a urn.
func (a *Assembly) source() string { return DeriveURN("Binary", a.content) }

// Reference returns a Reference to a resource of the transaction.
func (a *Assembly) Reference(r *draft.Resource) *draft.Object {
	return new(draft.Object).Set("reference", r.URL)
}

// TypeOf returns the resource type that a Reference of this transaction leads
// to, empty when it leads elsewhere.
func (a *Assembly) TypeOf(reference *draft.Object) string {
	url := reference.Text("reference")
	if typ, _, relative := strings.Cut(url, "/"); relative {
		return typ
	}
	for _, p := range a.parts {
		if p.URL == url {
			return p.Type
		}
	}
	return ""
}

// Finish returns the transaction: the patient and the other shared resources
// first, then what belongs to the document in the order in which it was added,
// then the Provenance.
func (a *Assembly) Finish() Conversion {
	a.translate()
	a.trace()
	a.tell()
	return Conversion{Changes: a.changes(), Report: a.Report, edition: a.edition, late: a.late}
}

func (a *Assembly) changes() []fhir.Change {
	changes := make([]fhir.Change, 0, len(a.parts)+1)
	w := writer{buf: make([]byte, 0, min(len(a.in.Bytes), writerChunk))}
	for _, shared := range []bool{true, false} {
		for _, p := range a.parts {
			if (p.ifNoneExist != nil) == shared {
				changes = append(changes, p.change(w.json(p.Resource)))
			}
		}
	}
	p := a.provenance()
	return append(changes, p.change(w.json(p.Resource)))
}

// late returns the transaction that keeps the document and takes nothing of it
// in, for one that comes after a later edition of it.
func (a *Assembly) late() []fhir.Change {
	binary := a.originalID("Binary")
	a.parts = slices.DeleteFunc(a.parts, func(p *part) bool {
		return p.ifNoneExist == nil && p.ID != binary && p.URL != a.Report.Reference
	})
	for _, p := range a.parts {
		if p.URL == a.Report.Reference {
			p.Set("status", "superseded")
		}
	}
	a.Report.clear()
	return a.changes()
}

// Unclaimed yields, after what was added so far, the items that no element was
// made of, and where they stand. An adapter asks when it is through with all that
// it has a place for; a resource that it adds to after that it has to Touch.
func (a *Assembly) Unclaimed() iter.Seq2[draft.Origin, Place] {
	a.trace()
	return func(yield func(draft.Origin, Place) bool) {
		for i := range a.items {
			if a.items[i].made == nil && !yield(draft.Origin(i+1), a.items[i].place) {
				return
			}
		}
	}
}

// Claimed reports whether an element was made of an item, as of the last call of
// Unclaimed.
func (a *Assembly) Claimed(item draft.Origin) bool { return a.items[item-1].made != nil }

// Touch says that something was added to a resource after Unclaimed.
func (a *Assembly) Touch(r *draft.Resource) {
	for _, p := range a.parts {
		if p.Resource == r {
			p.traced = false
		}
	}
}

// Reason returns why an item is not understood so far, see Refuse.
func (a *Assembly) Reason(item draft.Origin) string { return a.reasons[item] }

// trace notes of every item the first resource that an element was made of it in.
func (a *Assembly) trace() {
	var at *part
	var t *draft.Tracer
	t = draft.NewTracer(func(from draft.Origin) {
		item := &a.items[from-1]
		if item.made != nil {
			return
		}
		item.made = at
		if a.in.Every || item.text {
			item.path = t.Path()
		}
	})
	for _, at = range a.parts {
		if !at.traced {
			at.traced = true
			t.Trace(at.Resource)
		}
	}
}

// tell fills in the report. What was taken is listed for those who ask for every
// item alone, and of what was not understood as many places are named as an
// OperationOutcome does: a path for each of a thousand would cost as much as
// reading them.
func (a *Assembly) tell() {
	named := 0
	for i := range a.items {
		item := &a.items[i]
		fate := item.fate()
		a.Report.count(fate, item.path)
		if fate != NotUnderstood && !a.in.Every {
			continue
		}
		told := Item{Kind: item.kind, Fate: fate, Path: item.path}
		if item.made != nil {
			told.Resource = item.made.URL
		} else {
			told.Reason = a.reasons[draft.Origin(i+1)]
		}
		if a.in.Every || fate == NotUnderstood && named < outcomeIssues {
			told.Source = item.place.Path()
			if a.Lines != nil {
				told.Line = a.Lines(item.place)
			}
			named++
		}
		a.Report.Items = append(a.Report.Items, told)
	}
	a.items = nil // and with it the source
}

func (p *part) change(body []byte) fhir.Change {
	c := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: p.Type, ID: p.ID}, FullURL: p.URL, IfNoneExist: p.ifNoneExist, Body: body, Content: p.Data}
	if p.ifNoneExist != nil {
		c.Method = fhir.Create
	}
	return c
}

// TokenValues are the alternatives of a token parameter.
func TokenValues(tokens []Token) []string {
	values := make([]string, len(tokens))
	for i, t := range tokens {
		values[i] = Escape(t.System) + "|" + Escape(t.Value)
	}
	return values
}

// Escape makes a value safe within a search parameter (R4 search.html#escaping).
func Escape(s string) string {
	if !strings.ContainsAny(s, `\,|$`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(s)
}
