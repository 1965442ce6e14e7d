package cda_test

import (
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/identity"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// TestReliability: an identity is qualified when the document names an INS that is
// right with all strict traits, and nothing is said of any other.
func TestReliability(t *testing.T) {
	whole := family(t)["vsm-complet.xml"]
	without := func(name, attribute, value string) string {
		doc := elementOf(t, whole)
		for _, patient := range doc.below(named("patientRole")) {
			for _, e := range patient.below(func(e *element) bool { return e.name == name }) {
				e.unset(attribute)
				if value != "" {
					e.set(attribute, value)
				}
				if attribute == "" {
					e.kids = nil
				}
			}
		}
		return doc.String()
	}
	for name, test := range map[string]struct {
		doc  string
		want bool
	}{
		"whole":               {whole, true},
		"no sex":              {without("administrativeGenderCode", "code", "UN"), false},
		"born in a year":      {without("birthTime", "value", "1947"), false},
		"no INSEE code":       {without("county", "", ""), false},
		"no given names":      {without("given", "", ""), false},
		"no name of birth":    {without("family", "qualifier", "CL"), false},
		"the key is wrong":    {family(t)["wrong-key.xml"], false},
		"nobody's identifier": {family(t)["no-ins.xml"], false},
	} {
		c := checked(t, test.doc)
		for _, change := range c.Changes {
			if change.Key.Type != "Patient" {
				continue
			}
			doc, err := fhirjson.Parse(change.Body)
			if err != nil {
				t.Fatal(err)
			}
			status, said := identity.StatusOf(doc.Root())
			if said != test.want || said && status.Level != identity.Qualified || said != strings.Contains(string(change.Body), "fr-core-patient-ins") {
				t.Errorf("%s: %+v %t", name, status, said)
			}
		}
	}
}

// TestOperatorsCodes: a map that an operator writes says which required code a code
// of his gets; the code itself stays beside it.
func TestOperatorsCodes(t *testing.T) {
	own := []byte(`{"resourceType":"ConceptMap","status":"active","group":[{"source":"urn:oid:2.999.7","target":"http://hl7.org/fhir/allergy-intolerance-criticality","element":[
		{"code":"ROUGE","target":[{"code":"high","equivalence":"equivalent"}]}]}]}`)
	maps, err := conceptmap.New(append(conceptmap.Shipped(), own)...)
	if err != nil {
		t.Fatal(err)
	}
	doc := withEntry(`<observation xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" classCode="OBS" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.41"/><code code="416098002" codeSystem="2.16.840.1.113883.6.96"/>
		<statusCode code="completed"/><value xsi:type="CD" code="X" codeSystem="2.999.1"/><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.170"/>
		<code code="82606-5" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/><value xsi:type="CD" code="ROUGE" codeSystem="2.999.7"/></observation></entryRelationship></observation>`)
	for _, with := range []*conceptmap.Maps{nil, maps} {
		in := adaptertest.Input([]byte(doc))
		in.Maps = with
		c, err := adaptertest.Check(t, cda.Adapter{}, in)
		if err != nil {
			t.Fatal(err)
		}
		got := bodyOf(t, c, "AllergyIntolerance")
		if strings.Contains(got, `"criticality":"high"`) != (with != nil) || with != nil && !strings.Contains(got, `"valueCoding":{"system":"urn:oid:2.999.7","code":"ROUGE"}`) {
			t.Errorf("with maps %t: %s", with != nil, got)
		}
		if with == nil && !strings.Contains(bodyOf(t, c, "Observation"), "ROUGE") {
			t.Error("without a map the criticality is nowhere")
		}
	}
}

// TestWordsOfObservations: what was looked at in the words of the document, and the
// words of the finding, each stand once, whatever the display says.
func TestWordsOfObservations(t *testing.T) {
	for name, test := range map[string]struct{ original, text, want string }{
		"both the display":   {"Pouls", "Pouls", `"text":"Pouls"}`},
		"the text only":      {"", "Pouls", `"text":"Pouls"}`},
		"other words":        {"Fréquence", "Pouls", `"display":"Pouls"}],"text":"Fréquence"}`},
		"of the finding":     {"Fréquence", "80 ce matin", `"note":[{"text":"80 ce matin"}]`},
		"the same elsewhere": {"Fréquence", "Fréquence", `"text":"Fréquence"}`},
	} {
		original := ""
		if test.original != "" {
			original = "<originalText>" + test.original + "</originalText>"
		}
		c := checked(t, withEntry(`<observation classCode="OBS" moodCode="EVN"><code code="8867-4" displayName="Pouls" codeSystem="2.16.840.1.113883.6.1">`+original+`</code><text>`+test.text+`</text></observation>`))
		got := bodyOf(t, c, "Observation")
		if !strings.Contains(got, test.want) || strings.Contains(got, "cda-element") {
			t.Errorf("%s: %s", name, got)
		}
		for _, item := range c.Report.Items {
			if item.Kind == adapters.KindText && strings.Contains(item.Source, "/entry") && item.Fate.String() == "not-understood" {
				t.Errorf("%s: %s", name, item.Source)
			}
		}
	}
}
