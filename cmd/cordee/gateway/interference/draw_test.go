package interference

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// The pools are small, so that everything meets everything.
var (
	organisations = []string{"Organization/o1", "Organization/o2", "Organization/o3"}
	patients      = []string{"p0", "p1", "p2"}
	persons       = []string{"Practitioner/d1", "Practitioner/d2"}
	roles         = []string{"PractitionerRole/r1", "PractitionerRole/r2"}
	purposes      = []string{"TREAT", "TREAT", "TREAT", "ETREAT", "CAREMGT", "HRESCH"}
	everywhere    = []string{"system/*.cruds", "system/*.cruds", "system/*.cruds", "system/*.rs", "system/*.r system/*.cuds"}
	narrow        = []string{"system/Patient.rs system/Condition.cruds system/Observation.rs", "system/Observation.cruds", "patient/*.cruds", "patient/*.rs system/Organization.rs",
		"system/Patient.rs system/DocumentReference.cruds system/Binary.cruds", "system/*.s system/Condition.r"}
)

// A die draws.
type die struct{ *rapid.T }

func (d die) of(list ...string) string { return rapid.SampledFrom(list).Draw(d.T, "of") }
func (d die) to(n int) int             { return rapid.IntRange(0, n).Draw(d.T, "to") }
func (d die) one(in int) bool          { return d.to(in-1) == 0 }

// some joins up to n drawn items, each a JSON value.
func (d die) some(n int, f func() string) string {
	var list []string
	for range d.to(n) {
		list = append(list, f())
	}
	return strings.Join(list, ",")
}

func ref(target string) string { return `{"reference":"` + target + `"}` }

// member is `"name":value,`, or nothing when value is.
func member(name, value string) string {
	if value == "" || value == "[]" {
		return ""
	}
	return `"` + name + `":` + value + `,`
}

// drawScript draws a whole case.
func drawScript(t *rapid.T) *script {
	d := die{t}
	s := &script{caller: caller{Kind: "practice", Organization: d.of(organisations...), Purpose: d.of(purposes...)}}
	switch d.to(9) {
	case 0, 1, 2:
		s.caller.Practitioner, s.caller.Profession = d.of(persons...), d.of("10", "10", "21", "")
	case 3:
		s.caller.Organization, s.caller.Role, s.caller.Profession = d.of(organisations...), d.of(roles...), d.of("10", "21", "")
	case 4:
		s.caller.Organization, s.caller.Role, s.caller.Profession = "Organization/o1", "PractitionerRole/r1", d.of("10", "21")
		if d.one(2) {
			s.caller.Practitioner = d.of(persons...)
		}
	case 5:
		s.caller.Kind, s.caller.Patient = "patient", d.of(patients...)
	}
	if s.caller.Scopes = d.of(everywhere...); d.one(6) {
		s.caller.Scopes = d.of(narrow...)
	}
	if strings.Contains(s.caller.Scopes, "patient/") && s.caller.Patient == "" {
		s.caller.Patient = d.of(patients...)
	}
	s.territory = d.territory()
	for range 2 + d.to(5) {
		s.requests = append(s.requests, d.read())
	}
	if d.one(3) {
		q := request{method: "GET", path: d.search() + "&_count=1", meanwhile: d.event()}
		s.requests = append(s.requests, q, d.read())
	}
	for range d.to(5) {
		if s.requests = append(s.requests, d.change()); d.one(2) {
			s.requests = append(s.requests, d.read())
		}
	}
	return s
}

func (d die) territory() []write {
	var list []write
	put := func(by, body string) {
		_, after, _ := strings.Cut(body, `"resourceType":"`)
		typ, _, _ := strings.Cut(after, `"`)
		_, after, _ = strings.Cut(body, `"id":"`)
		id, _, _ := strings.Cut(after, `"`)
		list = append(list, write{by: by, key: typ + "/" + id, body: body})
	}
	for i, o := range organisations {
		put("Organization/registrar", fmt.Sprintf(`{"resourceType":"Organization","id":"%s","name":"%s"}`, o[len("Organization/"):], []string{"MSP", "Pharmacie", "CHU"}[i]))
	}
	put("Organization/registrar", `{"resourceType":"Practitioner","id":"d1","name":[{"family":"Zola"}]}`)
	put("Organization/o2", `{"resourceType":"PractitionerRole","id":"r1",`+d.meta()+`"practitioner":{"reference":"Practitioner/d1"},"organization":{"reference":"Organization/o1"}}`)
	for _, p := range patients {
		put(d.of(organisations...), d.patient(p))
	}
	for i := range d.to(4) {
		put(d.of(organisations...), d.team(fmt.Sprint("t", i)))
	}
	for i := range d.to(4) {
		put(d.of(organisations...), d.consent(fmt.Sprint("n", i)))
	}
	for range d.to(12) {
		by := d.of(organisations...)
		body := d.record(d.of(clinical...))
		if put(by, body); d.one(8) {
			list = append(list, write{by: by, key: list[len(list)-1].key})
		}
	}
	for i := range d.to(2) {
		doc := d.number("DocumentReference")
		if d.one(2) {
			put(d.of(organisations...), d.recordOf("DocumentReference", doc))
		}
		put(d.of(organisations...), d.binary(fmt.Sprint("b", i), "DocumentReference/"+doc))
		if d.one(2) { // what becomes of the document later
			if put(d.of(organisations...), d.recordOf("DocumentReference", doc)); d.one(4) {
				list = append(list, write{by: "Organization/o1", key: list[len(list)-1].key})
			}
		}
	}
	return list
}

