package interference

import (
	"net/url"
	"strings"
)

// types are those that requests name.
var types = append([]string{"Patient", "Patient", "CareTeam", "Consent", "Binary", "Organization", "PractitionerRole", "Communication", "Group", "PlanDefinition"}, clinical...)

// key is that of a record which may be there.
func (d die) key() string {
	switch typ := d.of(types...); typ {
	case "Patient":
		return "Patient/" + d.of("p0", "p1", "p2", "p3")
	case "CareTeam":
		return "CareTeam/t" + d.of("0", "1", "2", "9")
	case "Consent":
		return "Consent/n" + d.of("0", "1", "2", "9")
	case "Binary":
		return "Binary/b" + d.of("0", "1")
	case "Organization", "PractitionerRole":
		return d.of(append(organisations, roles...)...)
	case "Group":
		return d.of(groups...)
	default:
		return d.some1(typ)
	}
}

// read draws a request that changes nothing.
func (d die) read() request {
	q := request{method: "GET"}
	switch d.to(13) {
	case 12, 13:
		return d.question()
	case 0:
		key := d.key()
		if d.theme == ofDocuments {
			key = d.of("Binary/b0", "Binary/b1")
		}
		q.path = key + d.of("", "", "?_summary=true", "?_elements=subject", "?_elments=x")
	case 1:
		q.path = d.key() + "/_history/" + d.of("1", "2", "3", "x_")
	case 2:
		q.path = d.key() + "/_history" + d.of("", "?_count=1", "?_since=2026-01-15T10:50:00Z")
	case 3:
		q.path = d.of("", d.of(types...)+"/") + "_history" + d.of("", "?_count=1", "?_count=3", "?_since=2026-01-15T10:45:00Z")
	case 4:
		q.path = "Patient/" + d.of("p0", "p1", "p2", "p3") + "/$everything" + d.of("", "?_count=2", "?_type=Condition,Observation", "?_since=2026-01-15T10:45:00Z", "?_count=1", "?_type=Organization,Practitioner", "?_count=1&_type=Patient,DocumentReference,Organization")
	case 5:
		q.path = d.wrong()
	default:
		q.path = d.search()
		if path, query, _ := strings.Cut(q.path, "?"); d.one(6) {
			q.method, q.path, q.body = "POST", strings.TrimPrefix(path+"/_search", "/"), query
			q.header = append(q.header, [2]string{"Content-Type", "application/x-www-form-urlencoded"})
		}
	}
	if q.method == "GET" {
		q.method = d.of("GET", "GET", "GET", "GET", "GET", "HEAD")
	}
	d.headers(&q)
	return q
}

func (d die) headers(q *request) {
	switch d.to(15) {
	case 0:
		q.header = append(q.header, [2]string{"If-None-Match", d.of(`W/"1"`, `W/"2"`, `*`)})
	case 1:
		q.header = append(q.header, [2]string{"If-Modified-Since", "Thu, 15 Jan 2026 10:50:00 GMT"})
	case 2:
		q.header = append(q.header, [2]string{"Accept-Language", "fr"})
	case 3:
		q.header = append(q.header, [2]string{"Accept", d.of("application/fhir+json", "text/plain", "image/png", "*/*")})
	case 4:
		q.header = append(q.header, [2]string{"Prefer", d.of("handling=lenient", "return=minimal", "return=representation", "return=OperationOutcome")})
	}
}

