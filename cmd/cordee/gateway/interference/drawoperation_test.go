package interference

import (
	"fmt"
	"strings"
)

// question draws an operation that changes nothing.
func (d die) question() request {
	patient, composition := "Patient/"+d.of("p0", "p1", "p2", "p3"), "Composition/"+d.number("Composition")
	switch d.to(7) {
	case 0:
		return request{method: "GET", path: patient + "/$summary"}
	case 1:
		return request{method: "GET", path: "Patient/$summary?identifier=" + escaped.Replace(ins+"|"+d.of(numbers...))}
	case 2:
		return request{method: "GET", path: composition + "/$document"}
	case 3:
		return request{method: "GET", path: d.of(composition, patient) + "/$cda" + d.of("", "?_format=json")}
	case 4, 5:
		actor := d.of(d.of(organisations...), d.of(roles...), d.of(persons...)+"&organization="+d.of(organisations...), "Patient/"+d.of(patients...), "RelatedPerson/re1")
		return request{method: "GET", path: patient + "/$consent-decision?actor=" + actor + d.of("", "&purpose=BTG", "&profession=21")}
	}
	known := func(name, value string) string { return member(name, d.of(value, value, "")) }
	body := `{"resourceType":"Patient",` + known("identifier", `[{"system":"`+ins+`","value":"`+d.of(numbers...)+`"}]`) + known("birthDate", quote(d.of("1980-01-02", "2010-03-01"))) +
		`"name":[{"family":"` + d.of("Martin", "Zola") + `","given":["` + d.of("Ana", "Luc") + `"]}]}`
	if d.one(3) {
		body = `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + body + `},{"name":"onlyCertainMatches","valueBoolean":true}]}`
	}
	return request{method: "POST", path: "Patient/$match", body: body}
}

// ins is the system of the numbers.
const ins = "urn:oid:1.2.250.1.213.1.4.10"

// operation draws one that writes.
func (d die) operation() request {
	if d.one(4) {
		return request{method: "POST", path: "Patient/$" + d.of("merge", "unmerge"), body: fmt.Sprintf(
			`{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/%s"}},{"name":"target-patient","valueReference":{"reference":"Patient/%s"}}]}`, d.of("p0", "p1"), d.of("p1", "p2", "p3"))}
	}
	return request{method: "POST", path: "$ingest" + d.of("", "", "?mapping=full", "?dry-run=true"), body: d.document(), header: [][2]string{{"Content-Type", "application/xml"}}}
}

// document is a CDA of level 1, of one of a few patients, authors and editions.
func (d die) document() string {
	replaced := ""
	if d.one(4) {
		replaced = `<relatedDocument typeCode="RPLC"><parentDocument><id root="2.999.1.1"/></parentDocument></relatedDocument>`
	}
	return strings.NewReplacer("ID", d.of("1", "2"), "INS", d.of(numbers...), "CONFIDENTIALITY", d.of("N", "N", "R"), "AUTHOR", d.of("1", "2"), "RELATED", replaced).Replace(
		`<ClinicalDocument xmlns="urn:hl7-org:v3"><realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="2.16.840.1.113883.2.8.2.1"/>` +
			`<templateId root="1.2.250.1.213.1.1.1.1"/><templateId root="1.3.6.1.4.1.19376.1.2.20"/><id root="2.999.1.ID"/><code code="SYNTH" codeSystem="1.2.250.1.213.1.1.4.12"/><title>Note</title>` +
			`<effectiveTime value="20260115"/><confidentialityCode code="CONFIDENTIALITY" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/><recordTarget><patientRole>` +
			`<id root="1.2.250.1.213.1.4.10" extension="INS"/><patient><name><family>ZOLA</family><given>Ana</given></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>` +
			`<birthTime value="19800102"/></patient></patientRole></recordTarget><author><time value="20260115"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="89990000302AUTHOR"/>` +
			`<assignedPerson><name><family>ROUSSEL</family></name></assignedPerson></assignedAuthor></author><custodian><assignedCustodian><representedCustodianOrganization>` +
			`<id root="1.2.250.1.71.4.2.2" extension="1000001024"/></representedCustodianOrganization></assignedCustodian></custodian>RELATED<component><nonXMLBody>` +
			`<text mediaType="text/plain" representation="B64">c2VjcmV0</text><languageCode code="fr-FR"/></nonXMLBody></component></ClinicalDocument>`)
}
