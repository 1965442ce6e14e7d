package writer

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// link is an entryRelationship around a statement, nil around none.
func link(typeCode string, inverted bool, statement *element) *element {
	if statement == nil {
		return nil
	}
	inversion := "false"
	if inverted {
		inversion = "true"
	}
	return el("entryRelationship", "typeCode", typeCode, "inversionInd", inversion).add(statement)
}

// attribute is a small observation that is an attribute of the one around it:
// severity, status, certainty, criticality.
func (w *writer) attribute(typeCode string, inverted bool, code *element, value *element, text string, roots ...string) *element {
	o := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates(roots...)...)
	o.add(code, w.said("text", text), completed(), value)
	return link(typeCode, inverted, o)
}

// plain is the CD of a concept without its text, which the text of the
// observation says.
func (w *writer) plain(xsiType string, n node) *element {
	e := w.concept("value", xsiType, n)
	kept := e.children[:0:0]
	for _, c := range e.children {
		if c.name != "originalText" {
			kept = append(kept, c)
		}
	}
	e.children = kept
	return e
}

// problemStatus is FR-Statut-du-probleme.
func (w *writer) problemStatus(n node) *element {
	if !n.Get("coding").Exists() {
		return nil
	}
	return w.attribute("REFR", false, fixed("code", "33999-4", "Statut", oidLOINC), w.plain("CE", n), n.Get("text").Text(), ihe+".4.1.1", cisisEntry+".30")
}

// certainty is FR-Certitude. What is refuted is said by negation.
func (w *writer) certainty(n node) *element {
	if !n.Get("coding").Exists() || coded(n, "refuted") {
		return nil
	}
	return w.attribute("SUBJ", true, fixed("code", "66455-7", "Certitude", oidLOINC), w.plain("CD", n), n.Get("text").Text(), ihe+".4.13", cisisEntry+".48", cisisEntry+".171")
}

// severity is FR-Severite.
func (w *writer) severity(n node) *element {
	if !n.Exists() {
		return nil
	}
	return w.attribute("SUBJ", true, fixed("code", "SEV", "Sévérité", oidActCode), w.plain("CD", n), n.Get("text").Text(), ihe+".4.1", cisisEntry+".29")
}

// comments are FR-Commentaire-ER: the notes from the given one on.
func (w *writer) comments(e *element, r resource, from int) {
	i := 0
	for n := range r.Get("note").Items() {
		if i++; i > from {
			e.add(w.comment(r, n))
		}
	}
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == adapters.Canonical+"/StructureDefinition/note" {
			e.add(w.comment(r, value(x)))
		}
	}
}

func (w *writer) comment(r resource, n node) *element {
	if n.Get("text").Text() == "" {
		return nil
	}
	act := el("act", "classCode", "ACT", "moodCode", "EVN").add(templates(ihe+".4.2", cisisEntry+".32")...)
	act.add(fixed("code", "48767-8", "Commentaire", oidLOINC), w.said("text", n.Get("text").Text()), completed())
	if time, author := n.Get("time").Text(), n.Get("authorReference"); time != "" || author.Exists() {
		act.add(w.author(r, author, time))
	}
	return link("SUBJ", true, act)
}

// author is who wrote something down, and when; nil when neither is known.
func (w *writer) author(r resource, reference node, time string) *element {
	party := w.assigned("assignedAuthor", r, reference)
	if party == nil && time == "" {
		return nil
	}
	return el("author").add(point("time", time).or(null("time", "UNK")), party.or(el("assignedAuthor").add(null("id", "UNK"))))
}

// informed is who said so.
func (w *writer) informed(e *element, r resource, reference node) {
	e.add(w.informant(r, reference))
}

// reasons are internal references (FR-Reference-interne): to what the statement
// was made for, and to what else belongs to it.
func (w *writer) reasons(e *element, r resource) {
	var codes, targets []*element
	for c := range r.Get("reasonCode").Items() {
		codes = append(codes, w.concept("code", "", c))
	}
	for _, to := range w.all(r, r.Get("reasonReference")) {
		targets = append(targets, w.own(to))
	}
	for i := range max(len(codes), len(targets)) {
		code, target := null("code", "NA"), null("id", "NA")
		if i < len(codes) {
			code = codes[i]
		}
		if i < len(targets) {
			target = targets[i]
		}
		e.add(reference("RSON", code, target))
	}
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == baseExtension+"workflow-supportingInfo" && !w.isSpecimen(r, x) {
			if to, ok := w.find(r, value(x)); ok {
				e.add(reference("REFR", null("code", "NA"), w.own(to)))
			}
		}
	}
}

// own is an id by which a resource is referred to: one that no other resource of
// the document has, where there is one.
func (w *writer) own(r resource) *element {
	list := ids(r)
	for _, i := range list {
		holders := 0
		for _, e := range w.Entries {
			for other := range e.Doc.Root().Get("identifier").Items() {
				if o := id(other); o != nil && slices.Equal(o.attrs, i.attrs) {
					holders++
				}
			}
		}
		if holders <= 1 {
			return i
		}
	}
	return list[0]
}

func reference(typeCode string, code, id *element) *element {
	act := el("act", "classCode", "ACT", "moodCode", "EVN").add(templates(ihe+".4.4.1", cisisEntry+".36")...)
	return link(typeCode, false, act.add(id, code))
}

// documents are documents elsewhere that a statement refers to, and the files, objects
// and studies that it holds.
func (w *writer) documents(e *element, list []resource) {
	for _, d := range list {
		if d.typ() == "ImagingStudy" || w.isFile(d) || isObject(d) {
			e.add(link("COMP", false, w.statement(d)))
			continue
		}
		if d.typ() != "DocumentReference" {
			continue
		}
		x := el("externalDocument", "classCode", "DOC", "moodCode", "EVN")
		for i := range d.Get("identifier").Items() {
			x.add(id(i))
		}
		x.add(w.optional("code", "", d.Get("type")))
		attachment := d.Get("content").First().Get("attachment")
		if url := attachment.Get("url").Text(); strings.Contains(url, ":") {
			x.add(el("text", "mediaType", attachment.Get("contentType").Text()).add(el("reference", "value", url)))
		} else if title := attachment.Get("title").Text(); title != "" {
			x.add(leaf("text", title))
		}
		if !x.empty() && len(x.children) > 0 {
			e.add(el("reference", "typeCode", "REFR").add(x))
		}
	}
}

// inner adds what stands inside a statement: what names it as what it is part
// of.
func (w *writer) inner(e *element, r resource) {
	for _, url := range w.parts[r.url] {
		part, typeCode := w.at(url), "COMP"
		if part.typ() == "Task" {
			typeCode = "SPRT"
		}
		e.add(link(typeCode, false, w.statement(part)))
	}
}

// performers adds who did or saw something.
func (w *writer) performers(e *element, r resource, list node, actor string) {
	for p := range list.Items() {
		reference := p
		if actor != "" {
			reference = p.Get(actor)
		}
		if party := w.assigned("assignedEntity", r, reference); party != nil {
			function := w.function(reference)
			if function == nil && actor != "" {
				function = w.optional("functionCode", "", p.Get("function"))
			}
			e.add(el("performer").add(function, point("time", extension(reference, authorTime).Text()), party))
		}
	}
}
