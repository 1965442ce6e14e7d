package writer

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// recordTarget is the patient, the INS first.
func (w *writer) recordTarget(r resource) *element {
	role := el("patientRole")
	var others []*element
	for i := range r.Get("identifier").Items() {
		e := id(i)
		if oid := strings.TrimPrefix(i.Get("system").Text(), "urn:oid:"); adapters.IsINS(oid) {
			role.add(e)
		} else if e != nil {
			others = append(others, e)
		}
	}
	if role.add(others...); len(role.children) == 0 {
		role.add(derived(r, ""))
	}
	role.add(w.addresses(r.node)...).add(w.telecoms(r.node)...)
	if len(w.telecoms(r.node)) == 0 {
		role.add(null("telecom", "NASK"))
	}
	if len(w.addresses(r.node)) == 0 {
		role.add(null("addr", "NASK"))
	}
	role.add(w.patient(r))
	if o, ok := w.find(r, r.Get("managingOrganization")); ok {
		role.add(w.organization("providerOrganization", o))
	}
	return el("recordTarget").add(role)
}

// patient is the person: names, sex, birth, death, guardians, languages.
func (w *writer) patient(r resource) *element {
	p := el("patient").add(w.patientNames(r.node)...)
	p.add(w.sex(r.Get("gender").Text()).or(null("administrativeGenderCode", "UNK")))
	birth := extension(r.Get("_birthDate"), baseExtension+"patient-birthTime").Text()
	if birth == "" {
		birth = r.Get("birthDate").Text()
	}
	p.add(point("birthTime", birth).or(null("birthTime", "UNK")))
	switch typ, v := choice(r.node, "deceased"); typ {
	case "Boolean":
		p.add(el("sdtc:deceasedInd", "value", v.Text()))
	case "DateTime":
		p.add(el("sdtc:deceasedInd", "value", "true"), point("sdtc:deceasedTime", v.Text()))
	}
	switch typ, v := choice(r.node, "multipleBirth"); typ {
	case "Boolean":
		p.add(el("sdtc:multipleBirthInd", "value", v.Text()))
	case "Integer":
		p.add(el("sdtc:multipleBirthInd", "value", "true"), el("sdtc:multipleBirthOrderNumber", "value", v.Text()))
	}
	p.add(w.optional("maritalStatusCode", "", r.Get("maritalStatus")))
	for c := range r.Get("contact").Items() {
		p.add(w.guardian(r, c))
	}
	if place := extension(r.node, baseExtension+"patient-birthPlace"); place.Exists() {
		at := w.address(place)
		at.children, at.mixed = without(at.children, ""), false // words for it are its name
		p.add(el("birthplace").add(el("place").add(leaf("name", place.Get("text").Text()), at)))
	}
	for c := range r.Get("communication").Items() {
		if tag := c.Get("language").Get("coding").First().Get("code").Text(); tag != "" {
			l := el("languageCommunication").add(el("languageCode", "code", tag))
			if preferred := c.Get("preferred").Text(); preferred != "" {
				l.add(el("preferenceInd", "value", preferred))
			}
			p.add(l)
		}
	}
	return p
}

// patientNames writes the names of the patient with the qualifiers of France:
// of birth (BR), with the list of given names, in use (CL), of marriage (SP). A
// single name without use is written as it is.
func (w *writer) patientNames(n node) []*element {
	p := el("name")
	var plain []*element
	for v := range n.Get("name").Items() {
		switch v.Get("use").Text() {
		case "official":
			w.qualified(p, v, "BR")
			for e := range v.Get("extension").Items() {
				if strings.HasSuffix(e.Get("url").Text(), "/fr-core-patient-birth-list-given-name") {
					p.add(leaf("given", value(e).Text()))
				}
			}
		case "usual":
			w.qualified(p, v, "CL")
			p.add(leaf("family", extension(v.Get("_family"), baseExtension+"humanname-partner-name").Text(), "qualifier", "SP"))
		default:
			plain = append(plain, w.name(v))
		}
	}
	if len(p.children) > 0 {
		plain = append([]*element{p}, plain...)
	}
	if len(plain) == 0 {
		plain = append(plain, null("name", "UNK"))
	}
	return plain
}

func (w *writer) qualified(p *element, n node, qualifier string) {
	for _, part := range []string{"prefix", "suffix"} {
		for v := range n.Get(part).Items() {
			p.add(leaf(part, v.Text()))
		}
	}
	p.add(leaf("family", n.Get("family").Text(), "qualifier", qualifier))
	for v := range n.Get("given").Items() {
		p.add(leaf("given", v.Text(), "qualifier", qualifier))
	}
}

// guardian is the legal representative; other contacts have no place in the
// recordTarget.
func (w *writer) guardian(r resource, n node) *element {
	guardian := false
	g := el("guardian", "classCode", "GUARD")
	for relationship := range n.Get("relationship").Items() {
		if coded(relationship, "GUARD") {
			guardian = true
			continue
		}
		g.add(w.concept("code", "", relationship))
	}
	if !guardian {
		return nil
	}
	if a := n.Get("address"); a.Exists() {
		g.add(w.address(a))
	}
	g.add(w.telecoms(n)...)
	if v := n.Get("name"); v.Exists() {
		g.add(el("guardianPerson").add(w.name(v)))
	} else if o, ok := w.find(r, n.Get("organization")); ok {
		g.add(w.organization("guardianOrganization", o))
	}
	return g
}
