package interference

import (
	"slices"
	"strings"
)

// who is one that a team or consent names, often the one who asks or whom the
// asker stands in for.
func (d die) who() string {
	switch d.to(6) {
	case 0:
		return d.of(persons...)
	case 1:
		return d.of(roles...)
	case 2, 3:
		c := d.asker
		return d.of(slices.DeleteFunc([]string{c.Organization, c.Practitioner, c.Role, c.Related}, func(s string) bool { return s == "" })...)
	}
	return d.of(organisations...)
}

func concept(system, code string) string {
	return `{"coding":[` + coding(system, code) + `]}`
}

func coding(system, code string) string { return `{"system":"` + system + `","code":"` + code + `"}` }

const (
	g15        = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
	delegation = "https://cordee-sante.github.io/fhir/CodeSystem/delegation"
	delegated  = "https://cordee-sante.github.io/fhir/StructureDefinition/delegated-by"
)

// function is somebody at work, mostly d1 in o1.
func (d die) function(id string) string {
	code, standing := "", ""
	if d.one(2) {
		code = concept(g15, d.of("10", "21"))
	}
	if d.one(8) {
		standing = member("active", "false")
	}
	return `{"resourceType":"PractitionerRole","id":"` + id + `",` + d.meta() + standing + member("period", d.mostly(d.period())) + member("code", "["+code+"]") +
		member("practitioner", ref(d.of("Practitioner/d1", "Practitioner/d1", "Practitioner/d2"))) + `"organization":` + ref(d.of("Organization/o1", "Organization/o1", "Organization/o1", "Organization/o2")) + `}`
}

// delegate is somebody who stands in for another, mostly for r1.
func (d die) delegate(id string) string {
	extension := `{"url":"` + delegated + `","valueReference":` + ref(d.of(append(roles, "PractitionerRole/r1", "PractitionerRole/r1", "PractitionerRole/r1", "PractitionerRole/r1")...)) + `}`
	if d.one(12) {
		extension = ""
	}
	return `{"resourceType":"PractitionerRole","id":"` + id + `",` + member("extension", "["+extension+"]") + member("period", d.mostly(d.period())) +
		member("code", "["+concept(delegation, d.of("assistant-medical", "interne", "remplacant"))+"]") +
		`"practitioner":` + ref("Practitioner/d2") + `,"organization":` + ref("Organization/o1") + `}`
}

// mostly leaves a text out three times of four.
func (d die) mostly(text string) string {
	if d.one(4) {
		return text
	}
	return ""
}

// group is a Group of professionals, some of whom are no longer in it.
func (d die) group(id string) string {
	item := func() string {
		list := append(slices.Concat(persons, roles), d.asker.person(), d.asker.person(), d.asker.person())
		return `{` + member("period", d.period()) + member("inactive", d.mostly("true")) + `"entity":` + ref(d.of(list...)) + `}`
	}
	return `{"resourceType":"Group","id":"` + id + `",` + member("active", d.mostly(d.of("true", "false"))) + member("member", "["+d.some(3, item)+"]") +
		`"type":"practitioner","actual":` + d.of("true", "true", "true", "false") + `}`
}

func (d die) team(id string) string {
	participant := func() string {
		p := member("member", ref(d.who())) + member("period", d.period())
		switch d.to(9) {
		case 0:
			p += member("onBehalfOf", ref(d.of(organisations...)))
		case 1:
			p = member("member", ref("Patient/"+d.of(patients...)))
		}
		return "{" + strings.TrimSuffix(p, ",") + "}"
	}
	managing := ""
	if d.one(4) {
		managing = `"managingOrganization":[` + ref(d.of(organisations...)) + `],`
	}
	return `{"resourceType":"CareTeam","id":"` + id + `",` + d.meta() + managing + member("period", d.period()) + member("participant", "["+d.some(3, participant)+"]") +
		`"status":"` + d.of("active", "active", "active", "inactive") + `","subject":` + ref(d.aPatient()) + `}`
}

func (d die) provision(nested bool) string {
	purpose := func() string {
		return coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", d.of(append(purposes, "BTG")...))
	}
	p := `{` + member("period", d.period()) + member("actor", "["+d.some(2, d.actor)+"]")
	if d.one(3) {
		p += member("purpose", "["+d.some(2, purpose)+"]")
	}
	if d.one(4) {
		p += d.narrowing()
	}
	if nested && d.one(3) {
		p += member("provision", "["+d.some(2, func() string { return d.provision(false) })+"]")
	}
	return p + `"type":"` + d.of("permit", "permit", "deny") + `"}`
}

// actor is one that a provision names: mostly a professional, now and then a
// team, a group, a relative, or everybody of a profession.
func (d die) actor() string {
	target, role := d.who(), coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP")
	switch d.to(11) {
	case 0:
		target = d.of("CareTeam/t0", "CareTeam/t1", "CareTeam/none")
	case 1, 2:
		target = d.of(groups...)
	case 3:
		if target = "RelatedPerson/re1"; d.asker.Related != "" || d.one(2) {
			break
		}
		target = d.who()
	case 4:
		role = coding(g15, d.of("10", "21"))
	case 5:
		role = coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "AUT")
	}
	return `{"role":{"coding":[` + role + `]},"reference":` + ref(target) + `}`
}

// narrowing makes a provision one about some records only.
func (d die) narrowing() string {
	label := func() string {
		return d.of(coding(confidentiality, "N"), coding(confidentiality, "R"), coding(confidentiality, "V"), coding(actCode, "HIV"), coding(actCode, "PSY"), coding(visibility, "MASQUE_PS"))
	}
	datum := func() string {
		return d.of(`{"meaning":"instance","reference":`+ref(d.some1(d.of(clinical...)))+`}`, `{"meaning":"authoredby","reference":`+ref(d.of(organisations...))+`}`)
	}
	switch d.to(7) {
	case 0, 1, 2:
		return member("securityLabel", "["+label()+"]")
	case 3, 4, 5:
		return member("data", "["+datum()+"]")
	case 6:
		return member("securityLabel", "["+label()+"]") + member("data", "["+datum()+"]")
	}
	return d.of(member("dataPeriod", `{"start":"2026-01-01"}`), member("data", `[{"meaning":"related","reference":`+ref("Encounter/en1")+`}]`))
}

func (d die) consent(id string) string {
	category := `{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}`
	if d.one(6) {
		category = `{"coding":[{"system":"https://cordee-sante.github.io/fhir/CodeSystem/consent-category","code":"` + d.of("dmp-alimentation", "dmp-consultation") + `"}]}`
	}
	scope := d.of("patient-privacy", "patient-privacy", "patient-privacy", "patient-privacy", "research")
	provision := d.provision(true)
	plain := func(typ, actor string) string {
		return `{"actor":[{"role":{"coding":[` + coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP") + `]},"reference":` + ref(actor) + `}],"type":"` + typ + `"}`
	}
	switch {
	case d.theme == ofGroups && d.one(2):
		provision = plain("permit", "Group/g0")
	case d.theme == ofDenials && d.one(2):
		provision = plain("deny", d.asker.Organization)
	}
	return `{"resourceType":"Consent","id":"` + id + `",` + d.meta() + `"status":"` + d.of("active", "active", "active", "inactive") +
		`","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"` + scope + `"}]},"category":[` + category + `],"patient":` + ref(d.aPatient()) +
		`,"policy":[{"uri":"https://cordee-sante.github.io/policy"}],"dateTime":"2026-01-0` + d.of("1", "2", "3") + `","provision":` + provision + `}`
}
