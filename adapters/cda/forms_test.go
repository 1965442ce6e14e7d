package cda_test

import "testing"

// A form changes a document as another real one of its family may differ from
// those that are at hand: in order, in templates, in what it leaves out, in the
// types of values and times. Of a form whose name ends in * more than one coded
// value in ten may have no element of its own: nobody writes all of a document like that.
type form struct {
	name   string
	change func(t testing.TB, doc *element)
}

func each(visit func(*element)) func(testing.TB, *element) {
	return func(_ testing.TB, doc *element) { doc.statements(visit) }
}

func values(typ string) func(testing.TB, *element) {
	return func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			if v := s.kid("value"); v != nil && s.name == "observation" {
				*v = *elementOf(t, typ)
			}
		})
	}
}

func times(at ...string) func(testing.TB, *element) {
	return func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			if s.name == "observationMedia" {
				return
			}
			var list []*element
			for _, x := range at {
				list = append(list, elementOf(t, x))
			}
			for i, k := range s.kids {
				if k.name == "effectiveTime" {
					s.drop("effectiveTime")
					s.kids = append(s.kids[:i:i], append(list, s.kids[i:]...)...)
					return
				}
			}
			s.kids = append(s.kids, list...)
		})
	}
}

const xsi = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `

var forms = []form{
	{"as it is", func(testing.TB, *element) {}},
	{"templates gone", each(func(s *element) { s.drop("templateId") })},
	{"templates of elsewhere", each(func(s *element) {
		for _, k := range s.kids {
			if k.name == "templateId" {
				k.set("root", "2.999.7")
			}
		}
	})},
	{"templates with extension", each(func(s *element) {
		for _, k := range s.kids {
			if k.name == "templateId" {
				k.set("extension", "2027.01")
			}
		}
	})},
	{"first template", each(func(s *element) {
		first := s.kid("templateId")
		s.drop("templateId")
		if first != nil {
			s.kids = append([]*element{first}, s.kids...)
		}
	})},
	{"section templates gone", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) { s.drop("templateId") })
	}},
	{"document templates gone", func(t testing.TB, doc *element) { doc.drop("templateId") }},
	{"ids gone*", each(func(s *element) { s.drop("id") })},
	{"ids alike", each(func(s *element) {
		if id := s.kid("id"); id != nil {
			id.set("root", "2.999.1")
			id.set("extension", "1")
		}
	})},
	{"text gone", each(func(s *element) { s.drop("text") })},
	{"narrative gone", func(t testing.TB, doc *element) { doc.sections(func(s *element) { s.drop("text") }) }},
	{"status gone", each(func(s *element) { s.drop("statusCode") })},
	{"status active", each(func(s *element) {
		if k := s.kid("statusCode"); k != nil {
			k.set("code", "active")
		}
	})},
	{"status aborted", each(func(s *element) {
		if k := s.kid("statusCode"); k != nil {
			k.set("code", "aborted")
		}
	})},
	{"times gone", each(func(s *element) { s.drop("effectiveTime") })},
	{"codes gone*", each(func(s *element) { s.drop("code") })},
	{"codes null*", each(func(s *element) {
		if k := s.kid("code"); k != nil {
			k.attrs = [][2]string{{"nullFlavor", "UNK"}}
		}
	})},
	{"negated", each(func(s *element) { s.set("negationInd", "true") })},
	{"moods*", func(t testing.TB, doc *element) {
		i := 0
		doc.statements(func(s *element) {
			s.set("moodCode", []string{"INT", "RQO", "PRP", "PRMS", "GOL", "ARQ", "EVN", "DEF", "EVN.CRT"}[i%9])
			i++
		})
	}},
	{"translations*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			for _, k := range s.kids {
				if k.attr("code") != "" && k.name != "statusCode" {
					k.kids = append(k.kids, elementOf(t, `<translation code="A1" codeSystem="2.999.5" displayName="Un"/>`), elementOf(t, `<translation code="A2" codeSystem="2.999.6" displayName="Deux"/>`))
				}
			}
		})
	}},
	{"code systems", each(func(s *element) {
		for _, k := range s.kids {
			if k.attr("codeSystem") != "" {
				k.set("codeSystem", "2.999.77")
			}
		}
	})},
	{"code systems gone", each(func(s *element) {
		for _, k := range s.kids {
			k.unset("codeSystem")
		}
	})},
	{"sections backwards", func(t testing.TB, doc *element) {
		doc.walk(func(e *element) {
			if e.name == "structuredBody" || e.name == "section" {
				reverse(e, "component")
				reverse(e, "entry")
			}
		})
	}},
	{"elements backwards", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			for i, j := 0, len(s.kids)-1; i < j; i, j = i+1, j-1 {
				s.kids[i], s.kids[j] = s.kids[j], s.kids[i]
			}
		})
	}},
	{"in organizers", func(t testing.TB, doc *element) {
		for _, e := range doc.below(named("entry")) {
			{
				in := elementOf(t, `<organizer classCode="CLUSTER" moodCode="EVN"><statusCode code="completed"/><component><organizer classCode="BATTERY" moodCode="EVN"><code code="X1" codeSystem="2.999.4" displayName="Lot"/><statusCode code="completed"/><component/></organizer></component></organizer>`)
				inner := in.kid("component").kids[0].kid("component")
				inner.kids, e.kids = e.kids, []*element{in}
			}
		}
	}},
	{"in acts", func(t testing.TB, doc *element) {
		for _, e := range doc.below(named("entry")) {
			{
				in := elementOf(t, `<act classCode="ACT" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.999"/><code code="X1" codeSystem="2.999.4" displayName="Lot"/><statusCode code="completed"/><entryRelationship typeCode="COMP"/></act>`)
				inner := in.kid("entryRelationship")
				inner.kids, e.kids = e.kids, []*element{in}
			}
		}
	}},
	{"authors", func(t testing.TB, doc *element) {
		a := doc.kid("author")
		doc.kids = append(doc.kids, a, doc.kid("custodian"))
		doc.statements(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<author><time value="20260101"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="810002909371"/><assignedPerson><name><family>Premier</family></name></assignedPerson></assignedAuthor></author>`),
				elementOf(t, `<author><time nullFlavor="UNK"/><assignedAuthor><id nullFlavor="UNK"/><assignedAuthoringDevice><softwareName>Logiciel</softwareName></assignedAuthoringDevice></assignedAuthor></author>`))
		})
	}},
	{"comments*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			if s.name != "observationMedia" && s.name != "organizer" {
				s.kids = append(s.kids, elementOf(t, `<entryRelationship typeCode="SUBJ" inversionInd="true"><act classCode="ACT" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.2"/><code code="48767-8" codeSystem="2.16.840.1.113883.6.1"/><text>Remarque</text><statusCode code="completed"/></act></entryRelationship>`))
			}
		})
	}},
	{"no section code", func(t testing.TB, doc *element) { doc.sections(func(s *element) { s.drop("code"); s.drop("title") }) }},
	{"products without code", func(t testing.TB, doc *element) {
		doc.walk(func(e *element) {
			if e.name == "manufacturedMaterial" {
				e.drop("code")
				e.drop("name")
			}
		})
	}},
	{"products gone", each(func(s *element) { s.drop("consumable"); s.drop("product") })},
	{"participants gone", each(func(s *element) { s.drop("participant") })},
	{"values gone", each(func(s *element) { s.drop("value") })},
	{"value CD null", values(`<value` + xsi + `xsi:type="CD" nullFlavor="OTH"><originalText>Autre chose</originalText></value>`)},
	{"value CE translation only", values(`<value` + xsi + `xsi:type="CE" nullFlavor="UNK"><translation code="R05" codeSystem="2.16.840.1.113883.6.3" displayName="Toux"/></value>`)},
	{"value CO", values(`<value` + xsi + `xsi:type="CO" code="LA1" codeSystem="2.16.840.1.113883.6.1" displayName="Un"/>`)},
	{"value PQ", values(`<value` + xsi + `xsi:type="PQ" value="1.50" unit="mg"><translation value="1500" code="ug" codeSystem="2.16.840.1.113883.6.8"/></value>`)},
	{"value IVL_PQ", values(`<value` + xsi + `xsi:type="IVL_PQ"><low value="1.0" unit="mg"/><high value="2.0" unit="mg" inclusive="false"/></value>`)},
	{"value IVL_PQ low", values(`<value` + xsi + `xsi:type="IVL_PQ"><low value="1.0" unit="mg"/></value>`)},
	{"value IVL_PQ width", values(`<value` + xsi + `xsi:type="IVL_PQ"><low value="1.0" unit="mg"/><width value="1" unit="mg"/></value>`)},
	{"value ST", values(`<value` + xsi + `xsi:type="ST">Mots</value>`)},
	{"value ED", values(`<value` + xsi + `xsi:type="ED" mediaType="text/plain">Mots<reference value="#nowhere"/></value>`)},
	{"value SC", values(`<value` + xsi + `xsi:type="SC" code="A" codeSystem="2.999.1" displayName="B">Mots</value>`)},
	{"value BL", values(`<value` + xsi + `xsi:type="BL" value="true"/>`)},
	{"value INT", values(`<value` + xsi + `xsi:type="INT" value="3"/>`)},
	{"value REAL", values(`<value` + xsi + `xsi:type="REAL" value="3.10"/>`)},
	{"value RTO", values(`<value` + xsi + `xsi:type="RTO"><numerator` + xsi + `xsi:type="PQ" value="1" unit="mg"/><denominator` + xsi + `xsi:type="PQ" value="2" unit="mL"/></value>`)},
	{"value TS", values(`<value` + xsi + `xsi:type="TS" value="20260102"/>`)},
	{"value IVL_TS", values(`<value` + xsi + `xsi:type="IVL_TS"><low value="20260102"/><high value="20260103"/></value>`)},
	{"value ANY", values(`<value` + xsi + `xsi:type="ANY" nullFlavor="NA"/>`)},
	{"value II", values(`<value` + xsi + `xsi:type="II" root="2.999.1" extension="7"/>`)},
	{"value TEL", values(`<value` + xsi + `xsi:type="TEL" value="tel:0102030405"/>`)},
	{"value untyped", values(`<value code="R05" codeSystem="2.16.840.1.113883.6.3"/>`)},
	{"value untyped number", values(`<value value="3.10"/>`)},
	{"value MO", values(`<value` + xsi + `xsi:type="MO" value="3.10" currency="EUR"/>`)},
	{"value SXCM_TS", values(`<value` + xsi + `xsi:type="PIVL_TS"><phase><low value="20260102"/></phase><period value="8" unit="h"/></value>`)},
	{"value GLIST", values(`<value` + xsi + `xsi:type="GLIST_PQ"><head value="1" unit="s"/><increment value="2" unit="s"/></value>`)},
	{"value SLIST", values(`<value` + xsi + `xsi:type="SLIST_PQ"><origin value="0" unit="s"/><scale value="2" unit="s"/><digits>1 2 3</digits></value>`)},
	{"value ADXP", values(`<value` + xsi + `xsi:type="AD"><city>Paris</city></value>`)},
	{"value PN", values(`<value` + xsi + `xsi:type="PN"><family>X</family></value>`)},
	{"time point", times(`<effectiveTime value="202601021130+0100"/>`)},
	{"time interval", times(`<effectiveTime><low value="2025"/><high value="202601"/></effectiveTime>`)},
	{"time low", times(`<effectiveTime><low value="2025"/></effectiveTime>`)},
	{"time high", times(`<effectiveTime><high value="2025"/></effectiveTime>`)},
	{"time low null high", times(`<effectiveTime><low nullFlavor="UNK"/><high value="2025"/></effectiveTime>`)},
	{"time center", times(`<effectiveTime><center value="20250101"/></effectiveTime>`)},
	{"time width", times(`<effectiveTime><low value="20250101"/><width value="3" unit="d"/></effectiveTime>`)},
	{"time width only", times(`<effectiveTime><width value="3" unit="d"/></effectiveTime>`)},
	{"time null", times(`<effectiveTime nullFlavor="UNK"/>`)},
	{"time typed", times(`<effectiveTime` + xsi + `xsi:type="IVL_TS"><low value="2025"/><high value="202601"/></effectiveTime>`)},
	{"time TS", times(`<effectiveTime` + xsi + `xsi:type="TS" value="20250101"/>`)},
	{"time PIVL", times(`<effectiveTime` + xsi + `xsi:type="PIVL_TS" institutionSpecified="true" operator="A"><phase><low value="202501010800"/><width value="10" unit="min"/></phase><period value="12" unit="h"/></effectiveTime>`)},
	{"time IVL PIVL", times(`<effectiveTime`+xsi+`xsi:type="IVL_TS"><low value="2025"/></effectiveTime>`, `<effectiveTime`+xsi+`xsi:type="PIVL_TS" operator="A"><period><low value="4" unit="h"/><high value="6" unit="h"/></period></effectiveTime>`)},
	{"time IVL EIVL*", times(`<effectiveTime`+xsi+`xsi:type="IVL_TS"><low value="2025"/></effectiveTime>`, `<effectiveTime`+xsi+`xsi:type="EIVL_TS" operator="A"><event code="ACM"/><offset><low value="30" unit="min"/><width value="10" unit="min"/></offset></effectiveTime>`)},
	{"time two", times(`<effectiveTime value="20250101"/>`, `<effectiveTime value="20250102"/>`)},
	{"subject*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<subject><relatedSubject classCode="PRS"><code code="MTH" codeSystem="2.16.840.1.113883.5.111" displayName="Mère"/><subject><name>X</name></subject></relatedSubject></subject>`))
		})
	}},
	{"specimen", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<specimen typeCode="SPC"><specimenRole classCode="SPEC"><id root="2.999.3" extension="P1"/><specimenPlayingEntity><code code="SER" codeSystem="2.16.840.1.113883.5.129" displayName="Sérum"/></specimenPlayingEntity></specimenRole></specimen>`))
		})
	}},
	{"participants", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			for _, typ := range []string{"PRF", "DEV", "CSM", "LOC", "SBJ", "IND", "VRF", "RESP", "REF"} {
				s.kids = append(s.kids, elementOf(t, `<participant typeCode="`+typ+`"><time value="20260101"/><participantRole classCode="ROL"><code code="RC" codeSystem="2.999.1" displayName="Rôle"/><playingEntity><code code="PE" codeSystem="2.999.1" displayName="Entité"/><name>Nom</name></playingEntity></participantRole></participant>`))
			}
		})
	}},
	{"devices", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<participant typeCode="DEV"><participantRole classCode="MANU"><id root="2.999.1" extension="SN"/><playingDevice><code code="PE" codeSystem="2.999.1" displayName="Appareil"/><manufacturerModelName>Modèle</manufacturerModelName></playingDevice><scopingEntity><desc>Fabricant</desc></scopingEntity></participantRole></participant>`))
		})
	}},
	{"reference ranges*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			if s.name == "observation" {
				s.kids = append(s.kids, elementOf(t, `<interpretationCode code="H" codeSystem="2.16.840.1.113883.5.83" displayName="Haut"/>`), elementOf(t, `<methodCode code="M" codeSystem="2.999.1"/>`), elementOf(t, `<targetSiteCode code="S" codeSystem="2.999.1"/>`),
					elementOf(t, `<referenceRange><observationRange><value`+xsi+`xsi:type="IVL_PQ"><low value="0.10" unit="mg"/></value><interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/></observationRange></referenceRange>`),
					elementOf(t, `<referenceRange><observationRange><text>négatif</text></observationRange></referenceRange>`),
					elementOf(t, `<referenceRange><observationRange><value`+xsi+`xsi:type="CD" code="260385009" codeSystem="2.16.840.1.113883.6.96" displayName="Négatif"/></observationRange></referenceRange>`))
			}
		})
	}},
	{"qualifiers*", func(t testing.TB, doc *element) {
		doc.statements(func(s *element) {
			for _, k := range s.kids {
				if k.attr("code") != "" && k.name != "statusCode" {
					k.kids = append(k.kids, elementOf(t, `<qualifier><name code="N1" codeSystem="2.999.5"/><value code="V1" codeSystem="2.999.6" displayName="Deux"/></qualifier>`))
				}
			}
		})
	}},
	{"entries of unknown template", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) {
			for _, e := range []string{
				`<act classCode="ACT" moodCode="EVN"><templateId root="2.999.1"/><code code="A" codeSystem="2.999.1" displayName="A"/><statusCode code="completed"/><effectiveTime value="2026"/></act>`,
				`<encounter classCode="ENC" moodCode="INT"><code code="A" codeSystem="2.999.1" displayName="A"/><effectiveTime value="2026"/></encounter>`,
				`<procedure classCode="PROC" moodCode="RQO"><code code="A" codeSystem="2.999.1" displayName="A"/><effectiveTime value="2026"/></procedure>`,
				`<procedure classCode="PROC"><code code="A" codeSystem="2.999.1" displayName="A"/><effectiveTime value="2026"/></procedure>`,
				`<supply classCode="SPLY" moodCode="EVN"><code code="A" codeSystem="2.999.1"/><quantity value="2" unit="{boîte}"/></supply>`,
				`<supply classCode="SPLY" moodCode="RQO"><quantity value="2"/><product><manufacturedProduct><manufacturedMaterial><code code="A" codeSystem="2.999.1"/></manufacturedMaterial></manufacturedProduct></product></supply>`,
				`<observationMedia classCode="OBS" moodCode="EVN"><value mediaType="image/png" representation="B64">iVBORw0KGgo=</value></observationMedia>`,
				`<substanceAdministration classCode="SBADM" moodCode="EVN"><text>Doliprane</text><effectiveTime value="20260101"/><doseQuantity value="1"/><consumable><manufacturedProduct><manufacturedLabeledDrug><name>Doliprane</name></manufacturedLabeledDrug></manufacturedProduct></consumable></substanceAdministration>`,
			} {
				s.kids = append(s.kids, &element{name: "entry", kids: []*element{elementOf(t, e)}})
			}
		})
	}},
	{"lists and tables", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) {
			if x := s.kid("text"); x != nil {
				x.kids = append(x.kids, elementOf(t, `<list listType="ordered"><caption>C</caption><item><caption>i</caption>un<list><item>deux</item></list></item></list>`),
					elementOf(t, `<table><caption>T</caption><colgroup><col/></colgroup><thead><tr><th>h</th></tr></thead><tfoot><tr><td>f</td></tr></tfoot><tbody><tr styleCode="Bold"><td rowspan="2"><paragraph><caption>pc</caption>p</paragraph><footnote>fn</footnote><sub>2</sub></td></tr></tbody></table>`), &element{text: "nu"})
			}
		})
	}},
	{"titles in elements", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) {
			if x := s.kid("text"); x != nil {
				x.set("mediaType", "text/x-hl7-text+xml")
			}
			s.kids = append(s.kids, elementOf(t, `<languageCode code="fr-FR"/>`))
		})
	}},
}

func reverse(e *element, name string) {
	var at []int
	for i, k := range e.kids {
		if k.name == name {
			at = append(at, i)
		}
	}
	for i, j := 0, len(at)-1; i < j; i, j = i+1, j-1 {
		e.kids[at[i]], e.kids[at[j]] = e.kids[at[j]], e.kids[at[i]]
	}
}
