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
	numbers       = []string{"280016900100101", "190050100100102", "210030100100103"} // INS of the test OID
	persons       = []string{"Practitioner/d1", "Practitioner/d2"}
	roles         = []string{"PractitionerRole/r1", "PractitionerRole/r2", "PractitionerRole/r3"}
	groups        = []string{"Group/g0", "Group/g0", "Group/g1", "Group/none"}
	purposes      = []string{"TREAT", "TREAT", "TREAT", "ETREAT", "CAREMGT", "HRESCH", "HRESCH"}
	everywhere    = []string{"system/*.cruds", "system/*.cruds", "system/*.cruds", "system/*.rs", "system/*.r system/*.cuds"}
	narrow        = []string{"system/Patient.rs system/Condition.cruds system/Observation.rs", "system/Observation.cruds", "patient/*.cruds", "patient/*.rs system/Organization.rs",
		"system/Patient.rs system/DocumentReference.cruds system/Binary.cruds", "system/*.s system/Condition.r"}
)

// A die draws.
type die struct {
	*rapid.T
	asker *caller // of the case, once drawn
	theme theme
}

// A theme makes likely what would rarely come together in one case.
type theme string

const (
	ofGroups    theme = "groups"    // those who ask are, or were, in groups that consents name
	ofContained theme = "contained" // resources within others, and searches for them
	ofDenials   theme = "denials"   // consents deny what the asker then writes
	ofDelegates theme = "delegates" // those who ask stand in for others, who come and go
	ofDocuments theme = "documents" // Binaries of documents that change hands, patients and labels
)

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
	d := die{T: t}
	d.theme = theme(d.of("", "", "", string(ofGroups), string(ofContained), string(ofDenials), string(ofDelegates), string(ofDocuments)))
	s := &script{caller: d.caller()}
	d.asker = &s.caller
	s.territory = d.territory(&s.caller)
	for range 2 + d.to(5) {
		s.requests = append(s.requests, d.read())
	}
	if d.one(3) {
		q := request{method: "GET", path: d.search() + "&_count=1", meanwhile: d.event()}
		s.requests = append(s.requests, q, d.read())
	}
	changes := d.to(5)
	if d.theme == ofDenials {
		changes += 3
	}
	for range changes {
		if s.requests = append(s.requests, d.change()); d.one(2) {
			s.requests = append(s.requests, d.read())
		}
	}
	return s
}

func (d die) territory(who *caller) []write {
	var list []write
	put := func(by, body string) { list = append(list, write{by: by, key: keyOf(body), body: body}) }
	for i, o := range organisations {
		put(registrar, fmt.Sprintf(`{"resourceType":"Organization","id":"%s","name":"%s"}`, o[len("Organization/"):], []string{"MSP", "Pharmacie", "CHU"}[i]))
	}
	put(registrar, `{"resourceType":"Practitioner","id":"d1","name":[{"family":"Zola"}]}`)
	put("Organization/o2", d.function("r1"))
	if d.one(3) {
		put("Organization/o2", d.function("r2"))
	}
	if who.Role == "PractitionerRole/r3" || d.one(8) {
		put(d.of("Organization/o1", "Organization/o2"), d.delegate("r3"))
	}
	if d.theme == ofGroups || d.one(2) {
		put(registrar, d.group("g0"))
	}
	if d.one(2) {
		put(registrar, d.valueSet("v0"))
	}
	for i := range d.to(2) {
		put(registrar, d.recordOf("PlanDefinition", fmt.Sprint("pl", 1+i)))
	}
	for _, p := range patients {
		put(d.of(organisations...), d.patient(p))
	}
	if who.Related != "" {
		put(d.of(organisations...), d.recordOf("RelatedPerson", "re1"))
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
			list = append(list, write{by: by, key: keyOf(body)})
		}
	}
	for i := range d.to(2) {
		doc := d.number("DocumentReference")
		switch {
		case d.theme == ofDocuments && d.one(2):
			put(who.Organization, d.recordOf("DocumentReference", doc))
		case d.one(2):
			put(d.of(organisations...), d.recordOf("DocumentReference", doc))
		}
		put(d.of(organisations...), d.binary(fmt.Sprint("b", i), "DocumentReference/"+doc))
		if d.one(2) { // what becomes of the document later
			body := d.recordOf("DocumentReference", doc)
			if put(d.of(organisations...), body); d.one(4) {
				list = append(list, write{by: "Organization/o1", key: keyOf(body)})
			}
		}
	}
	return list
}

// registrar is who wrote the directory.
const registrar = "Organization/registrar"

// keyOf is the key of a resource that begins with its type and id.
func keyOf(body string) string {
	_, after, _ := strings.Cut(body, `"resourceType":"`)
	typ, _, _ := strings.Cut(after, `"`)
	_, after, _ = strings.Cut(body, `"id":"`)
	id, _, _ := strings.Cut(after, `"`)
	return typ + "/" + id
}

// The systems of labels.
const (
	visibility      = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
	confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
	actCode         = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
)

func (d die) meta() string {
	label := func(system, code string) string {
		return `"meta":{"security":[{"system":"` + system + `","code":"` + code + `"}],"tag":[{"system":"urn:t","code":"t"}]},`
	}
	switch d.to(11) {
	case 0, 1:
		return label(visibility, d.of("MASQUE_PS", "MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"))
	case 2:
		return label(confidentiality, d.of("R", "R", "N"))
	case 3:
		return label(actCode, d.of("HIV", "PSY"))
	}
	return ""
}

func (d die) patient(id string) string {
	links := ""
	if d.one(8) {
		links = `"link":[{"other":` + ref("Patient/"+d.of(patients...)) + `,"type":"seealso"}],`
	}
	if d.one(16) {
		links += `"deceasedBoolean":true,`
	}
	return `{"resourceType":"Patient","id":"` + id + `",` + d.meta() + links +
		`"identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"` + d.of(numbers...) + `"}],"gender":"` + d.of("male", "female") + `","birthDate":"` + d.of("1980-01-02", "1990-05", "2010-03-01", "2008-01-15", "2008-01-16") +
		`","name":[{"family":"` + d.of("Martin", "Marin", "Zola") + `","given":["` + d.of("Ana", "Luc") + `"]}],"generalPractitioner":[` + ref(d.of(persons...)) + `],"managingOrganization":` + ref(d.of(organisations...)) + `}`
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
