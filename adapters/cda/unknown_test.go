package cda_test

import (
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/fhir"
)

// withEntry puts an entry into the section of the frame.
func withEntry(entry string) string {
	return strings.Replace(strings.Replace(frame, "%TEXT%", `<content ID="t">mots</content>`, 1), "</section>", "<entry>"+entry+"</entry></section>", 1)
}

func checked(t *testing.T, doc string) adapters.Conversion {
	t.Helper()
	c, err := adaptertest.Check(t, cda.Adapter{}, adaptertest.Input([]byte(doc)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// body returns the one resource of a type.
func bodyOf(t *testing.T, c adapters.Conversion, typ string) string {
	t.Helper()
	found := ""
	for _, change := range c.Changes {
		if change.Key.Type == typ {
			found += string(change.Body)
		}
	}
	return found
}

// TestUnknownTemplate: what is not known is said with its place, once, and read
// all the same.
func TestUnknownTemplate(t *testing.T) {
	statement := `<observation classCode="OBS" moodCode="EVN"><templateId root="2.999.55"/><code code="1" codeSystem="2.999.1"/><statusCode code="completed"/></observation>`
	doc := strings.Replace(withEntry(statement+"</entry><entry>"+statement), "<id root", `<templateId root="2.999.44"/><id root`, 1)
	c := checked(t, doc)
	var got []string
	for _, w := range c.Report.Warnings {
		if strings.HasPrefix(w.ID, "cda.unknown-") {
			got = append(got, w.ID+" "+w.At)
		}
		if w.Severity != fhir.SeverityWarning || w.Text.EN == "" || w.Text.FR == "" {
			t.Errorf("%+v", w)
		}
	}
	want := []string{"cda.unknown-document /ClinicalDocument/templateId (1:42)", "cda.unknown-template /ClinicalDocument/component/structuredBody/component/section/entry[1]/observation/templateId ("}
	if len(got) != 2 || got[0] != want[0] || !strings.HasPrefix(got[1], want[1]) {
		t.Errorf("got %q", got)
	}
	if n := strings.Count(bodyOf(t, c, "Observation"), `"resourceType"`); n != 2 {
		t.Errorf("%d observations", n)
	}
	if got := checked(t, withEntry(strings.Replace(statement, "2.999.55", "1.2.250.1.213.1.1.3.48", 1))).Report.Warnings; len(got) != 0 {
		t.Errorf("known: %+v", got)
	}
}

// TestNegation: what is not so never reads as if it were.
func TestNegation(t *testing.T) {
	for value, want := range map[string]string{
		`<value xsi:type="BL" value="true"/>`:    `"valueBoolean":false`,
		`<value xsi:type="BL" value="false"/>`:   `"valueBoolean":true`,
		``:                                       `"valueBoolean":false`,
		`<value xsi:type="CD" nullFlavor="NA"/>`: `"valueBoolean":false`,
		`<value xsi:type="CD" code="R05" displayName="Toux" codeSystem="2.16.840.1.113883.6.3"/>`: `"valueString":"Non : Toux"`,
		`<value xsi:type="PQ" value="5" unit="mg"/>`:                                              `"valueString":"Non : 5 mg"`,
		`<value xsi:type="PQ" value="cinq"/>`:                                                     `"dataAbsentReason"`,
	} {
		doc := withEntry(`<observation xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" classCode="OBS" moodCode="EVN" negationInd="true"><code code="1" codeSystem="2.999.1"/><statusCode code="completed"/>` + value + `</observation>`)
		got := bodyOf(t, checked(t, doc), "Observation")
		if !strings.Contains(got, want) || strings.Contains(got, `"valueCodeableConcept":{"coding"`) && !strings.Contains(got, "negated-value") {
			t.Errorf("%s: %s", value, got)
		}
	}
}

// TestLeftovers: what has no place is in the resource that it belongs to, under
// its name, and a negation around it goes with it.
func TestLeftovers(t *testing.T) {
	c := checked(t, withEntry(`<observation classCode="OBS" moodCode="EVN"><code code="1" codeSystem="2.999.1"/><statusCode code="completed"/><repeatNumber value="3"/>`+
		`<participant typeCode="CSM"><participantRole><playingEntity><code code="X" displayName="Appareil" codeSystem="2.999.1"/><name>Tensiomètre</name></playingEntity></participantRole></participant></observation>`))
	got := bodyOf(t, c, "Observation")
	for _, want := range []string{`"valueString":"repeatNumber"},{"url":"value","valueQuantity":{"value":3}`,
		`"code":"CSM"}]}},{"url":"entity","valueCodeableConcept":{"coding":[{"system":"urn:oid:2.999.1","code":"X","display":"Appareil"}],"text":"Tensiomètre"}}`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	for _, item := range c.Report.Items {
		if item.Fate == adapters.NotUnderstood {
			t.Errorf("%+v", item)
		}
	}
}

// TestNotDone: what did not take place is not said to have, whatever it is.
func TestNotDone(t *testing.T) {
	for entry, want := range map[string][2]string{
		`<encounter classCode="ENC" moodCode="EVN" negationInd="true"><code code="AMB" codeSystem="2.16.840.1.113883.5.4"/></encounter>`: {"Encounter", `"status":"cancelled"`},
		`<supply classCode="SPLY" moodCode="EVN" negationInd="true"><product><manufacturedProduct><manufacturedMaterial><code code="1" codeSystem="2.999.1"/></manufacturedMaterial></manufacturedProduct></product></supply>`: {
			"MedicationDispense", `"status":"declined"`},
		`<supply classCode="SPLY" moodCode="EVN" negationInd="true"><code code="1" codeSystem="2.999.1"/></supply>`:                                                      {"Observation", `"valueBoolean":false`},
		`<observation classCode="OBS" moodCode="EVN" negationInd="true"><templateId root="1.2.250.1.213.1.1.3.210"/><code code="1" codeSystem="2.999.1"/></observation>`: {"Observation", `"valueBoolean":false`},
	} {
		c := checked(t, withEntry(entry))
		if got := bodyOf(t, c, want[0]); !strings.Contains(got, want[1]) || bodyOf(t, c, "AdverseEvent")+bodyOf(t, c, "DeviceUseStatement") != "" {
			t.Errorf("%s: %s", entry, got)
		}
	}
}