// params are the parameters that a type is searched by.
var params = map[string][]string{
	"":                   {"_id=p0,co1,ob1,ca1", "_lastUpdated=gt2020", "_tag=t", "_security=R", "_type=Patient,Condition&_id=p0,p1,co1", "_type=Condition,Observation"},
	"Patient":            {"family=mar", "family:exact=Martin", "gender=male", "birthdate=ge1985", "identifier=" + numbers[0], "identifier=urn:oid:1.2.250.1.213.1.4.10|" + numbers[1], "_has:Condition:patient:code=a", "_has:CarePlan:subject:condition:Condition.code=b", "_has:Observation:subject:value-quantity=gt2", "_has:Consent:patient:status=active", "_has:CareTeam:subject:participant=Organization/o1", "_has:RelatedPerson:patient:name=zo", "link=Patient/p1", "link:below=p1", "link:above=Patient/p0", "organization:below=o1", "organization=Organization/o1", "general-practitioner:Practitioner.family=zola", "name:contains=ar", "_has:AuditEvent:patient:action=R", "_has:Provenance:target:agent=Organization/o2"},
	"CareTeam":           {"subject=Patient/p0", "status=active", "participant=Organization/o1", "patient.family=mar", "subject:Patient._has:Condition:patient:code=a"},
	"Consent":            {"patient=p0", "status=active", "actor=Organization/o2", "patient.gender=female", "date=ge2026-01-02", "purpose=TREAT"},
	"Binary":             {"_lastUpdated=gt2020"},
	"Organization":       {"name=m", "_has:Patient:organization:family=martin", "_has:Provenance:agent:target:Condition.code=a"},
	"PractitionerRole":   {"organization=Organization/o1", "practitioner.family=zola"},
	"Condition":          {"code=a", "code=urn:s|b", "code:not=a", "code=a,b", "patient=p0", "subject=Patient/p1,Patient/p2", "onset-date=ge2025", "onset-date:missing=true", "subject:Patient.family=mar", "patient.gender=female", "patient.identifier=" + numbers[0], "asserter=Patient/p0", "asserter:missing=true", "subject:Patient._has:CarePlan:subject:status=active", "_has:Encounter:diagnosis:status=finished", "_has:List:item:status=current", "_has:CarePlan:condition:subject:Patient.family=zola", "code:text=asthme"},
	"Observation":        {"code=a", "status=final", "value-quantity=gt2", "value-quantity=1||mg", "subject=Patient/p0", "patient.family=zo", "derived-from:Observation.code=a", "derived-from:below=Observation/ob1", "derived-from:above=ob2", "derived-from.subject:Patient.family=mar", "focus:Condition.code=b", "combo-code-value-quantity=a$gt1", "performer:Patient.family=mar", "_has:Observation:derived-from:code=b"},
	"CarePlan":           {"status=active", "subject=Patient/p0", "condition:Condition.code=a", "condition.subject:Patient.family=zola", "status:not=active", "based-on.status=active", "based-on:below=ca1", "based-on:above=CarePlan/ca2", "based-on:below=ca1,ca2,ca3", "care-team:CareTeam.status=active", "patient=p1,p2", "instantiates-canonical:PlanDefinition.status=active", "instantiates-canonical:PlanDefinition.version=1", "instantiates-canonical:PlanDefinition._has:CarePlan:instantiates-canonical:patient=p0"},
	"Encounter":          {"subject=Patient/p1", "diagnosis:Condition.code=a", "class=AMB", "patient.birthdate=1990-05"},
	"DocumentReference":  {"subject=Patient/p0", "author=Organization/o1", "status=current", "author:Organization.name=m"},
	"List":               {"item=Condition/co1", "item:Condition.code=a", "subject=Patient/p0", "item:Observation.patient.family=zola"},
	"Provenance":         {"target=Condition/co1", "target:Condition.code=a", "patient=p0", "agent=Organization/o1", "target:Patient.family=mar"},
	"Task":               {"patient=p0", "focus:CarePlan.status=active", "status=requested"},
	"RelatedPerson":      {"patient=p0", "name=zola", "patient.family=mar"},
	"MedicationRequest":  {"subject=Patient/p0", "code=a", "patient.gender=male"},
	"AllergyIntolerance": {"patient=p0", "code=b", "patient.family=zo"},
	"Composition":        {"subject=Patient/p0", "entry=Condition/co1", "entry:Condition.code=a", "author=Organization/o1"},
	"Communication":      {"patient=p0", "recipient=Patient/p1", "subject.family=mar"},
	"PlanDefinition":     {"status=active", "url=urn:p", "_has:CarePlan:instantiates-canonical:status=active", "_has:CarePlan:instantiates-canonical:subject:Patient.family=mar"},
	"Group":              {"member=PractitionerRole/r1", "member:PractitionerRole.practitioner.family=zola"},
}

// languages are the further ways to ask: filters, words, lists, value sets, and
// what is contained in others.
var languages = map[string][]string{
	"Patient":            {`_filter=family co "mar" and not (gender eq male)`, "_filter=_has:Condition:patient:code eq a", "_filter=_has:Observation:patient:_security eq HIV", "_list=li1", "_content=zola", "_text=zola"},
	"Condition":          {"_filter=code eq a or subject:Patient.family co mar", "_filter=patient[gender eq female].family sw mar", "_filter=asserter pr true", "_text=asthme", "_text=asthme OR grippe", "_content=grippe", "_content=p1", "_list=li1", "_list=li2", "code:in=ValueSet/v0", "code:not-in=ValueSet/v0", "code:in=urn:v", "code=a&_contained=true", "code=a&_contained=true", "code=c&_contained=true", "_contained=both", "_contained=both", "code=b&_contained=true&_containedType=contained", "subject:Patient.family=mar&_contained=both"},
	"Observation":        {"_filter=value-quantity gt 2 and patient.gender eq male", "_filter=derived-from.code eq a", "_text=grippe", "_content=asthme", "_list=li1", "code:in=ValueSet/v0", "code:not-in=ValueSet/v0", "focus:Condition.code:in=ValueSet/v0"},
	"CarePlan":           {"_filter=condition.code in ValueSet/v0", "_filter=condition:Condition.code eq a", "condition:Condition.code=c", "_list=li3", "_text=asthme", "_content=condition"},
	"Encounter":          {"diagnosis:Condition.code=a", "_content=grippe", "_filter=diagnosis:Condition.code eq b"},
	"List":               {"_text=grippe", "_content=asthme", "_filter=item:Condition.code eq a"},
	"Task":               {"_content=asthme", "_filter=focus:CarePlan.status eq active"},
	"Composition":        {"_filter=entry:Observation.status eq final", "_text=asthme"},
	"AllergyIntolerance": {"code:in=ValueSet/v0", "_filter=patient.family eq zola"},
}