func (d die) meta() string {
	const visibility = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
	label := func(system, code string) string {
		return `"meta":{"security":[{"system":"` + system + `","code":"` + code + `"}],"tag":[{"system":"urn:t","code":"t"}]},`
	}
	switch d.to(11) {
	case 0, 1:
		return label(visibility, d.of("MASQUE_PS", "MASQUE_PS", "INVISIBLE_PATIENT"))
	case 2:
		return label("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R")
	case 3:
		return label("http://terminology.hl7.org/CodeSystem/v3-ActCode", d.of("HIV", "PSY"))
	}
	return ""
}

func (d die) patient(id string) string {
	links := ""
	if d.one(8) {
		links = `"link":[{"other":` + ref("Patient/"+d.of(patients...)) + `,"type":"seealso"}],`
	}
	return `{"resourceType":"Patient","id":"` + id + `",` + d.meta() + links +
		`"identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"` + d.of("1", "2", "3") + `"}],"gender":"` + d.of("male", "female") + `","birthDate":"` + d.of("1980-01-02", "1990-05") +
		`","name":[{"family":"` + d.of("Martin", "Marin", "Zola") + `"}],"generalPractitioner":[` + ref(d.of(persons...)) + `],"managingOrganization":` + ref(d.of(organisations...)) + `}`
}

func (d die) who() string {
	switch d.to(5) {
	case 0:
		return d.of(persons...)
	case 1:
		return d.of(roles...)
	}
	return d.of(organisations...)
}

// period is one that ends after it starts.
func (d die) period() string {
	start, end := "", ""
	switch d.to(5) {
	case 0:
		end = d.of("2026-01-14", "2026-01-15", "2026-01-16")
	case 1:
		start = d.of("2026-01-14", "2026-01-15", "2026-01-16")
	case 2:
		start, end = "2025-01-01", d.of("2026-01-14", "2026-01-15")
	default:
		return ""
	}
	return strings.TrimSuffix(`{`+member("start", quote(start))+member("end", quote(end)), ",") + `}`
}

func quote(s string) string {
	if s == "" {
		return ""
	}
	return `"` + s + `"`
}

// aPatient is mostly a literal relative reference.
func (d die) aPatient() string {
	p := "Patient/" + d.of(patients...)
	if d.one(12) {
		p = base + "/" + p
	}
	return p
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
	actor := func() string {
		target := d.who()
		if d.one(8) {
			target = d.of("CareTeam/t0", "CareTeam/t1", "CareTeam/none")
		}
		return `{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":` + ref(target) + `}`
	}
	purpose := func() string {
		return `{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"` + d.of(purposes...) + `"}`
	}
	p := `{` + member("period", d.period()) + member("actor", "["+d.some(2, actor)+"]")
	if d.one(3) {
		p += member("purpose", "["+d.some(2, purpose)+"]")
	}
	if nested && d.one(3) {
		p += member("provision", "["+d.some(2, func() string { return d.provision(false) })+"]")
	}
	return p + `"type":"` + d.of("permit", "permit", "deny") + `"}`
}

func (d die) consent(id string) string {
	category := `{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}`
	if d.one(6) {
		category = `{"coding":[{"system":"https://cordee-sante.github.io/fhir/CodeSystem/consent-category","code":"` + d.of("dmp-alimentation", "dmp-consultation") + `"}]}`
	}
	scope := d.of("patient-privacy", "patient-privacy", "patient-privacy", "patient-privacy", "research")
	return `{"resourceType":"Consent","id":"` + id + `",` + d.meta() + `"status":"` + d.of("active", "active", "active", "inactive") +
		`","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"` + scope + `"}]},"category":[` + category + `],"patient":` + ref(d.aPatient()) +
		`,"policy":[{"uri":"https://cordee-sante.github.io/policy"}],"dateTime":"2026-01-0` + d.of("1", "2", "3") + `","provision":` + d.provision(true) + `}`
}
