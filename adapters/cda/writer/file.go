package writer

import (
	"encoding/base64"
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// embeddedMost bounds what files of a document may hold together: base64 of it stays
// below what readers of documents take.
const embeddedMost = 32 << 20

const oidSOPClass = "1.2.840.10008.2.6.1"

// isFile reports whether a DocumentReference is a file that goes into the document,
// and not a document elsewhere: a Binary that can be had.
func (w *writer) isFile(r resource) bool {
	if r.typ() != "DocumentReference" || r.Get("masterIdentifier").Exists() {
		return false
	}
	_, ok := w.bytes(r.Get("content").First().Get("attachment"))
	return ok
}

// bytes returns those of an Attachment that is a Binary here. What the caller
// may not read, or is too large with all that was read before, is not there.
func (w *writer) bytes(attachment node) ([]byte, bool) {
	url := attachment.Get("url").Text()
	if url == "" || w.file == nil || !strings.Contains("/"+url, "/Binary/") {
		return nil, false
	}
	if data, known := w.files[url]; known {
		return data, data != nil
	}
	data, ok := w.file(url)
	if w.embedded += len(data); !ok || w.embedded > embeddedMost {
		data = nil
	}
	w.files[url] = data
	return data, data != nil
}

// document writes a DocumentReference as FR-Document-attache, or as a mere
// observationMedia when nothing says what kind of document it is.
func (w *writer) document(r resource) *element {
	if r.Get("masterIdentifier").Exists() {
		return nil // this document itself, or another one
	}
	typ, category := r.Get("type"), r.Get("category").First()
	if strings.HasSuffix(typ.Get("coding").First().Get("system").Text(), oidSOPClass) {
		return w.object(r)
	}
	media := w.media(r)
	if media == nil || !typ.Exists() && !category.Exists() {
		return media
	}
	e := el("organizer", "classCode", "CLUSTER", "moodCode", "EVN").add(templates(cisisEntry + ".18")...)
	e.add(derived(r, "organizer"), w.optional("code", "", category).or(fixed("code", "55107-7", "Document attaché", oidLOINC)), completed())
	if typ.Exists() {
		o := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates(ihe+".4.13", cisisEntry+".48", cisisEntry+".48.18")...)
		o.add(fixed("code", "69764-9", "Type de document", oidLOINC), w.said("text", typ.Get("text").Text()), completed(), null("effectiveTime", "NA"), w.plain("CD", typ))
		e.add(el("component").add(o))
	}
	return e.add(el("component").add(media))
}

// media is an observationMedia: the bytes, or where they are; nil for neither.
func (w *writer) media(r resource) *element {
	content := r.Get("content").First()
	attachment := content.Get("attachment")
	value := w.ed(attachment)
	if value == nil {
		return nil
	}
	second := false
	for c := range r.Get("content").Items() {
		if preview := w.ed(c.Get("attachment")); second && preview != nil {
			preview.name = "thumbnail"
			preview.attrs = preview.attrs[2:] // its type is fixed
			value.children = append([]*element{preview}, value.children...)
		}
		second = true
	}
	e := el("observationMedia", "classCode", "OBS", "moodCode", "EVN").add(ids(r)...)
	if spoken := attachment.Get("language").Text(); spoken != "" {
		e.add(el("languageCode", "code", spoken))
	}
	e.add(value, w.author(r, r.Get("author").First(), r.Get("date").Text()))
	return e
}

// ed is the ED of an Attachment, nil when its bytes are not to be had and nothing
// says where they are.
func (w *writer) ed(attachment node) *element {
	typed := []string{"xsi:type", "ED", "mediaType", attachment.Get("contentType").Text()}
	if data, ok := w.bytes(attachment); ok {
		return leaf("value", base64.StdEncoding.EncodeToString(data), append(typed, "representation", "B64")...)
	}
	url, title := attachment.Get("url").Text(), attachment.Get("title").Text()
	switch {
	case strings.Contains(url, ":"):
		return el("value", typed...).add(el("reference", "value", url))
	case url == "" && title != "":
		return el("value", typed...).add(el("reference", "value", title))
	case url == "" && extension(attachment, absentReason).Exists():
		return el("value", "xsi:type", "ED", "nullFlavor", nullFlavorOr(w.flavor(extension(attachment, absentReason).Text())))
	}
	return nil
}

func nullFlavorOr(flavor string) string {
	if flavor == "" {
		return "UNK"
	}
	return flavor
}

// object is an object of DICOM outside its study (PS3.20 SOP Instance
// Observation).
func (w *writer) object(r resource) *element {
	e := el("observation", "classCode", "DGIMG", "moodCode", "EVN").add(templates("1.2.840.10008.9.18")...).add(ids(r)...)
	e.add(w.concept("code", "", r.Get("type")), point("effectiveTime", r.Get("date").Text()))
	attachment := r.Get("content").First().Get("attachment")
	if url := joined(attachment.Get("url").Text(), attachment.Get("title").Text()); url != "" {
		e.add(el("text", "mediaType", attachment.Get("contentType").Text()).add(el("reference", "value", url)))
	}
	return e
}

// held are the files, studies and specimens that a statement holds.
func (w *writer) held(r resource) (list []resource) {
	var references []node
	for _, name := range []string{"derivedFrom", "report", "supportingInfo", "supportingInformation"} {
		references = append(references, r.Get(name))
	}
	for e := range r.Get("evidence").Items() {
		references = append(references, e.Get("detail"))
	}
	for _, n := range references {
		for _, to := range w.all(r, n) {
			if to.typ() == "ImagingStudy" || w.isFile(to) || isObject(to) {
				list = append(list, to)
			}
		}
	}
	if source, ok := w.find(r, r.Get("sourceReference")); ok && w.isFile(source) {
		list = append(list, source)
	}
	return list
}

func isObject(r resource) bool {
	return r.typ() == "DocumentReference" && strings.HasSuffix(r.Get("type").Get("coding").First().Get("system").Text(), oidSOPClass)
}

// whole is the body of a document that is one file (CDA level 1): the DocumentReference
// of the document has it beside the original. It is nil for any other.
func (w *writer) whole(c resource) *element {
	sections := c.Get("section")
	if sections.Len() != 1 || sections.First().Get("entry").Len() != 1 || sections.First().Get("text").Exists() {
		return nil
	}
	d, ok := w.find(c, sections.First().Get("entry").First())
	if !ok || d.typ() != "DocumentReference" || !d.Get("masterIdentifier").Exists() {
		return nil
	}
	second := fhirjson.Node{}
	for content := range d.Get("content").Items() {
		second = content.Get("attachment")
	}
	data, ok := w.bytes(second)
	if !ok || d.Get("content").Len() < 2 {
		return nil
	}
	body := el("nonXMLBody").add(leaf("text", base64.StdEncoding.EncodeToString(data), "mediaType", second.Get("contentType").Text(), "representation", "B64"))
	if spoken := second.Get("language").Text(); spoken != "" {
		body.add(el("languageCode", "code", spoken))
	}
	return body
}
