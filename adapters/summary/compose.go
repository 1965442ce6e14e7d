package summary

import (
	"strings"
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

type object = draft.Object

// composer writes one summary.
type composer struct {
	reader
	plan          Plan
	base, version string
	now           time.Time
	patient       fhir.Key
	organization  string
	chosen        map[string][]r // entries by section code
}

// choose chooses the entries of the sections and adds them to the document.
func (c *composer) choose(sections []Section, record []r, g *document.Gatherer) error {
	for i := range sections {
		s := &sections[i]
		entries := s.choose(record)
		c.chosen[s.Code] = append(c.chosen[s.Code], entries...)
		for _, n := range entries {
			if err := g.Add(n.Resource); err != nil {
				return err
			}
		}
		if err := c.choose(s.Sections, record, g); err != nil {
			return err
		}
	}
	return nil
}

// custodian is the part of the Composition that refers to the organisation.
func (c *composer) custodian() []byte {
	o := draft.New("Composition", "")
	if c.organization != "" {
		o.Put("custodian", c.reference(c.organization))
	}
	return o.JSON()
}

// reference is absolute: the Composition and the Device are stored nowhere, so
// that nothing else would say what it is relative to.
func (c *composer) reference(relative string) *object {
	return new(object).Set("reference", c.base+"/"+relative)
}

// bundle puts the Composition in front of what it refers to.
func (c *composer) bundle(gathered []document.Entry) (*document.Bundle, error) {
	b := &document.Bundle{Language: c.language(), Timestamp: c.now, Entries: gathered}
	c.find = func(reference string) fhirjson.Node { return b.Find(c.base+"/x/x", reference) }
	stamp := c.now.UTC().Format(time.RFC3339)
	deviceURL := adapters.DeriveURN("summary-author", c.base, c.version)
	device := c.device()
	composition := c.composition(gathered, deviceURL, stamp)
	url := adapters.DeriveURN("summary", c.plan.Name, c.patient.String(), stamp, string(composition.JSON()))
	entries := []document.Entry{{FullURL: url}, {FullURL: deviceURL}}
	for i, resource := range []*draft.Resource{composition, device} {
		doc, err := fhirjson.Parse(resource.JSON())
		if err != nil {
			return nil, err
		}
		entries[i].Doc = doc
	}
	b.Entries = append(append([]document.Entry{entries[0]}, gathered...), entries[1])
	if c.conforms(gathered) {
		b.Profile = c.plan.BundleProfile
	}
	return b, nil
}

// conforms reports whether the patient has what the IPS wants of him: a name
// and a date of birth. The sections are made to be right.
func (c *composer) conforms(entries []document.Entry) bool {
	patient := entries[0].Doc.Root()
	return patient.Get("name").First().Len() > 0 && patient.Get("birthDate").Exists()
}

func (c *composer) language() string {
	if c.lang == rest.English {
		return "en"
	}
	return "fr-FR"
}

// device is the author: nobody but the gateway chose what is in the document.
func (c *composer) device() *draft.Resource {
	d := draft.New("Device", "")
	d.Add("deviceName", new(object).Set("name", "Cordée").Set("type", "user-friendly-name"))
	d.Put("type", new(object).Set("text", c.say(fhir.T("FHIR gateway", "Passerelle FHIR"))))
	if c.version != "" {
		d.Add("version", new(object).Set("value", c.version))
	}
	return d
}

// composition writes the Composition of the summary.
func (c *composer) composition(gathered []document.Entry, author, stamp string) *draft.Resource {
	o := draft.New("Composition", "")
	c.meta(o, gathered)
	o.Set("language", c.language())
	o.Set("status", "final")
	o.Put("type", new(object).Add("coding", new(object).Set("system", c.plan.System).Set("code", c.plan.Code).Set("display", c.plan.Display)))
	o.Put("subject", c.reference(c.patient.String()))
	o.Set("date", stamp)
	o.Add("author", new(object).Set("reference", author))
	o.Set("title", c.say(c.plan.Title))
	if c.find(c.organization).Exists() {
		o.Put("custodian", c.reference(c.organization))
	}
	o.Add("event", new(object).Add("code", new(object).Add("coding", new(object).Set("system", "http://terminology.hl7.org/CodeSystem/v3-ActClass").Set("code", "PCPR"))).
		Put("period", new(object).Set("end", stamp)))
	c.sections(&o.Object, c.plan.Sections)
	return o
}

// meta sets the profile, the labels of what is in the document, and the
// confidentiality that follows from them.
func (c *composer) meta(o *draft.Resource, gathered []document.Entry) {
	m := new(object)
	if c.plan.Profile != "" && c.conforms(gathered) {
		m.AddText("profile", c.plan.Profile)
	}
	roots := make([]fhirjson.Node, len(gathered))
	for i, e := range gathered {
		roots[i] = e.Doc.Root()
	}
	level := "N"
	for _, raw := range labels(roots) {
		l, err := fhirjson.Parse([]byte(raw))
		if err != nil {
			continue // part of a resource that was parsed
		}
		system, code := l.Root().Coding()
		m.Add("security", new(object).Set("system", system).Set("code", code))
		if strings.Contains("RV", code) && code > level {
			level = code
		}
	}
	o.Put("meta", m)
	o.Set("confidentiality", level)
}

// sections writes the sections that have something to say, and those that have
// to be there.
func (c *composer) sections(parent *object, list []Section) {
	for i := range list {
		s := &list[i]
		entries := c.chosen[s.Code]
		o := new(object).Set("title", c.say(s.Title))
		o.Put("code", new(object).Add("coding", new(object).Set("system", loinc).Set("code", s.Code).Set("display", s.Display)))
		switch {
		case len(s.Sections) > 0:
			c.sections(o, s.Sections)
		case len(entries) > 0:
			o.Put("text", generated(c.narrative(s, entries)))
			for _, n := range entries {
				o.Add("entry", c.reference(n.Current().String()))
			}
		case s.Required:
			o.Put("text", generated(c.none()))
			o.Put("emptyReason", new(object).Add("coding", new(object).Set("system", "http://terminology.hl7.org/CodeSystem/list-empty-reason").
				Set("code", "unavailable").Set("display", "Unavailable")))
		default:
			continue
		}
		parent.Add("section", o)
	}
}

func generated(div string) *object { return new(object).Set("status", "generated").Set("div", div) }
