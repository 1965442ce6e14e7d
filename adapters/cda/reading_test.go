package cda_test

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

const instance = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`

// TestEntries: what documents write in ways that examples do not, in the elements
// that it belongs in.
func TestEntries(t *testing.T) {
	vaccine := `<substanceAdministration ` + instance + ` classCode="SBADM" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.45"/>%s<consumable><manufacturedProduct><manufacturedMaterial><code code="J07" codeSystem="2.16.840.1.113883.6.73"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>`
	medicine := strings.Replace(vaccine, ".45", ".42", 1)
	result := `<observation ` + instance + ` classCode="OBS" moodCode="EVN"><code code="8867-4" codeSystem="2.16.840.1.113883.6.1"/>%s</observation>`
	for name, test := range map[string]struct{ entry, typ, want string }{
		"two ends of a dose without Range":  {fmt.Sprintf(vaccine, `<doseQuantity><low value="1" unit="mL"/><high value="2" unit="mL"/></doseQuantity>`), "Immunization", `"value":2,"unit":"mL"`},
		"unit of a dose beside it":          {fmt.Sprintf(medicine, `<doseQuantity value="2"/><administrationUnitCode code="CP" codeSystem="2.999.8" displayName="comprimé"/>`), "MedicationStatement", `"doseQuantity":{"value":2,"unit":"comprimé","system":"urn:oid:2.999.8","code":"CP"}`},
		"units of both ends":                {fmt.Sprintf(medicine, `<doseQuantity><low value="1"/><high value="2"/></doseQuantity><administrationUnitCode code="CP" codeSystem="2.999.8"/>`), "MedicationStatement", `"high":{"value":2,"unit":"CP","system":"urn:oid:2.999.8","code":"CP"}`},
		"kind of administration":            {fmt.Sprintf(medicine, `<code code="K" codeSystem="2.999.8" displayName="Perfusion"/>`), "MedicationStatement", `"category":{"coding":[{"system":"urn:oid:2.999.8","code":"K","display":"Perfusion"}]}`},
		"before a meal, by a negative time": {fmt.Sprintf(medicine, `<effectiveTime xsi:type="EIVL_TS" operator="A"><event code="ACM"/><offset><low value="-0.5" unit="h"/></offset></effectiveTime>`), "MedicationStatement", `"when":["ACM"],"offset":30`},
		"after a meal, by hours":            {fmt.Sprintf(medicine, `<effectiveTime xsi:type="EIVL_TS" operator="A"><event code="PC"/><offset value="1.5" unit="h"/></effectiveTime>`), "MedicationStatement", `"when":["PC"],"offset":90`},
		"an amount in another unit only":    {fmt.Sprintf(result, `<value xsi:type="PQ" nullFlavor="OTH"><translation value="3" code="cp" codeSystem="2.999.8" displayName="comprimés"/></value>`), "Observation", `"valueQuantity":{"value":3,"unit":"comprimés","system":"urn:oid:2.999.8","code":"cp"}`},
		"a value of a set":                  {fmt.Sprintf(result, `<value xsi:type="BXIT_CD" code="R05" codeSystem="2.16.840.1.113883.6.3" qty="2"/>`), "Observation", `"valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"R05"}]}`},
		"a number with exponent":            {fmt.Sprintf(result, `<value xsi:type="PQ" value="1.50e3" unit="10*3/uL"/>`), "Observation", `"valueQuantity":{"value":1.50E3,`},
		"words beside a name without code":  {fmt.Sprintf(result, `<value xsi:type="CD" displayName="Toux sèche"><originalText>il tousse</originalText></value>`), "Observation", `"valueCodeableConcept":{"coding":[{"display":"Toux sèche"}],"text":"il tousse"}`},
		"an address as value":               {fmt.Sprintf(result, `<value xsi:type="TEL" value="tel:0102030405"/>`), "Observation", `"valueContactPoint":{"system":"phone","value":"0102030405"}`},
		"a picture elsewhere as value":      {fmt.Sprintf(result, `<value xsi:type="ED" mediaType="image/jpeg"><reference value="https://images.example/1.jpg"/></value>`), "DocumentReference", `"attachment":{"contentType":"image/jpeg","url":"https://images.example/1.jpg"}`},
		"a device as product":               {`<supply ` + instance + ` classCode="SPLY" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.20"/><product><manufacturedProduct><manufacturedMaterial><code code="D1" codeSystem="2.999.8"/></manufacturedMaterial></manufacturedProduct></product></supply>`, "Device", `"code":"D1"`},
		"a type of allergy that is unknown": {`<observation ` + instance + ` classCode="OBS" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.41"/><code code="T1" codeSystem="2.999.8"/><value xsi:type="CD" code="X" codeSystem="2.999.1"/></observation>`, "AllergyIntolerance", `"_type":{"extension":[{"url":"https://cordee-sante.github.io/fhir/StructureDefinition/source-coding","valueCoding":{"system":"urn:oid:2.999.8","code":"T1"}}]}`},
		"a result in a comment":             {`<act classCode="ACT" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.32"/><code code="48767-8" codeSystem="2.16.840.1.113883.6.1"/><text><reference value="#t"/></text><entryRelationship typeCode="COMP">` + fmt.Sprintf(result, `<value xsi:type="INT" value="3"/>`) + `</entryRelationship></act>`, "Observation", `"valueInteger":3`},
		"an act named by a translation":     {`<act classCode="ACT" moodCode="EVN"><code nullFlavor="OTH"><translation code="HHFA001" codeSystem="1.2.250.1.215.300.1"/></code></act>`, "Procedure", `"code":"HHFA001"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := bodyOf(t, checked(t, withEntry(test.entry)), test.typ); !strings.Contains(got, test.want) {
				t.Errorf("without %s\n%s", test.want, got)
			}
		})
	}
}

// TestPackedFiles: a file is unpacked as its compression says, and one that grows
// beyond all measure is refused (P10).
func TestPackedFiles(t *testing.T) {
	pack := func(data []byte) string {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestCompression)
		w.Write(data)
		w.Close()
		return base64.StdEncoding.EncodeToString(b.Bytes())
	}
	entry := `<observation ` + instance + ` classCode="OBS" moodCode="EVN"><code code="X" codeSystem="2.999.1"/><value xsi:type="ED" mediaType="application/pdf" representation="B64" compression="%s">%s</value></observation>`
	for name, test := range map[string]struct {
		compression, data string
		read              bool
	}{
		"deflate":         {"DF", pack([]byte("%PDF-1.4")), true},
		"a bomb":          {"DF", pack(make([]byte, 51<<20)), false},
		"another way":     {"LZ", pack([]byte("%PDF-1.4")), false},
		"not packed":      {"GZ", "JVBERi0xLjQ=", false},
		"cut off at once": {"ZL", "eJw=", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := checked(t, withEntry(fmt.Sprintf(entry, test.compression, test.data)))
			found := false
			for _, change := range c.Changes {
				found = found || change.Key.Type == "Binary" && string(change.Content) == "%PDF-1.4"
			}
			refused := false
			for _, item := range c.Report.Items {
				refused = refused || item.Reason == "cda.compression"
			}
			if found != test.read || refused == test.read {
				t.Errorf("read %t, refused %t", found, refused)
			}
			if !strings.Contains(bodyOf(t, c, "Observation"), `"derivedFrom":[{"reference":"DocumentReference/`) {
				t.Error("the observation does not say which file it was")
			}
		})
	}
}

