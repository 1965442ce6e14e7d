package writer

import "strings"

const (
	oidDICOM     = "1.2.840.10008.2.16.4" // DICOM Controlled Terminology, PS3.16
	dicomAddress = ourDefinitions + "dicom-address"
)

// imagingStudy writes an ImagingStudy as FR-DICOM-Examen-imagerie (DICOM PS3.20 Study
// Act): the study, its series, and their objects.
func (w *writer) imagingStudy(r resource) *element {
	e := el("act", "classCode", "ACT", "moodCode", "EVN").add(templates("1.2.840.10008.9.16", cisisEntry+".155")...).add(ids(r)...)
	e.add(w.optional("code", "", r.Get("procedureCode").First()).or(fixed("code", "113014", "Study", oidDICOM)))
	notes := 0
	if first := r.Get("note").First(); first.Get("text").Exists() && !first.Get("time").Exists() && !first.Get("authorReference").Exists() {
		e.add(w.said("text", first.Get("text").Text()))
		notes = 1
	}
	e.add(point("effectiveTime", r.Get("started").Text()))
	for s := range r.Get("series").Items() {
		e.add(link("COMP", false, w.series(s)))
	}
	w.comments(e, r, notes)
	w.reasons(e, r)
	return e
}

// series is a Series Act.
func (w *writer) series(n node) *element {
	e := el("act", "classCode", "ACT", "moodCode", "EVN").add(templates("1.2.840.10008.9.17", cisisEntry+".156")...)
	e.add(el("id", "root", strings.TrimPrefix(n.Get("uid").Text(), "urn:oid:")))
	code := fixed("code", "113015", "Series", oidDICOM)
	if modality := el("value"); w.coding(modality, n.Get("modality")) && n.At("modality", "code").Text() != "" {
		code.add(el("qualifier").add(fixed("name", "121139", "Modality", oidDICOM), modality))
	}
	e.add(code, w.said("text", n.Get("description").Text()), point("effectiveTime", n.Get("started").Text()))
	for i := range n.Get("instance").Items() {
		o := el("observation", "classCode", "DGIMG", "moodCode", "EVN").add(templates("1.2.840.10008.9.18")...)
		o.add(el("id", "root", strings.TrimPrefix(i.Get("uid").Text(), "urn:oid:")))
		o.add(el("code", "code", strings.TrimPrefix(i.At("sopClass", "code").Text(), "urn:oid:"), "codeSystem", oidSOPClass))
		if url := extension(i, dicomAddress).Text(); url != "" {
			o.add(el("text", "mediaType", "application/dicom").add(el("reference", "value", url)))
		}
		e.add(link("COMP", false, o))
	}
	return e
}
