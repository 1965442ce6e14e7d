package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// moment is a point in time of the source as FHIR writes it.
type moment struct {
	text string
	from []origin
}

// course returns when a problem or allergy began and ended, as the observation
// says. The act of concern around it tells when the concern was looked after,
// which is another thing; where it has the same dates they are said twice.
func (c *conversion) course(n, concern *node) (onset, end moment) {
	own, outer := n.Element("effectiveTime"), concern.Element("effectiveTime")
	onset, end = c.moment(own, "low"), c.moment(own, "high")
	onset.agree(c.moment(outer, "low"))
	end.agree(c.moment(outer, "high"))
	return onset, end
}

func (c *conversion) moment(interval *node, name string) moment {
	at := interval.Element(name)
	if name == "low" && interval.Attr("value") != "" {
		at = interval
	}
	if t := c.dateTime(at); t != "" {
		return moment{t, []origin{mark(at)}}
	}
	return moment{}
}

// concernEnd is the extension for when a concern was no longer looked after.
const concernEnd = adapters.Canonical + "/StructureDefinition/concern-end"

// asserted adds when a concern was first recorded, where that is another day
// than the one on which the problem began, and when it was closed, where that is
// not the day on which the problem ended.
func (c *conversion) asserted(r *draft.Resource, url string, concern *node, onset, end moment) {
	high := concern.Element("effectiveTime", "high")
	if t := c.dateTime(high); t != "" && t != end.text {
		r.Add("extension", extension(concernEnd).Set("value|dateTime", t, mark(high)))
	}
	low := concern.Element("effectiveTime", "low")
	if t := c.dateTime(low); t != "" && t != onset.text {
		r.Add("extension", extension(baseExtension+url).Set("value|dateTime", t, mark(low)))
	}
}

// agree takes the origin of another moment that is the same.
func (m *moment) agree(other moment) {
	if m.text != "" && m.text == other.text {
		m.from = append(m.from, other.from...)
	}
}

// recorded adds who wrote a statement down and when, and who said so.
func (c *conversion) recorded(r *draft.Resource, n *node) {
	author := n.Element("author")
	at := author.Element("time")
	if t := c.dateTime(at); t != "" {
		r.Set("recordedDate", t, mark(at))
	}
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Practitioner", "PractitionerRole", "Patient", "RelatedPerson") {
		r.Put("recorder", party)
	}
	if informant := n.Element("informant"); informant != nil {
		if party := c.informer(informant); c.isOneOf(party, "Practitioner", "PractitionerRole", "Patient", "RelatedPerson") {
			r.Put("asserter", party)
		}
	}
}

// wording is the concept of a statement that has words but no code: the text
// it refers to, or else that nothing is known.
func (c *conversion) wording(n *node) *object {
	if text, from := c.text(n.Element("text")); text != "" {
		return new(object).Set("text", text, from...)
	}
	return c.absentConcept(n.Element("value"))
}

// addIdentifier adds an identifier unless the resource has it; then it only
// notes where it was said again.
func addIdentifier(o, identifier *object) {
	if identifier == nil {
		return
	}
	for _, own := range o.Objects("identifier") {
		if own.Equal(identifier) {
			own.Merge(identifier)
			return
		}
	}
	o.Add("identifier", identifier)
}
