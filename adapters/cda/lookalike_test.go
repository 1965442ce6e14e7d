package cda_test

import (
	"strings"
	"testing"
)

// at visits every element of an entry that has one of the names.
func at(names string, visit func(t testing.TB, e *element)) func(testing.TB, *element) {
	return func(t testing.TB, doc *element) {
		for _, entry := range doc.below(named("entry")) {
			for _, e := range entry.below(func(e *element) bool { return strings.Contains(" "+names+" ", " "+e.name+" ") }) {
				visit(t, e)
			}
		}
	}
}

// everywhere visits every element of the document.
func everywhere(visit func(e *element)) func(testing.TB, *element) {
	return func(_ testing.TB, doc *element) { doc.walk(visit) }
}

// dated changes every date that has a day, in entries.
func dated(change func(day string) string) func(testing.TB, *element) {
	return at("effectiveTime time low high value", func(_ testing.TB, e *element) {
		if v := e.attr("value"); len(v) >= 8 && (strings.HasPrefix(v, "19") || strings.HasPrefix(v, "20")) && !strings.Contains(v, ".") && e.attr("unit") == "" && e.attr("xsi:type") != "INT" {
			e.set("value", change(v[:8]))
		}
	})
}

// numbered changes every number that has a unit.
func numbered(change func(value, unit string) (string, string)) func(testing.TB, *element) {
	return everywhere(func(e *element) {
		if e.attr("value") != "" && e.attr("unit") != "" {
			value, unit := change(e.attr("value"), e.attr("unit"))
			e.set("value", value)
			e.set("unit", unit)
		}
	})
}

// renamed gives every element of the namespace of CDA a prefix, and xsi another.
func renamed(_ testing.TB, doc *element) {
	doc.walk(func(e *element) {
		if !strings.Contains(e.name, ":") {
			e.name = "hl7:" + e.name
		}
		for i, a := range e.attrs {
			switch {
			case a[0] == "xmlns":
				e.attrs[i][0] = "xmlns:hl7"
			case a[0] == "xmlns:xsi":
				e.attrs[i][0] = "xmlns:inst"
			case a[0] == "xsi:type":
				e.attrs[i] = [2]string{"inst:type", "hl7:" + a[1]}
			case strings.HasPrefix(a[0], "xsi:"):
				e.attrs[i][0] = "inst:" + a[0][4:]
			}
		}
	})
	doc.set("xmlns:hl7", v3)
	doc.set("xmlns:inst", "http://www.w3.org/2001/XMLSchema-instance")
}

