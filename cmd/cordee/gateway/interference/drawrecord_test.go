package interference

import (
	"slices"
	"strings"
)

// clinical are the types of records that a case draws, often ones more often.
var clinical = []string{"Condition", "Condition", "Observation", "Observation", "CarePlan", "Encounter", "DocumentReference", "List", "Provenance", "Task", "RelatedPerson", "MedicationRequest", "AllergyIntolerance", "Composition"}

// number is the id of one of a few records of a type.
func (d die) number(typ string) string {
	return strings.ToLower(typ[:2]) + d.of("1", "2", "3", "4")
}

func (d die) some1(typ string) string { return typ + "/" + d.number(typ) }

// record draws one of the type, which may be a further version of one drawn
// before, and may be about another patient then.
func (d die) record(typ string) string { return d.recordOf(typ, d.number(typ)) }

func (d die) recordOf(typ, id string) string {
	head := `{"resourceType":"` + typ + `",` + member("id", quote(id)) + d.meta()
	subject := member("subject", ref(d.aPatient()))
	code := `{"coding":[{"system":"urn:s","code":"` + d.of("a", "b", "c") + `","display":"` + d.of("Asthme", "Grippe") + `"}]}`
	rest := ""
	if d.one(4) { // words
		rest += `"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">` + d.of("Asthme ancien", "Grippe") + `</div>"},`
	}
	if d.one(3) != (d.theme == ofContained) && slices.Contains([]string{"CarePlan", "Encounter", "List", "Task"}, typ) {
		rest += `"contained":[{"resourceType":"Condition","id":"in",` + subject + `"code":` + code + `}],`
	}
	switch typ {
	case "Condition":
		rest += subject + member("code", code) + `"onsetDateTime":"` + d.of("2024", "2025-05", "2026-01-02") + `",`
		if d.one(5) {
			rest += member("asserter", ref(d.of("Patient/"+d.of(patients...), d.of(persons...))))
		}
	case "Observation":
		rest += subject + member("code", code) + `"status":"` + d.of("final", "amended") + `","valueQuantity":{"value":` + d.of("1", "2.5", "120") + `,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"},` +
			member("derivedFrom", "["+d.some(1, func() string { return ref(d.some1("Observation")) })+"]") + member("focus", "["+d.some(1, func() string { return ref(d.some1("Condition")) })+"]")
		if d.one(6) {
			rest += member("performer", "["+ref("Patient/"+d.of(patients...))+"]")
		}
	case "CarePlan":
		rest += subject + `"status":"` + d.of("active", "completed") + `","intent":"plan",` + member("addresses", "["+d.some(2, func() string { return ref(d.some1("Condition")) })+"]") +
			member("instantiatesCanonical", "["+d.some(1, func() string { return quote("urn:p" + d.of("", "|1", "|2")) })+"]") +
			member("basedOn", "["+d.some(1, func() string { return ref(d.some1("CarePlan")) })+"]") + member("careTeam", "["+d.some(1, func() string { return ref("CareTeam/t0") })+"]")
	case "Encounter":
		rest += subject + `"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},` + member("diagnosis", "["+d.some(1, func() string { return `{"condition":` + ref(d.some1("Condition")) + `}` })+"]")
	case "DocumentReference":
		rest += subject + `"status":"current","content":[{"attachment":{"contentType":"text/plain","url":"Binary/b` + d.of("0", "1") + `"}}],` + member("author", "["+d.some(1, func() string { return ref(d.of(organisations...)) })+"]")
	case "List":
		rest += subject + `"status":"current","mode":"working",` + member("entry", "["+d.some(3, func() string {
			return `{"item":` + ref(d.some1(d.of("Condition", "Observation", "CarePlan", "Condition"))) + `}`
		})+"]")
	case "Provenance":
		rest += `"target":[` + ref(d.of(d.some1("Condition"), "Patient/"+d.of(patients...))) + `],"recorded":"2026-01-02T10:00:00Z","agent":[{"who":` + ref(d.of(organisations...)) + `}],`
	case "Task":
		rest += `"status":"requested","intent":"order",` + member("for", ref(d.aPatient())) + member("focus", ref(d.some1("CarePlan")))
	case "Composition":
		section := func() string { return ref(d.some1(d.of("Condition", "Observation", "CarePlan", "Encounter"))) }
		rest += subject + `"status":"final","type":` + concept("http://loinc.org", "11503-0") + `,"date":"2026-01-02","title":"Note","author":[` + ref(d.of(organisations...)) + `],` +
			member("section", `[{`+member("entry", "["+d.some(3, section)+"]")+`"title":"Suivi"}]`)
	case "RelatedPerson":
		rest += member("patient", ref(d.aPatient())) + `"name":[{"family":"` + d.of("Martin", "Zola") + `"}],` + member("period", d.mostly(d.period())) +
			member("relationship", "["+concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", d.of("FTH", "FTH", "GUARD", "K"))+"]")
		if d.one(8) {
			rest += member("active", "false")
		}
	case "MedicationRequest":
		rest += subject + `"status":"active","intent":"order",` + member("medicationCodeableConcept", code)
	case "PlanDefinition": // two may share a canonical
		rest += `"status":"active","url":"urn:p","version":"` + d.of("1", "2") + `",`
	case "AllergyIntolerance":
		rest += member("patient", ref(d.aPatient())) + member("code", code)
	}
	return head + strings.TrimSuffix(rest, ",") + "}"
}

func (d die) binary(id, document string) string {
	context := member("securityContext", ref(d.of("Patient/"+d.of(patients...), document, document, document)))
	if d.one(4) {
		context = ""
	}
	return `{"resourceType":"Binary","id":"` + id + `",` + d.meta() + context + `"contentType":"text/plain","data":"c2VjcmV0"}`
}

// valueSet is a list of codes, which may be masked as everything may.
func (d die) valueSet(id string) string {
	return `{"resourceType":"ValueSet","id":"` + id + `",` + d.meta() + `"status":"active","url":"urn:v","compose":{"include":[{"system":"urn:s","concept":[{"code":"` + d.of("a", "b") + `"}]}]}}`
}
