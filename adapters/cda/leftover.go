package cda

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// leftoverURL is the extension for what a document says and R4 has no element
// for, or no adapter knows: where it stood, as names of CDA, and the value in
// the data type of FHIR that is the same.
const leftoverURL = adapters.Canonical + "/StructureDefinition/cda-element"

// leftovers hangs what no element was made of into the resource of the
// statement around it, or into the Composition, so that neither a text nor a
// coded value is only in the original. It runs last: what it finds is what all
// else left.
func (c *conversion) leftovers() {
	for range 3 { // a unit may hide another: a code its qualifier
		if !c.left() {
			return
		}
		w := leftoverWalk{c: c}
		w.walk(c.root)
		if !w.found {
			return
		}
	}
}

// left reports whether anything was left, and says of what is not of its form that
// this is why.
func (c *conversion) left() bool {
	some := false
	for item, place := range c.Unclaimed() {
		some = true
		if c.Reason(item) == "" {
			c.Refuse(item, c.malformed(place.(*node)))
		}
	}
	return some
}

// leftoverWalk goes through the document once.
type leftoverWalk struct {
	c     *conversion
	found bool
}

// free reports whether no element was made of an item.
func (w *leftoverWalk) free(item origin) bool { return item != 0 && !w.c.Claimed(item) }

// withheld reports whether an element is left in the original on purpose: where
// somebody comes from and what he believes is nobody's business here
// (docs/formats/cda.md).
func withheld(n *node) bool {
	switch n.Name {
	case "raceCode", "ethnicGroupCode", "sdtc:raceCode", "sdtc:ethnicGroupCode", "religiousAffiliationCode":
		return true
	}
	return false
}

func (w *leftoverWalk) walk(n *node) {
	for child := range n.Elements("") {
		if isNarrative(child) || withheld(child) {
			continue
		}
		if child.Name == "section" {
			w.section(child)
			continue
		}
		if !w.unit(child) {
			w.walk(child)
		}
	}
}

// section walks a section: what it says by reference stands in its narrative,
// and what is made of it is as secret as it is.
func (w *leftoverWalk) section(n *node) {
	outer := w.c.section
	w.c.section = n
	if label := coding(n.Element("confidentialityCode")); label != nil && label.Text("code") != "N" {
		defer w.c.Label(label)()
	}
	w.walk(n)
	w.c.section = outer
}

// isParticipation reports whether the party of an element is taken as a whole.
func isParticipation(n *node) bool {
	switch n.Name {
	case "author", "performer", "informant", "participant", "responsibleParty", "encounterParticipant", "dataEnterer", "authenticator",
		"legalAuthenticator", "subject":
		return true
	}
	return false
}

// unit keeps a node as one value and reports whether it did, so that nothing
// below it is kept once more.
func (w *leftoverWalk) unit(n *node) bool {
	var o *object
	switch {
	case isParticipation(n) && w.all(n):
		if e := w.c.takingPart(n); e != nil {
			w.hang(n, e)
			return true
		}
		return false
	case n.Name == "addr" && w.any(n):
		o = new(object).Put("value|Address", w.c.address(n))
	case n.Name == "name" && n.Mark == 0 && w.any(n):
		o = w.name(n)
	case n.Mark == 0:
		return w.text(n)
	case !w.free(n.Mark) || w.c.refused(n.Mark):
		return w.text(n)
	default:
		o = w.value(n)
	}
	if o.Empty() {
		return false
	}
	w.keep(n, o)
	return true
}