// lookalikes are further forms: legal, and seldom in examples.
var lookalikes = []form{
	{"prefixes", renamed},
	{"dates in zones", dated(func(day string) string { return day + "113015.123-0500" })},
	{"dates to the minute", dated(func(day string) string { return day + "1130" })},
	{"dates to the hour", dated(func(day string) string { return day + "11" })},
	{"dates to the month", dated(func(day string) string { return day[:6] })},
	{"dates to the year", dated(func(day string) string { return day[:4] })},
	{"dates with Z", dated(func(day string) string { return day + "113015Z" })},
	{"dates with a short zone", dated(func(day string) string { return day + "1130+01" })},
	{"dates with zeros", dated(func(day string) string { return day + "000000+0000" })},
	{"dates with zone only", dated(func(day string) string { return day + "+0100" })},
	{"lunar dates", dated(func(day string) string { return day[:4] + "0000" })},
	{"dates with blanks", dated(func(day string) string { return " " + day + " " })},
	{"numbers with sign", numbered(func(v, u string) (string, string) { return "+" + strings.TrimLeft(v, "+-"), u })},
	{"numbers without zero", numbered(func(v, u string) (string, string) { return ".5", u })},
	{"numbers with trailing point", numbered(func(v, u string) (string, string) { return "5.", u })},
	{"numbers with exponent", numbered(func(v, u string) (string, string) { return "1.5E3", u })},
	{"numbers with comma*", numbered(func(v, u string) (string, string) { return "1,5", u })},
	{"numbers with zeros", numbered(func(v, u string) (string, string) { return "007.50", u })},
	{"numbers with blanks", numbered(func(v, u string) (string, string) { return " 7 ", " " + u + " " })},
	{"units of words", numbered(func(v, u string) (string, string) { return v, "{unité(s)} / jour" })},
	{"units of one", numbered(func(v, u string) (string, string) { return v, "1" })},
	{"units in brackets", numbered(func(v, u string) (string, string) { return v, "[iU]/L" })},
	{"null statements", each(func(s *element) { s.set("nullFlavor", "UNK") })},
	{"null participants", at("author performer informant participant", func(_ testing.TB, e *element) { e.set("nullFlavor", "UNK") })},
	{"null ids", everywhere(func(e *element) {
		if e.name == "id" && e.attr("root") != "" && !strings.HasPrefix(e.attr("root"), "1.2.250.1.213.1.4") {
			e.set("nullFlavor", "UNK")
		}
	})},
	{"null in header and entries", everywhere(func(e *element) {
		switch e.name {
		case "telecom", "addr", "time", "functionCode", "assignedPerson", "priorityCode", "routeCode", "methodCode", "targetSiteCode", "interpretationCode", "languageCode":
			nulled(e)
		}
	})},
	{"null values beside codes", at("value code", func(_ testing.TB, e *element) {
		if e.attr("code") != "" {
			e.set("nullFlavor", "OTH")
		}
	})},
	{"codes as translations*", at("code value routeCode methodCode targetSiteCode interpretationCode approachSiteCode priorityCode", func(_ testing.TB, e *element) {
		if e.attr("code") != "" && e.attr("codeSystem") != "" && !strings.Contains(" "+fixedCodes+" ", " "+e.attr("code")+" ") {
			t := &element{name: "translation"}
			for _, a := range e.attrs {
				if !strings.Contains(a[0], ":") {
					t.attrs = append(t.attrs, a)
				}
			}
			typ := e.attr("xsi:type")
			e.attrs = [][2]string{{"nullFlavor", "UNK"}}
			if typ != "" {
				e.set("xsi:type", typ)
			}
			e.kids = append(e.kids, t)
		}
	})},
	{"codes as words", at("code value routeCode methodCode targetSiteCode interpretationCode", func(t testing.TB, e *element) {
		if e.attr("code") != "" && e.attr("codeSystem") != "" && !strings.Contains(" "+fixedCodes+" ", " "+e.attr("code")+" ") {
			typ := e.attr("xsi:type")
			e.attrs, e.kids = nil, nil
			if typ != "" {
				e.set("xsi:type", typ)
			}
			e.set("nullFlavor", "NI")
			e.kids = append(e.kids, elementOf(t, `<originalText>Selon le patient</originalText>`))
		}
	})},
	{"display names only*", at("code value", func(_ testing.TB, e *element) {
		if e.attr("code") != "" && e.attr("displayName") != "" && e.attr("codeSystem") != "" && !strings.Contains(" "+fixedCodes+" ", " "+e.attr("code")+" ") {
			e.unset("code")
			e.unset("codeSystem")
			e.unset("codeSystemName")
		}
	})},
	{"code system names only", at("code value", func(_ testing.TB, e *element) {
		if e.attr("codeSystem") != "" && !strings.Contains(" "+fixedCodes+" ", " "+e.attr("code")+" ") {
			e.unset("codeSystem")
		}
	})},
	{"original texts with reference and words", at("originalText", func(_ testing.TB, e *element) { e.kids = append(e.kids, &element{text: "aussi en toutes lettres"}) })},
	{"references without hash", at("reference", func(_ testing.TB, e *element) {
		if v := e.attr("value"); strings.HasPrefix(v, "#") {
			e.set("value", v[1:])
		}
	})},
	{"time width first", times(`<effectiveTime><width value="3" unit="d"/><high value="20250110"/></effectiveTime>`)},
	{"time center and width", times(`<effectiveTime><center value="202501101200"/><width value="2" unit="h"/></effectiveTime>`)},
	{"time not inclusive", times(`<effectiveTime><low value="20250101" inclusive="false"/><high value="20250201" inclusive="false"/></effectiveTime>`)},
	{"time null in parts", times(`<effectiveTime><low nullFlavor="ASKU"/><high nullFlavor="NAV"/></effectiveTime>`)},
	{"time null and value", times(`<effectiveTime nullFlavor="UNK"><low value="2025"/></effectiveTime>`)},
	{"time value and low", times(`<effectiveTime value="20250101"><low value="20250101"/></effectiveTime>`)},
	{"time PIVL phase and alignment", times(`<effectiveTime`+xsi+`xsi:type="IVL_TS"><low value="20250101"/></effectiveTime>`, `<effectiveTime`+xsi+`xsi:type="PIVL_TS" operator="A" alignment="DW"><phase><low value="20250106"/><high value="20250107"/></phase><period value="1" unit="wk"/></effectiveTime>`)},
	{"time PIVL frequency", times(`<effectiveTime`+xsi+`xsi:type="IVL_TS"><width value="7" unit="d"/></effectiveTime>`, `<effectiveTime`+xsi+`xsi:type="PIVL_TS" operator="A"><frequency><numerator`+xsi+`xsi:type="INT" value="3"/><denominator`+xsi+`xsi:type="PQ" value="1" unit="d"/></frequency></effectiveTime>`)},
	{"time EIVL negative offset*", times(`<effectiveTime`+xsi+`xsi:type="IVL_TS"><low value="20250101"/></effectiveTime>`, `<effectiveTime`+xsi+`xsi:type="EIVL_TS" operator="A"><event code="ACM"/><offset><low value="-30" unit="min"/><high value="-10" unit="min"/></offset></effectiveTime>`)},
	{"time EIVL hours*", times(`<effectiveTime`+xsi+`xsi:type="IVL_TS"><low value="20250101"/></effectiveTime>`, `<effectiveTime`+xsi+`xsi:type="EIVL_TS" operator="A"><event code="PC"/><offset value="1.5" unit="h"/></effectiveTime>`)},
	{"time EIVL unknown event*", times(`<effectiveTime`+xsi+`xsi:type="IVL_TS"><low value="20250101"/></effectiveTime>`, `<effectiveTime`+xsi+`xsi:type="EIVL_TS" operator="A"><event code="IC" codeSystem="2.16.840.1.113883.5.139" displayName="Entre les repas"/></effectiveTime>`)},
	{"time SXPR*", times(`<effectiveTime` + xsi + `xsi:type="SXPR_TS"><comp xsi:type="IVL_TS"><low value="20250101"/><high value="20250201"/></comp><comp xsi:type="PIVL_TS" operator="A"><period value="8" unit="h"/></comp><comp xsi:type="EIVL_TS" operator="I"><event code="HS"/></comp></effectiveTime>`)},
	{"time hull", times(`<effectiveTime`+xsi+`xsi:type="SXCM_TS" value="20250101"/>`, `<effectiveTime`+xsi+`xsi:type="SXCM_TS" operator="I" value="20250108"/>`)},
	{"value RTO_INT", values(`<value` + xsi + `xsi:type="RTO"><numerator` + xsi + `xsi:type="INT" value="1"/><denominator` + xsi + `xsi:type="INT" value="128"/></value>`)},
	{"value RTO_MO", values(`<value` + xsi + `xsi:type="RTO_MO_PQ"><numerator value="12.50" currency="EUR"/><denominator value="1" unit="d"/></value>`)},
	{"value RTO_QTY", values(`<value` + xsi + `xsi:type="RTO_QTY_QTY"><numerator` + xsi + `xsi:type="REAL" value="1.0"/><denominator nullFlavor="UNK"/></value>`)},
	{"value IVL_INT", values(`<value` + xsi + `xsi:type="IVL_INT"><low value="2"/><high value="4"/></value>`)},
	{"value IVL_PQ center", values(`<value` + xsi + `xsi:type="IVL_PQ"><center value="3.0" unit="mg"/><width value="1" unit="mg"/></value>`)},
	{"value IVL_PQ value", values(`<value` + xsi + `xsi:type="IVL_PQ" value="3.0" unit="mg"/>`)},
	{"value PQ null with translation", values(`<value` + xsi + `xsi:type="PQ" nullFlavor="OTH"><translation value="3" code="cp" codeSystem="2.999.8" displayName="comprimés"/></value>`)},
	{"value PQ words of unit", values(`<value` + xsi + `xsi:type="PQ" value="3" unit="1"><translation value="3" nullFlavor="OTH"><originalText>gélules</originalText></translation></value>`)},
	{"value PPD", values(`<value` + xsi + `xsi:type="PPD_PQ" value="3.5" unit="mg" distributionType="N"><standardDeviation value="0.1" unit="mg"/></value>`)},
	{"value ED compressed", values(`<value` + xsi + `xsi:type="ED" mediaType="application/pdf" representation="B64" compression="DF">Uw1wcdM11DPhAgA=</value>`)},
	{"value ED with reference", values(`<value` + xsi + `xsi:type="ED" mediaType="image/jpeg"><reference value="https://images.example/1.jpg"/><thumbnail mediaType="image/png" representation="B64">iVBORw0KGgo=</thumbnail></value>`)},
	{"value CR", values(`<value` + xsi + `xsi:type="CD" code="R05" codeSystem="2.16.840.1.113883.6.3" displayName="Toux"><originalText>toux</originalText><qualifier inverted="true"><name code="N" codeSystem="2.999.5"/><value nullFlavor="OTH"><originalText>la nuit</originalText></value></qualifier><translation nullFlavor="OTH"/><translation code="T" codeSystem="2.999.6"><translation code="U" codeSystem="2.999.7"/></translation></value>`)},
	{"value CE with value set", values(`<value` + xsi + `xmlns:sdtc="urn:hl7-org:sdtc" xsi:type="CE" code="R05" codeSystem="2.16.840.1.113883.6.3" codeSystemVersion="2024" sdtc:valueSet="2.999.11" sdtc:valueSetVersion="2024"/>`)},
	{"value BAG", values(`<value` + xsi + `xsi:type="BXIT_CD" code="R05" codeSystem="2.16.840.1.113883.6.3" qty="2"/>`)},
	{"value TS null", values(`<value` + xsi + `xsi:type="TS" nullFlavor="UNK"/>`)},
	{"value IVL_TS width", values(`<value` + xsi + `xsi:type="IVL_TS"><low value="20250101"/><width value="3" unit="wk"/></value>`)},
	{"value PIVL_TS", values(`<value` + xsi + `xsi:type="PIVL_TS"><period value="28" unit="d"/></value>`)},
	{"value several*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			if s.name == "observation" {
				s.kids = append(s.kids, elementOf(t, `<value`+xsi+`xsi:type="CD" code="A01" codeSystem="2.16.840.1.113883.6.3"/>`), elementOf(t, `<value`+xsi+`xsi:type="PQ" value="2" unit="mg"/>`))
			}
		})
	}},
	{"doses", at("doseQuantity", func(t testing.TB, e *element) {
		e.attrs, e.kids = nil, []*element{elementOf(t, `<low value="1" unit="{comprimé}"/>`), elementOf(t, `<high value="2" unit="{comprimé}"/>`)}
	})},
	{"doses with translations", at("doseQuantity", func(t testing.TB, e *element) {
		e.attrs, e.kids = [][2]string{{"value", "1"}, {"unit", "1"}}, []*element{elementOf(t, `<translation value="1" code="CP" codeSystem="2.999.8" displayName="comprimé"><originalText>comprimé</originalText></translation>`)}
	})},
	{"doses null", at("doseQuantity rateQuantity", func(_ testing.TB, e *element) { nulled(e) })},
	{"maximum doses*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			if s.name == "substanceAdministration" {
				s.kids = append(s.kids, elementOf(t, `<maxDoseQuantity><numerator value="4" unit="g"/><denominator value="1" unit="d"/></maxDoseQuantity>`), elementOf(t, `<rateQuantity><low value="10" unit="mL/h"/><high value="20" unit="mL/h"/></rateQuantity>`),
					elementOf(t, `<administrationUnitCode code="CP" codeSystem="2.999.8" displayName="comprimé"/>`), elementOf(t, `<repeatNumber><low value="1"/><high value="3"/></repeatNumber>`))
			}
		})
	}},
	{"entry types", func(_ testing.TB, doc *element) {
		for _, e := range doc.below(named("entry")) {
			e.set("typeCode", "DRIV")
		}
		for _, e := range doc.below(named("entryRelationship")) {
			e.set("contextConductionInd", "true")
			e.set("inversionInd", "true")
		}
	}},
	{"relationships of other types*", func(_ testing.TB, doc *element) {
		for i, e := range doc.below(named("entryRelationship")) {
			e.set("typeCode", []string{"COMP", "REFR", "CAUS", "MFST", "RSON", "SPRT", "SUBJ", "GEVL", "SAS", "XCRPT"}[i%10])
		}
	}},
	{"subsections", func(t testing.TB, doc *element) {
		for _, s := range doc.below(named("section")) {
			inner := elementOf(t, `<section><title>Dedans</title><text>Sous-section</text></section>`)
			for _, k := range s.kids {
				if k.name == "entry" {
					inner.kids = append(inner.kids, k)
				}
			}
			s.drop("entry")
			s.kids = append(s.kids, &element{name: "component", kids: []*element{inner}})
		}
	}},
	{"one section of all", func(_ testing.TB, doc *element) {
		body := doc.below(named("structuredBody"))
		if len(body) == 0 || len(body[0].kids) == 0 {
			return
		}
		first := body[0].kids[0].kid("section")
		for _, c := range body[0].kids[1:] {
			if s := c.kid("section"); s != nil && first != nil {
				for _, k := range s.kids {
					if k.name == "entry" {
						first.kids = append(first.kids, k)
					}
				}
				s.drop("entry")
			}
		}
	}},
	{"identifiers of the patient", func(t testing.TB, doc *element) {
		for _, role := range doc.below(named("patientRole")) {
			role.kids = append([]*element{elementOf(t, `<id root="2.999.3"/>`), elementOf(t, `<id root="1.2.250.1.176.1.2" extension="12345678" assigningAuthorityName="DP"/>`), elementOf(t, `<id nullFlavor="UNK"/>`),
				elementOf(t, `<id root="6f9e5b1c-9a43-4a0e-9f0a-0d2a3f0e1b7c"/>`), elementOf(t, `<id extension="SANS-RACINE"/>`), elementOf(t, `<id root="2.999.3" extension="IPP 7" displayable="true"/>`)}, role.kids...)
		}
	}},
	{"addresses of France", everywhere(func(e *element) {
		if e.name == "addr" && len(e.kids) > 0 {
			e.attrs = [][2]string{{"use", "PST HP"}, {"isNotOrdered", "false"}}
			e.kids = nil
			for _, part := range strings.Fields("careOf additionalLocator unitType unitID buildingNumberSuffix houseNumber houseNumberNumeric streetNameType streetNameBase streetName direction postBox deliveryAddressLine deliveryInstallationType deliveryInstallationArea precinct censusTract postalCode city county state country desc") {
				e.kids = append(e.kids, &element{name: part, kids: []*element{{text: part + " x"}}})
			}
		}
	})},
	{"telecoms of all kinds", func(t testing.TB, doc *element) {
		for _, at := range doc.below(func(e *element) bool {
			return strings.Contains(" assignedAuthor assignedEntity patientRole representedOrganization ", " "+e.name+" ")
		}) {
			for _, value := range []string{"+33 1 02 03 04 05", "tel:+33(0)1-02-03-04-05;ext=5", "mailto:a.b@test.mssante.fr", "a.b@test.mssante.fr", "fax:0102030405", "x-text-tel:0102", "http://site.example/a?b=c", "file:///c/x", "mllp://x", "tel:", "TEL:0102030405"} {
				at.kids = append(at.kids, elementOf(t, `<telecom value="`+value+`" use="WP DIR"><useablePeriod`+xsi+`xsi:type="IVL_TS"><low value="2020"/></useablePeriod></telecom>`))
			}
		}
	}},
	{"extensions of HL7*", func(t testing.TB, doc *element) {
		doc.set("xmlns:sdtc", "urn:hl7-org:sdtc")
		doc.statements(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<sdtc:category code="C1" codeSystem="2.999.1" displayName="Catégorie"/>`), elementOf(t, `<sdtc:priorityNumber value="1"/>`),
				elementOf(t, `<sdtc:inFulfillmentOf1><sdtc:actReference classCode="ACT" moodCode="EVN"><sdtc:id root="2.999.1" extension="ref"/></sdtc:actReference></sdtc:inFulfillmentOf1>`))
		})
	}},
	{"languages*", each(func(s *element) {
		s.kids = append(s.kids, &element{name: "languageCode", attrs: [][2]string{{"code", "fr-FR"}}})
		s.set("xml:lang", "fr")
	})},
	{"preconditions*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			if s.name != "observationMedia" {
				s.kids = append(s.kids, elementOf(t, `<precondition><criterion><code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/><text>si besoin</text><value`+xsi+`xsi:type="CE" code="R05" codeSystem="2.16.840.1.113883.6.3" displayName="Toux"/></criterion></precondition>`),
					elementOf(t, `<reference typeCode="XCRPT"><externalAct><id root="2.999.1" extension="a"/><code code="X" codeSystem="2.999.1"/></externalAct></reference>`),
					elementOf(t, `<reference typeCode="REFR"><seperatableInd value="false"/><externalDocument><id root="2.999.1" extension="d"/><code code="11502-2" codeSystem="2.16.840.1.113883.6.1"/><text mediaType="application/pdf"><reference value="https://x.example/d.pdf"/></text><setId root="2.999.1"/><versionNumber value="2"/></externalDocument></reference>`))
			}
		})
	}},
	{"people with everything", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<performer typeCode="SPRF"><functionCode code="F" codeSystem="2.999.1" displayName="Fonction"/><time><low value="2025"/></time><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899900000001"/><code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin"/><assignedPerson><name><prefix>M</prefix><given>A</given><family>B</family><suffix>DR</suffix></name></assignedPerson></assignedEntity></performer>`),
				elementOf(t, `<informant><relatedEntity classCode="PRS"><code code="MTH" codeSystem="2.16.840.1.113883.5.111"/><relatedPerson><name><given>C</given></name></relatedPerson></relatedEntity></informant>`),
				elementOf(t, `<informant><assignedEntity><id nullFlavor="NI"/><representedOrganization><name>Labo</name></representedOrganization></assignedEntity></informant>`))
		})
	}},
	{"products with everything", at("manufacturedMaterial", func(t testing.TB, e *element) {
		e.set("classCode", "MMAT")
		e.kids = append(e.kids, elementOf(t, `<expirationTime value="20270101"/>`), elementOf(t, `<lotNumberText>LOT 7</lotNumberText>`), elementOf(t, `<sdtc:desc xmlns:sdtc="urn:hl7-org:sdtc">description</sdtc:desc>`))
	})},
}

// fixedCodes are codes that say what kind of statement or attribute one is.
const fixedCodes = "ASSERTION SEV DRUG IMMUNIZ CONC 33999-4 66455-7 82606-5 11323-3 48767-8 PINSTRUCT FINSTRUCT"

// TestLookalikes is TestForms with forms that are legal and seldom in examples.
func TestLookalikes(t *testing.T) { try(t, lookalikes) }
