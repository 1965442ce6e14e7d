package fhirjson

import (
	"fmt"
	"strings"
	"testing"
)

// patient is a Patient of 2.5 KB, the size of the official example.
var patient = `{"resourceType":"Patient","id":"example","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">` +
	strings.Repeat(`<p>Paul Essai, né le 25 décembre 1974</p>`, 16) + `</div>"},"identifier":[{"use":"official","type":{"coding":[{` +
	`"system":"https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203","code":"INS-NIR"}]},"system":"urn:oid:1.2.250.1.213.1.4.10",` +
	`"value":"100000000000000","period":{"start":"2001-05-06"},"assigner":{"display":"INSi"}}],"active":true,"name":[` +
	strings.Repeat(`{"use":"official","family":"ESSAI","given":["Paul","Jacques"],"_given":[null,{"id":"g2"}]},`, 5) +
	`{"use":"usual","given":["Paulo"]}],"telecom":[` + strings.Repeat(`{"system":"phone","value":"01 99 00 00 00","use":"work","rank":1},`, 5) +
	`{"use":"home"}],"gender":"male","birthDate":"1974-12-25","deceasedBoolean":false,"address":[{"use":"home","type":"both",` +
	`"text":"1 rue de l'Essai","line":["1 rue de l'Essai"],"city":"Essaiville","postalCode":"99999","period":{"start":"1974-12-25"}}],` +
	`"managingOrganization":{"reference":"Organization/1"}}`

// bundle is a collection of 1 MB.
var bundle = func() string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i := 0; b.Len() < 1<<20; i++ {
		fmt.Fprintf(&b, `{"fullUrl":"https://example.org/fhir/Patient/%d","resource":%s},`, i, patient)
	}
	return strings.TrimSuffix(b.String(), ",") + "]}"
}()

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{"Patient": patient, "Bundle": bundle} {
		b.Run(fmt.Sprintf("%s/%dkB", name, len(text)>>10), func(b *testing.B) {
			in := []byte(text)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSetMeta(b *testing.B) {
	doc := parse(b, patient)
	b.ReportAllocs()
	for b.Loop() {
		SetMeta(doc, "p1", "7", noon)
	}
}
