package cda_test

import (
	"strings"
	"testing"
)

// shapes are forms of the whole document: what may be there or not, and how XML may
// be written.
var shapes = []form{
	{"no body", func(_ testing.TB, doc *element) { doc.drop("component") }},
	{"empty body", func(_ testing.TB, doc *element) {
		for _, b := range doc.below(named("structuredBody")) {
			b.kids = nil
		}
	}},
	{"header of what is required", func(_ testing.TB, doc *element) {
		for _, name := range strings.Fields("realmCode typeId templateId title languageCode setId versionNumber confidentialityCode informant dataEnterer authenticator legalAuthenticator participant informationRecipient inFulfillmentOf documentationOf relatedDocument authorization componentOf") {
			doc.drop(name)
		}
	}},
	{"header without id, code, date", func(_ testing.TB, doc *element) {
		for _, name := range strings.Fields("id code effectiveTime author custodian") {
			doc.drop(name)
		}
	}},
	{"header nulls", func(_ testing.TB, doc *element) {
		for _, name := range strings.Fields("id code effectiveTime setId versionNumber confidentialityCode languageCode title") {
			if k := doc.kid(name); k != nil {
				nulled(k)
			}
		}
	}},
	{"patient of an identifier", func(_ testing.TB, doc *element) {
		for _, role := range doc.below(named("patientRole")) {
			for _, name := range strings.Fields("patient addr telecom providerOrganization") {
				role.drop(name)
			}
		}
	}},
	{"patient null", func(_ testing.TB, doc *element) {
		for _, p := range doc.below(named("patient")) {
			for _, k := range p.kids {
				nulled(k)
			}
		}
	}},
	{"patient in a run", func(_ testing.TB, doc *element) {
		for _, p := range doc.below(named("patient")) {
			p.drop("name")
			p.kids = append([]*element{{name: "name", kids: []*element{{text: "Madame Jeanne DURAND"}}}}, p.kids...)
		}
	}},
	{"patient of several names", func(t testing.TB, doc *element) {
		for _, p := range doc.below(named("patient")) {
			p.kids = append(p.kids, elementOf(t, `<name use="L"><given qualifier="CL">Zoé</given><family qualifier="SP">DUPRÉ</family><family qualifier="BR">DURAND</family><prefix qualifier="AC">Dr</prefix><validTime><low value="2001"/></validTime></name>`),
				elementOf(t, `<name use="SRCH"><family partType="FAM">X</family><delimiter>-</delimiter></name>`), elementOf(t, `<ethnicGroupCode code="X" codeSystem="2.999.1"/>`),
				elementOf(t, `<birthplace><place><name>Dole</name><addr><county>39198</county><city>DOLE</city><country>FR</country></addr></place></birthplace>`))
		}
	}},
	{"births of all kinds", everywhere(func(e *element) {
		if e.name == "birthTime" {
			e.set("value", "19500700")
		}
	})},
	{"sections without anything", func(_ testing.TB, doc *element) {
		doc.sections(func(s *element) {
			for _, name := range strings.Fields("templateId id code title text") {
				s.drop(name)
			}
		})
	}},
	{"sections null", func(_ testing.TB, doc *element) {
		doc.sections(func(s *element) {
			s.set("nullFlavor", "NI")
			for _, name := range []string{"id", "code", "title", "text"} {
				if k := s.kid(name); k != nil {
					nulled(k)
				}
			}
		})
	}},
	{"sections five deep", func(t testing.TB, doc *element) {
		for _, b := range doc.below(named("structuredBody")) {
			for range 5 {
				outer := elementOf(t, `<component><section><title>Chapitre</title></section></component>`)
				outer.kids[0].kids = append(outer.kids[0].kids, b.kids...)
				b.kids = []*element{outer}
			}
		}
	}},
	{"sections with participants*", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<author><time value="2026"/><assignedAuthor><id nullFlavor="UNK"/></assignedAuthor></author>`), elementOf(t, `<informant><relatedEntity classCode="PRS"><code code="MTH" codeSystem="2.16.840.1.113883.5.111"/></relatedEntity></informant>`),
				elementOf(t, `<subject><relatedSubject classCode="PRS"><code code="FTH" codeSystem="2.16.840.1.113883.5.111"/></relatedSubject></subject>`))
		})
	}},
	{"entries null*", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<entry nullFlavor="NI"/>`), elementOf(t, `<entry><observation classCode="OBS" moodCode="EVN" nullFlavor="NI"/></entry>`), elementOf(t, `<entry><regionOfInterest classCode="ROIOVL" moodCode="EVN"><id root="2.999.1"/><code code="CIRCLE"/><value value="7"/></regionOfInterest></entry>`),
				elementOf(t, `<entry><act classCode="ACT" moodCode="EVN"/></entry>`), elementOf(t, `<entry><organizer classCode="CLUSTER" moodCode="EVN"><component/></organizer></entry>`))
		})
	}},
	{"narratives as text", func(_ testing.TB, doc *element) {
		doc.sections(func(s *element) {
			if x := s.kid("text"); x != nil {
				x.attrs, x.kids = [][2]string{{"mediaType", "text/plain"}}, []*element{{text: "Tout en une ligne & <b>rien</b> d'autre"}}
			}
		})
	}},
	{"narratives of all elements", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) {
			s.drop("text")
			s.kids = append(s.kids, elementOf(t, `<text ID="n0" language="fr-FR" styleCode="xLabel"><content ID="n1" revised="delete">ôté</content><content revised="insert">mis</content><linkHtml href="javascript:alert(1)" name="l">lien</linkHtml><linkHtml href="#n1">ici</linkHtml>`+
				`<footnote ID="f1">note</footnote><footnoteRef IDREF="f1"/><renderMultiMedia referencedObject="m1"><caption>légende</caption></renderMultiMedia><table border="1" ID="t1"><col width="10%"/><thead><tr><th abbr="a" scope="col">T</th></tr></thead><tbody><tr ID="r1"><td colspan="2" align="left">1<br/>2<list><item>x</item></list></td></tr></tbody></table>`+
				`<list listType="unordered" styleCode="Disc"><item ID="i1"><caption>c</caption>un</item></list><paragraph>a<sub>1</sub><sup>2</sup></paragraph><unknown onclick="x()">inconnu</unknown><script>alert(1)</script></text>`))
		})
	}},
	{"media in narratives", func(t testing.TB, doc *element) {
		doc.sections(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<entry typeCode="COMP"><observationMedia classCode="OBS" moodCode="EVN" ID="m1"><id root="2.999.9"/><languageCode code="fr"/><value mediaType="image/png" representation="B64">iVBORw0KGgo=</value></observationMedia></entry>`),
				elementOf(t, `<entry><observationMedia classCode="OBS" moodCode="EVN"><value mediaType="image/png"><reference value="image.png"/></value></observationMedia></entry>`),
				elementOf(t, `<entry><observationMedia classCode="OBS" moodCode="EVN"><value mediaType="image/png" representation="B64">pas du base64 !</value></observationMedia></entry>`))
		})
	}},
	{"organizers ten deep", func(t testing.TB, doc *element) {
		for _, e := range doc.below(named("entry")) {
			for i := range 10 {
				outer := elementOf(t, `<organizer classCode="BATTERY" moodCode="EVN"><statusCode code="completed"/></organizer>`)
				if i%3 == 0 {
					outer.kids = append(outer.kids, elementOf(t, `<code code="X" codeSystem="2.999.4" displayName="Niveau"/>`))
				}
				outer.kids = append(outer.kids, &element{name: "component", kids: e.kids})
				e.kids = []*element{outer}
			}
		}
	}},
	{"several authenticators and custodians", func(t testing.TB, doc *element) {
		for range 3 {
			doc.kids = append(doc.kids, elementOf(t, `<legalAuthenticator><time value="20260101"/><signatureCode code="S"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899900003022"/></assignedEntity></legalAuthenticator>`),
				elementOf(t, `<componentOf><encompassingEncounter><id root="2.999.1"/><code code="AMB" codeSystem="2.16.840.1.113883.5.4"/><effectiveTime nullFlavor="NI"/><encounterParticipant typeCode="ATND"><assignedEntity><id nullFlavor="NI"/></assignedEntity></encounterParticipant></encompassingEncounter></componentOf>`),
				elementOf(t, `<documentationOf typeCode="DOC"><serviceEvent classCode="ACT"><id root="2.999.2"/><effectiveTime value="2026"/></serviceEvent></documentationOf>`))
		}
	}},
	{"extensions of others*", func(t testing.TB, doc *element) {
		doc.set("xmlns:ext", "http://editor.example/ext")
		doc.statements(func(s *element) {
			s.kids = append(s.kids, elementOf(t, `<ext:note priority="1">Mots de l'éditeur</ext:note>`), elementOf(t, `<ext:data><ext:code code="E" codeSystem="2.999.4"/></ext:data>`))
		})
		doc.kids = append(doc.kids, elementOf(t, `<ext:signature>AAAA</ext:signature>`))
	}},
	{"attributes of schemas", everywhere(func(e *element) {
		switch e.name {
		case "id", "code", "value", "addr", "name", "telecom", "effectiveTime", "time":
			e.set("xsi:nil", "false")
		}
	})},
	{"units and systems of elsewhere", everywhere(func(e *element) {
		if e.attr("codeSystem") != "" {
			e.set("codeSystem", " "+e.attr("codeSystem")+" ")
		}
	})},
	{"roots as URNs*", everywhere(func(e *element) {
		if v := e.attr("root"); v != "" && e.name == "id" && !strings.HasPrefix(v, "1.2.250") {
			e.set("root", "urn:oid:"+v)
		}
	})},
	{"roots of other kinds*", everywhere(func(e *element) {
		if v := e.attr("root"); v != "" && e.name == "id" && !strings.HasPrefix(v, "1.2.250") {
			e.set("root", "MON_LOGICIEL")
			e.set("extension", "a b")
		}
	})},
}

// TestShapes is TestForms with the forms of a whole document.
func TestShapes(t *testing.T) {
	turn := 0
	for name, text := range family(t) {
		turn++
		for i, f := range shapes {
			if (i+turn)%5 != 0 && !*allForms {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				doc := elementOf(t, text)
				f.change(t, doc)
				inForm(t, doc.String(), strings.HasSuffix(f.name, "*"))
			})
		}
	}
}
