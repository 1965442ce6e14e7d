package store

import "testing"

// Whatever a reference begins with, it names whom it ends with: who decides may
// read more or fewer addresses as its own.
func TestNamedBy(t *testing.T) {
	for text, want := range map[string]string{
		"Organization/msp":                                      "Organization/msp",
		"PractitionerRole/x/_history/3":                         "PractitionerRole/x",
		"https://gateway.example/fhir/Group/g":                  "Group/g",
		"http://elsewhere.example/r4/Practitioner/a/_history/1": "Practitioner/a",
		"/Organization/msp":                                     "Organization/msp",
		"Patient/p":                                             "",
		"CareTeam/t":                                            "",
		"#contained":                                            "",
		"urn:uuid:0d2f7a3c-9f1f-4d3e-8f53-0a9a3a7a7a7a":         "",
		"Organization":                                          "",
		"Organization/":                                         "",
		"":                                                      "",
	} {
		if got := namedBy(text); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}
