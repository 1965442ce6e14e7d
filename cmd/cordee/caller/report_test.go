package caller

import (
	"encoding/json"
	"strings"
	"testing"
)

// accepted is an answer of $ingest with every item.
const accepted = `{"resourceType":"Parameters","parameter":[
	{"name":"outcome","resource":{"resourceType":"OperationOutcome","issue":[
		{"severity":"information","code":"informational","details":{"coding":[{"code":"mapping.counts"}],"text":"…"}},
		{"severity":"warning","code":"not-supported","details":{"coding":[{"code":"mapping.no-place"}],"text":"Aucun élément.",
		 "_text":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"en"},{"url":"content","valueString":"No element."}]}]}},
		 "diagnostics":"Ligne 3.","location":["/ClinicalDocument/x"]}]}},
	{"name":"document","valueReference":{"reference":"DocumentReference/d"}},
	{"name":"patient","valueReference":{"reference":"Patient/p"}},
	{"name":"created","valueInteger":2},{"name":"updated","valueInteger":0},{"name":"unchanged","valueInteger":1},
	{"name":"mapped","valueInteger":7},{"name":"narrative","valueInteger":2},{"name":"not-understood","valueInteger":1},
	{"name":"result","resource":{"resourceType":"Bundle","entry":[{"response":{"status":"201 Created","location":"Patient/p/_history/1"}},
		{"response":{"status":"201 Created","location":"Condition/c/_history/1"}},{"response":{"status":"200 OK","location":"Condition/d/_history/4"}}]}},
	{"name":"item","part":[{"name":"kind","valueString":"code"},{"name":"fate","valueString":"mapped"},{"name":"source","valueString":"/ClinicalDocument/code"},
		{"name":"path","valueString":"Composition.type"},{"name":"line","valueInteger":3}]}]}`

func TestReport(t *testing.T) {
	r, err := readReport("vsm.xml", &Response{Status: 200, Body: []byte(accepted)})
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string]string{
		"en": "vsm.xml: 2 created, 0 updated, 1 unchanged\n  patient   Patient/p\n  document  DocumentReference/d\n" +
			"  7 mapped, 2 kept as narrative, 1 not understood\n  Condition 2, Patient 1\n  warning: No element.\n    /ClinicalDocument/x\n" +
			"  code, mapped: /ClinicalDocument/code -> Composition.type\n",
		"fr": "vsm.xml\u00a0: créés 2, modifiés 0, inchangés 1\n  patient   Patient/p\n  document  DocumentReference/d\n" +
			"  convertis 7, gardés en texte 2, non compris 1\n  Condition 2, Patient 1\n  avertissement\u00a0: Aucun élément.\n    /ClinicalDocument/x\n" +
			"  code, converti: /ClinicalDocument/code -> Composition.type\n",
	} {
		var b strings.Builder
		if r.Print(&b, language); b.String() != want {
			t.Errorf("%s:\n got %q\nwant %q", language, b.String(), want)
		}
	}
	r.Counts["created"] = 0
	var b strings.Builder
	if r.Print(&b, "en"); !strings.HasPrefix(b.String(), "vsm.xml: nothing changed") {
		t.Errorf("again: %q", b.String())
	}
}

func TestReportOfRefusal(t *testing.T) {
	r, err := readReport("x.xml", &Response{Status: 422, Body: []byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"error",
		"details":{"coding":[{"code":"xml.doctype"}],"text":"A DOCTYPE."},"diagnostics":"Send it without. [X-Request-Id Z]"}]}`)})
	if err != nil || r.Accepted {
		t.Fatalf("%+v, %v", r, err)
	}
	var b strings.Builder
	if r.Print(&b, "en"); b.String() != "x.xml: not taken in (422)\n  error: A DOCTYPE.\n    Send it without.\n" {
		t.Errorf("got %q", b.String())
	}
	if _, err := readReport("x.xml", &Response{Status: 502, Body: []byte("<html>")}); err == nil {
		t.Error("HTML is taken for FHIR")
	}
}

// A15: what scripts read is the same in every language.
func TestReportAsJSONHasBothLanguages(t *testing.T) {
	r, err := readReport("vsm.xml", &Response{Status: 200, Body: []byte(accepted)})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(text), `"id":"mapping.no-place","severity":"warning","en":"No element.","fr":"Aucun élément."`) {
		t.Errorf("%v: %s", err, text)
	}
}

// POSIX locale: LC_ALL before LC_MESSAGES before LANG.
func TestLanguage(t *testing.T) {
	for _, c := range []struct{ all, messages, lang, want string }{
		{"", "", "", "en"}, {"", "", "fr_FR.UTF-8", "fr"}, {"", "", "C", "en"}, {"C", "", "fr_FR.UTF-8", "en"},
		{"", "fr_CH", "en_GB.UTF-8", "fr"}, {"fr", "en", "en", "fr"},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_MESSAGES", c.messages)
		t.Setenv("LANG", c.lang)
		if got := Language(); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}
