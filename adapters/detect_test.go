package adapters

import "testing"

func TestSniff(t *testing.T) {
	for text, want := range map[string]Format{
		"": "",
		"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- long -->\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>": FormatCDA,
		"<html xmlns=\"http://www.w3.org/1999/xhtml\"><ClinicalDocument/></html>":                          FormatCDA,
		"<evenementsPatients xmlns=\"http://www.hprim.org/hprimXML\"/>":                                    FormatHPRIMXML,
		"<Patient xmlns=\"http://hl7.org/fhir\"/>":                                                         FormatFHIRXML,
		"<a/>":                        "",
		"MSH|^~\\&|":                  FormatHL7v2,
		"\x0bMSH|^~\\&|":              FormatHL7v2,
		"\r\nH|~^\\&|":                FormatHPRIMSante,
		"H|^~\\&|":                    "",
		"PK\x03\x04":                  FormatZIP,
		"  {\"resourceType\":1}":      FormatFHIRJSON,
		"BEGIN:VCALENDAR":             FormatCalendar,
		"123\nNOM\n****FIN****\r\n":   FormatHPRIMMedecin,
		"une lettre, sans plus":       "",
		"\x00\x01\x02 <ClinicalDocum": "",
	} {
		if got := Sniff([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