// TestWordsOfOtherSections: a reference finds the words around it, or those that the
// document has once; what is masked is not carried out of its section.
func TestWordsOfOtherSections(t *testing.T) {
	entry := `<entry><observation classCode="OBS" moodCode="EVN"><code code="X" codeSystem="2.999.1"><originalText><reference value="#%s"/></originalText></code></observation></entry>`
	section := func(inside, label string) string {
		return `<component><section><title>S</title><text>` + inside + `</text>` + label + `</section></component>`
	}
	masked := `<confidentialityCode code="MASQUE_PS" codeSystem="1.2.250.1.213.1.1.4.13"/>`
	other := section(`<content ID="once">une fois</content><content ID="twice">l'un</content>`, "") + section(`<content ID="twice">l'autre</content>`, "") + section(`<content ID="secret">masqué</content>`, masked)
	for id, want := range map[string]string{"t": "mots", "outer": "autour", "once": "une fois", "twice": "", "secret": "", "nowhere": ""} {
		doc := strings.Replace(withEntry("<observation/>"), "<entry><observation/></entry>", `<component><section><title>Dedans</title><text>rien</text>`+fmt.Sprintf(entry, id)+`</section></component>`, 1)
		doc = strings.Replace(doc, `<content ID="t">mots</content>`, `<content ID="t">mots</content><content ID="outer">autour</content>`, 1)
		i := strings.LastIndex(doc, "</structuredBody>")
		doc = doc[:i] + other + doc[i:]
		got := bodyOf(t, checked(t, doc), "Observation")
		if want != "" && !strings.Contains(got, `"text":"`+want+`"`) || want == "" && strings.Contains(got, `"text"`) {
			t.Errorf("%s: %s", id, got)
		}
	}
}
