package cda_test

import (
	"slices"
	"testing"
)

// header visits every element of the header below the document, but what names the
// patient and the document.
func (e *element) header(visit func(*element)) {
	for _, part := range e.kids {
		switch part.name {
		case "component", "recordTarget", "id", "setId", "code", "typeId", "templateId", "":
			continue
		}
		for _, at := range part.below(func(*element) bool { return true }) {
			visit(at)
		}
	}
}

func headers(names []string, change func(*element)) func(testing.TB, *element) {
	return func(_ testing.TB, doc *element) {
		doc.header(func(e *element) {
			if slices.Contains(names, e.name) {
				change(e)
			}
		})
	}
}

func nulled(e *element) { e.attrs, e.kids = [][2]string{{"nullFlavor", "UNK"}}, nil }

var parties = []string{"assignedAuthor", "assignedEntity", "associatedEntity", "intendedRecipient", "relatedEntity", "assignedCustodian"}

// headerForms are forms of headers.
var headerForms = []form{
	{"header: ids null", headers([]string{"id"}, nulled)},
	{"header: names null", headers([]string{"name"}, nulled)},
	{"header: telecoms and addresses null", headers([]string{"telecom", "addr"}, nulled)},
	{"header: times null", headers([]string{"time", "effectiveTime"}, nulled)},
	{"header: codes null", headers([]string{"code", "functionCode", "standardIndustryClassCode"}, nulled)},
	{"header: no ids", headers(parties, func(e *element) { e.drop("id") })},
	{"header: no people", headers(parties, func(e *element) {
		e.drop("assignedPerson")
		e.drop("associatedPerson")
		e.drop("relatedPerson")
		e.drop("informationRecipient")
	})},
	{"header: no organisations", headers(parties, func(e *element) {
		e.drop("representedOrganization")
		e.drop("scopingOrganization")
		e.drop("receivedOrganization")
	})},
	{"header: nobody", func(_ testing.TB, doc *element) {
		for _, name := range []string{"author", "legalAuthenticator", "authenticator", "informant", "participant", "dataEnterer", "documentationOf", "componentOf", "custodian"} {
			doc.drop(name)
		}
	}},
	{"header: everybody twice", func(_ testing.TB, doc *element) {
		for _, e := range slices.Clone(doc.kids) {
			switch e.name {
			case "author", "informant", "participant", "informationRecipient", "documentationOf", "inFulfillmentOf", "authorization", "authenticator", "relatedDocument":
				doc.kids = append([]*element{e}, doc.kids...)
			}
		}
	}},
	{"header: backwards", func(_ testing.TB, doc *element) { slices.Reverse(doc.kids) }},
	{"header: names in a run", headers([]string{"name"}, func(e *element) {
		if e.kid("family") != nil {
			e.kids = []*element{{text: "Docteur Claude MARTIN"}}
		}
	})},
	{"header: addresses in lines", headers([]string{"addr"}, func(e *element) {
		e.kids = []*element{{name: "streetAddressLine", kids: []*element{{text: "1 rue"}}}, {text: "39000 Ville"}, {name: "delimiter", kids: []*element{{text: ","}}}, {name: "careOf", kids: []*element{{text: "chez"}}}}
	})},
	{"header: times of all kinds", headers([]string{"time", "effectiveTime"}, func(e *element) {
		if e.attr("value") != "" {
			e.unset("value")
			e.kids = []*element{{name: "low", attrs: [][2]string{{"value", "2026"}}}, {name: "high", attrs: [][2]string{{"nullFlavor", "NA"}}}}
		}
	})},
	{"header: participants", func(t testing.TB, doc *element) {
		for _, typ := range []string{"INF", "IND", "HLD", "CALLBCK", "REFT", "ORG", "LOC", "DEV"} {
			for _, class := range []string{"ECON", "NOK", "PROV", "CAREGIVER", "POLHOLD", "QUAL", "PRS", "SDLOC"} {
				doc.kids = append(doc.kids, elementOf(t, `<participant typeCode="`+typ+`"><functionCode code="CORRE" codeSystem="1.2.250.1.213.1.1.4.2.280"/><associatedEntity classCode="`+class+
					`"><id root="2.999.1" extension="`+typ+class+`"/><code code="SIS" codeSystem="2.16.840.1.113883.5.111"/><telecom value="tel:+33100000000"/><associatedPerson><name><family>DURAND</family></name></associatedPerson><scopingOrganization><name>Association</name></scopingOrganization></associatedEntity></participant>`))
			}
		}
	}},
	{"header: patient with everything", func(t testing.TB, doc *element) {
		for _, role := range doc.below(named("patientRole")) {
			role.kids = append(role.kids, elementOf(t, `<telecom value="sms:0600000000" use="MC HP"/>`), elementOf(t, `<addr use="TMP"><country>FR</country></addr>`),
				elementOf(t, `<providerOrganization><id root="1.2.250.1.71.4.2.2" extension="1750000001"/><name>Centre</name></providerOrganization>`))
			if p := role.kid("patient"); p != nil {
				p.kids = append(p.kids, elementOf(t, `<maritalStatusCode code="M" codeSystem="2.16.840.1.113883.5.2"/>`), elementOf(t, `<sdtc:deceasedInd value="true"/>`), elementOf(t, `<name use="P"><given>Lili</given></name>`),
					elementOf(t, `<guardian><id root="2.999.4" extension="g"/><code code="MTH" codeSystem="2.16.840.1.113883.5.111"/><guardianOrganization><name>Tutelles</name></guardianOrganization></guardian>`),
					elementOf(t, `<languageCommunication><languageCode code="fr-FR"/><modeCode code="ESP" codeSystem="2.16.840.1.113883.5.60"/><proficiencyLevelCode code="G" codeSystem="2.16.840.1.113883.5.61"/><preferenceInd value="true"/></languageCommunication>`))
			}
		}
		doc.set("xmlns:sdtc", "urn:hl7-org:sdtc")
	}},
}

// TestHeaders: headers differ as much as bodies do. Every document takes some of the
// forms; -forms tries them all.
func TestHeaders(t *testing.T) {
	turn := 0
	for name, text := range family(t) {
		turn++
		for i, f := range headerForms {
			if (i+turn)%4 != 0 && !*allForms {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				doc := elementOf(t, text)
				f.change(t, doc)
				inForm(t, doc.String(), false)
			})
		}
	}
}
