package cda

import (
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

const (
	oidDICOM       = "1.2.840.10008.2.16.4" // DICOM Controlled Terminology, PS3.16
	dicomEndpoint  = adapters.Canonical + "/StructureDefinition/dicom-address"
	dicomSOPSystem = "urn:ietf:rfc:3986"
)

// imagingStudyOf maps FR-DICOM-Examen-imagerie (DICOM PS3.20 Study Act): an act
// for the study, one for each series, and an observation for each object.
func imagingStudyOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("ImagingStudy", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	r.Set("status", c.attributed(toImagingStatus, "ActStatus", state.Attr("code")), mark(state))
	if !r.Has("status") {
		r.Set("status", "available")
	}
	if study := fixedCode(n, "113014"); study != nil {
		r.Mark(study...)
	} else {
		r.Add("procedureCode", c.coded(n.Element("code")))
	}
	c.subject(&r.Object, "subject")
	at := n.Element("effectiveTime")
	r.Set("started", c.dateTime(at), mark(at))
	var modalities []*object
	for link := range n.Elements("entryRelationship") {
		if s := link.Element("act"); s != nil && kindOf(s) == imagingSeries && !c.taken[s] {
			c.taken[s], c.made[s] = true, r
			if series := c.series(s, r); series != nil {
				modalities = append(modalities, series.Object("modality"))
				r.Add("series", series)
			}
		}
	}
	for _, m := range modalities {
		if !contains(r.Objects("modality"), m) {
			r.Add("modality", new(object).Set("system", m.Text("system")).Set("code", m.Text("code")).Set("display", m.Text("display")))
		}
	}
	if text, from := c.text(n.Element("text")); text != "" {
		r.Add("note", new(object).Set("text", text, from...))
	}
	return c.withRelated(r, n)
}

func contains(list []*object, o *object) bool {
	for _, other := range list {
		if other.Text("code") == o.Text("code") && other.Text("system") == o.Text("system") {
			return true
		}
	}
	return false
}

// series returns ImagingStudy.series, nil without the UID that it has to have.
func (c *conversion) series(n *node, r *draft.Resource) *object {
	id := n.Element("id")
	uid := strings.TrimSpace(id.Attr("root"))
	if !adapters.IsOID(uid) {
		return nil
	}
	o := new(object).Set("uid", uid, head(n, mark(id))...)
	qualifier := n.Element("code", "qualifier")
	modality := coding(qualifier.Element("value"))
	if modality == nil {
		modality = new(object).Set("system", adapters.System(oidDICOM)).Set("code", "OT")
	}
	o.Put("modality", modality.Mark(mark(qualifier.Element("name"))))
	if text, from := c.text(n.Element("text")); text != "" {
		o.Set("description", text, from...)
	}
	at := n.Element("effectiveTime")
	o.Set("started", c.dateTime(at), mark(at))
	count := 0
	for link := range n.Elements("entryRelationship") {
		if s := link.Element("observation"); s != nil && kindOf(s) == imagingInstance && !c.taken[s] {
			c.taken[s], c.made[s] = true, r
			if instance := c.instance(s); instance != nil {
				o.Add("instance", instance)
				count++
			}
		}
	}
	if count > 0 {
		o.Literal("numberOfInstances", strconv.Itoa(count))
	}
	return o
}

// imagingInstanceOf maps an object that is named outside its study: the picture
// that a finding was seen on.
func imagingInstanceOf(c *conversion, n *node) []*draft.Resource {
	d := c.newEntry("DocumentReference", n)
	d.Set("status", "current")
	identifiers(&d.Object, n)
	d.Put("type", c.coded(n.Element("code")))
	c.subject(&d.Object, "subject")
	if at := n.Element("effectiveTime"); c.instant(at) != "" {
		d.Set("date", c.instant(at), mark(at))
	}
	attachment := new(object)
	if link := n.Element("text", "reference"); mark(link) != 0 && !strings.HasPrefix(link.Attr("value"), "#") {
		elsewhere(attachment, link, n.Element("text"))
	}
	if attachment.Empty() {
		attachment = c.absentConcept(nil)
	}
	d.Mark(mark(n.Element("statusCode")))
	d.Add("content", new(object).Put("attachment", attachment))
	return c.withRelated(d, n)
}

// instance returns one object of a series: its UID, its class, and where it is.
func (c *conversion) instance(n *node) *object {
	id, class := n.Element("id"), n.Element("code")
	uid := strings.TrimSpace(id.Attr("root"))
	if !adapters.IsOID(uid) || !adapters.IsOID(token(class.Attr("code"))) {
		return nil
	}
	o := new(object)
	if link := n.Element("text", "reference"); safeLink(link.Attr("value")) && link.Attr("value") == token(link.Attr("value")) {
		o.Add("extension", extension(dicomEndpoint).Set("value|url", link.Attr("value"), mark(link)))
	}
	o.Set("uid", uid, mark(id), mark(n.Element("statusCode")))
	o.Put("sopClass", new(object).Set("system", dicomSOPSystem).Set("code", "urn:oid:"+token(class.Attr("code")), mark(class)))
	return o
}