// common are parameters of every type.
var common = []string{"_lastUpdated=gt2026-01-15T10:50:00Z", "_lastUpdated=le2026-01-15T10:50:00Z", "_security=R", "_security:not=R", "_tag=t", "_tag:missing=false", "_id:missing=false"}

var results = []string{"_sort=_lastUpdated", "_sort=-_lastUpdated", "_sort=_id", "_sort=-_id", "_sort=patient", "_sort=subject,-_id", "_sort=code", "_total=accurate", "_total=accurate", "_total=estimate", "_summary=count", "_summary=true", "_elements=subject", "_count=1", "_count=2", "_count=3", "_count=0"}

var includes = map[string][]string{
	"Patient":           {"_revinclude=Condition:subject", "_revinclude=*", "_revinclude=CarePlan:subject&_include:iterate=CarePlan:condition", "_include=Patient:*", "_revinclude=Provenance:target", "_revinclude=Consent:patient", "_include=Patient:link&_revinclude:iterate=Observation:subject"},
	"Condition":         {"_include=Condition:subject", "_revinclude=CarePlan:condition", "_include=*", "_revinclude=Encounter:diagnosis", "_revinclude=List:item&_include:iterate=List:subject", "_include=Condition:asserter"},
	"Observation":       {"_include=Observation:subject", "_include=Observation:derived-from&_include:iterate=Observation:derived-from", "_include=Observation:focus", "_revinclude=Observation:derived-from", "_revinclude=*"},
	"CarePlan":          {"_include=CarePlan:condition&_include:iterate=Condition:subject", "_include=CarePlan:*", "_include=CarePlan:care-team", "_include=CarePlan:instantiates-canonical&_revinclude:iterate=CarePlan:instantiates-canonical", "_revinclude=Task:focus", "_include:iterate=CarePlan:based-on"},
	"Encounter":         {"_include=Encounter:diagnosis", "_include=*"},
	"List":              {"_include=List:item", "_include=List:item:Condition", "_include=*&_include:iterate=*"},
	"Provenance":        {"_include=Provenance:target", "_include=Provenance:agent"},
	"Task":              {"_include=Task:focus", "_include=Task:patient"},
	"DocumentReference": {"_include=DocumentReference:author", "_include=*"},
	"Organization":      {"_revinclude=Patient:organization", "_revinclude=*"},
	"CareTeam":          {"_include=CareTeam:participant", "_include=CareTeam:subject&_revinclude:iterate=Condition:subject"},
	"PlanDefinition":    {"_revinclude=CarePlan:instantiates-canonical", "_revinclude=*", "_revinclude=CarePlan:instantiates-canonical&_include:iterate=CarePlan:subject"},
	"Consent":           {"_include=Consent:actor", "_include=Consent:patient"},
}

// search draws a path with a query.
func (d die) search() string {
	typ := d.of(types...)
	if d.theme == ofContained && d.one(2) {
		return "Condition?" + d.of("_contained=true", "_contained=both") + "&" + escaped.Replace(d.of(d.of(params["Condition"]...), "code:in=ValueSet/v0", "_id:missing=false"))
	}
	path, values := typ, params[typ]
	switch d.to(9) {
	case 0:
		path = "Patient/" + d.of("p0", "p1", "p2", "p3") + "/" + typ
	case 1:
		typ, path, values = "", "", params[""]
	case 2:
		typ, path, values = "", "Patient/"+d.of(patients...)+"/*", []string{"_lastUpdated=gt2020"}
	}
	var parts []string
	for range d.to(2) {
		parts = append(parts, d.of(values...))
	}
	if d.one(4) {
		parts = append(parts, d.of(common...))
	}
	if list := languages[typ]; list != nil && d.one(4) {
		parts = append(parts, d.of(list...))
	}
	if typ == "" && len(parts) == 0 {
		parts = append(parts, values[d.to(len(values)-1)])
	}
	for range d.to(2) {
		parts = append(parts, d.of(results...))
	}
	if list := includes[typ]; list != nil && d.one(2) {
		parts = append(parts, d.of(list...))
	}
	for i, part := range parts {
		parts[i] = escaped.Replace(part)
	}
	return path + "?" + strings.Join(parts, "&")
}

var escaped = strings.NewReplacer("|", "%7C", " ", "%20", `"`, "%22", "[", "%5B", "]", "%5D")

// wrong draws what is refused, or should say nothing.
func (d die) wrong() string {
	return d.of("Condition?nothing=x", "Condition?onset-date=yesterday", "Condition/co1/x", "AuditEvent", "AuditEvent?patient=p0", "Patient/p0/Nothing", "Condition/$everything",
		"Patient/co1", "Observation/co1", "Condition?patient="+url.QueryEscape("Patient/p0/_history/1"), "Condition?_cursor=AAAA", "Condition/_history?_cursor=AAAA", "Nothing/1", "Group/p0/Condition",
		"Patient/p0/$consent-decision", "Condition?subject.nothing=x", "Condition?_sort=nothing", "Condition?_filter="+url.QueryEscape("code eq"), "Patient/p0/$nothing")
}
