package cda

import (
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/adapters/xmltree"
	"github.com/cordee-sante/cordee/fhir"
)

type (
	node   = xmltree.Node
	object = draft.Object
	origin = draft.Origin
)

// conversion is the state of one Convert. It belongs to one goroutine.
type conversion struct {
	*adapters.Assembly
	zone *time.Location
	in   adapters.Input
	doc  *xmltree.Document
	root *node // ClinicalDocument

	patient      *draft.Resource
	unidentified error // why the patient cannot be identified
	composition  *draft.Resource
	original     *draft.Resource // DocumentReference
	encounter    *draft.Resource
	effective    string // ClinicalDocument.effectiveTime as a FHIR dateTime

	roles    map[string]*draft.Resource // of a professional in an organisation
	made     map[*node]*draft.Resource  // what was made of a clinical statement
	taken    map[*node]bool             // clinical statements that were mapped as part of another
	byID     map[string]*draft.Resource // what was made of the entry with that id
	anchors  map[*node]map[string]*node // IDs of each section's narrative
	unique   map[string]*node           // IDs that the document has once
	section  *node                      // the section whose entries are being mapped
	about    *draft.Resource            // whom they are about, when that is not the patient: his newborn child
	narrated *object                    // its Narrative
	later    []func()                   // references to what comes further down

	newborns  map[string]*draft.Resource // children of the patient by newbornKey
	relatives map[*node]*draft.Resource  // Patients who are relatives, by relatedSubject
	focused   *object                    // Reference to whom observations look at, who is not their subject
	team      []*object                  // CareTeam.participant: who the header names
	planTeam  *draft.Resource            // CareTeam of a document that is a plan
	strange   map[string]bool            // templates that are not known

	sectionIDs  map[string]bool    // those in use
	medications map[string]*object // Medication.code by reference
}

func newConversion(zone *time.Location, in adapters.Input, doc *xmltree.Document, root *node) *conversion {
	return &conversion{Assembly: adapters.NewAssembly(in, converter), zone: zone, in: in, doc: doc, root: root,
		roles: map[string]*draft.Resource{}, made: map[*node]*draft.Resource{}, taken: map[*node]bool{}, byID: map[string]*draft.Resource{}, anchors: map[*node]map[string]*node{},
		newborns: map[string]*draft.Resource{}, relatives: map[*node]*draft.Resource{}, strange: map[string]bool{}, sectionIDs: map[string]bool{}, medications: map[string]*object{}}
}

// run converts the document: header first, since all else refers to the patient.
func (c *conversion) run() (adapters.Conversion, error) {
	c.number()
	c.identify()
	if err := c.recordTarget(); err != nil {
		return adapters.Conversion{}, err
	}
	c.startComposition()
	c.header()
	if err := c.body(); err != nil {
		return adapters.Conversion{}, err
	}
	for _, f := range c.later {
		f()
	}
	c.profiles()
	c.leftovers()
	result := c.Finish()
	result.Unidentified = c.unidentified
	return result, nil
}

// identify names the document for derived ids: by setId, which all its versions
// share, or else by id.
func (c *conversion) identify() {
	for _, name := range []string{"setId", "id"} {
		if n := c.root.Element(name); n.Attr("root") != "" {
			c.Identify(n.Attr("root"), n.Attr("extension"))
			break
		}
	}
	c.kind()
	c.label(c.root.Element("confidentialityCode"))
}

// warn adds a warning about the document to the report.
func (c *conversion) warn(issues ...fhir.Issue) {
	c.Report.Warnings = append(c.Report.Warnings, issues...)
}

// newEntry starts the resource for a clinical statement. Its place in the
// document is its own id, which stays when entries change order, or its XPath.
func (c *conversion) newEntry(resourceType string, n *node) *draft.Resource {
	place := ""
	if id := n.Element("id"); id.Attr("root") != "" {
		place = id.Attr("root") + "^" + id.Attr("extension")
	} else {
		place = n.Path()
	}
	r := c.New(resourceType, place)
	c.made[n] = r
	for id := range n.Elements("id") {
		c.remember(id, r)
	}
	return r
}

// remember notes what was made of the entry with that id, so that internal
// references find it. The first one stays: copies come later.
func (c *conversion) remember(id *node, r *draft.Resource) {
	if root := id.Attr("root"); root != "" {
		key := root + "^" + id.Attr("extension")
		if c.byID[key] == nil {
			c.byID[key] = r
		}
	}
}

// subject sets whom a statement is about: the patient, or the newborn child of
// the patient in the parts of a document that are about it.
func (c *conversion) subject(o *object, name string) {
	if c.about != nil {
		o.Put(name, c.Reference(c.about))
		return
	}
	o.Put(name, c.Reference(c.patient))
}

// mark returns the origin of a node, 0 for nil.
func mark(n *node) origin {
	if n == nil {
		return 0
	}
	return n.Mark
}
