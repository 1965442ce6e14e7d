package writer

// subjectOf is the subject of a section or an observation that looks at somebody
// else than the patient: his newborn child, or somebody close to him. It is nil
// for nobody, and for whom the part around it is about already.
func (w *writer) subjectOf(from resource, reference node) *element {
	r, ok := w.find(from, reference)
	if !ok || r.url == w.about || r.url == w.focus {
		return nil
	}
	related := el("relatedSubject", "classCode", "PRS")
	person := el("subject")
	switch r.typ() {
	case "Patient":
		w.about = r.url
		for i := range r.Get("identifier").Items() {
			if e := id(i); e != nil {
				e.name = "sdtc:id"
				related.add(e)
			}
		}
		related.add(fixed("code", "CHILD", "Enfant", "2.16.840.1.113883.5.111"))
		person.add(w.patientNames(r.node)...)
	case "RelatedPerson":
		w.focus = r.url
		related.add(w.optional("code", "", r.Get("relationship").First()))
		person.add(w.names(r.node)...)
	default:
		return nil
	}
	related.add(w.addresses(r.node)...).add(w.telecoms(r.node)...)
	person.add(w.sex(r.Get("gender").Text()))
	birth := extension(r.Get("_birthDate"), baseExtension+"patient-birthTime").Text()
	if birth == "" {
		birth = r.Get("birthDate").Text()
	}
	person.add(point("birthTime", birth))
	if order := r.Get("multipleBirthInteger").Text(); order != "" {
		person.add(el("sdtc:multipleBirthOrderNumber", "value", order))
	}
	return el("subject", "typeCode", "SBJ").add(templates(ihe+".4.15.2", cisisEntry+".60")...).add(related.add(person))
}

// isAbout reports whether a resource is about whom the part of the document is
// about. What is about somebody else is no entry: it would be read as a statement
// about the patient.
func (w *writer) isAbout(r resource) bool {
	for _, name := range []string{"subject", "patient", "for"} {
		if reference := r.Get(name); reference.Exists() {
			to, ok := w.find(r, reference)
			return ok && to.url == w.about
		}
	}
	return false
}