// value is what an element says by its attributes.
func (w *leftoverWalk) value(n *node) *object {
	o := new(object)
	switch kind := itemKind(n, false); {
	case xsiType(n) == "TEL" || xsiType(n) == "URL":
		o.Put("value|ContactPoint", w.c.telecom(n))
	case kind == adapters.KindCode:
		o.Put("value|CodeableConcept", w.c.coded(n))
	case kind == adapters.KindIdentifier:
		o.Put("value|Identifier", identifier(n))
	case kind == adapters.KindTelecom:
		o.Put("value|ContactPoint", w.c.telecom(n))
	case kind == adapters.KindDate:
		o.Set("value|dateTime", w.c.dateTime(n), mark(n))
	case kind == adapters.KindQuantity:
		o.Put("value|Quantity", quantity(n))
	case kind == adapters.KindIndicator:
		if n.Attr("negationInd") != "true" {
			o.Literal("value|boolean", boolean(n), mark(n))
		}
	case kind == adapters.KindReference:
		if v := n.Attr("value"); isOutside(v) && v == token(v) && !strings.Contains(v, " ") {
			o.Set("value|uri", v, mark(n))
		} else if text, from := w.c.text(n.Parent()); len(from) > 0 {
			o.Set("value|string", text, from...)
		}
	}
	return o
}

// name is a person's name, or that of a thing.
func (w *leftoverWalk) name(n *node) *object {
	if n.Element("family") != nil || n.Element("given") != nil {
		return new(object).Put("value|HumanName", w.c.humanName(n))
	}
	text, from := words(n)
	return new(object).Set("value|string", text, from...)
}

// text keeps the runs of an element, with what they point to in the narrative.
func (w *leftoverWalk) text(n *node) bool {
	if n.Attr("representation") == "B64" {
		return false
	}
	for t := range n.Nodes() {
		if !t.IsText() || !w.free(t.Mark) || w.c.refused(t.Mark) {
			continue
		}
		text, from := ownText(n)
		w.keep(n, new(object).Set("value|string", text, from...))
		return false
	}
	return false
}

// any reports whether something below a node is left.
func (w *leftoverWalk) any(n *node) bool {
	for t := range n.All() {
		if w.free(t.Mark) {
			return true
		}
	}
	return false
}

// all reports whether something below a node is left, and nothing was taken.
func (w *leftoverWalk) all(n *node) bool {
	some := false
	for t := range n.All() {
		if t.Mark != 0 {
			if !w.free(t.Mark) {
				return false
			}
			some = true
		}
	}
	return some
}

// hang adds an extension to the resource of the nearest statement around the node.
func (w *leftoverWalk) hang(n *node, e *object) {
	r := w.c.composition
	for at := n.Parent(); at != nil; at = at.Parent() {
		if made := w.c.made[at]; made != nil {
			r = made
			break
		}
	}
	r.Add("extension", e)
	w.c.Touch(r)
	w.found = true
}

// keep adds the extension to the resource of the nearest statement around the
// node. What stands under a negation there says so, whatever it is.
func (w *leftoverWalk) keep(n *node, value *object) {
	at, r := n, (*draft.Resource)(nil)
	negated := false
	for at = n; at != nil && r == nil; {
		at = at.Parent()
		r = w.c.made[at]
		negated = negated || r == nil && at != nil && isNegated(at)
	}
	if r == nil {
		r, at = w.c.composition, w.c.root
	}
	e := extension(leftoverURL).Add("extension", extension("path").Set("value|string", namesBelow(at, n)))
	if negated {
		e.Add("extension", extension("negated").Literal("value|boolean", "true"))
	}
	held := extension("value")
	held.Merge(value)
	r.Add("extension", e.Add("extension", held))
	w.c.Touch(r)
	w.found = true
}

// namesBelow is the way from an element down to another, as names; that of a
// participation says who takes part as what.
func namesBelow(from, to *node) string {
	var names []string
	for at := to; at != nil && at != from; at = at.Parent() {
		name := at.Name
		if code := token(at.Attr("typeCode")); code != "" {
			name += "[" + code + "]"
		}
		names = append(names, name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// refused reports whether an item was left for a reason that stands: it is not
// of its form, or points to nothing.
func (c *conversion) refused(item origin) bool {
	reason := c.Reason(item)
	return reason != "" && reason != "cda.unknown-code"
}
