package adapters_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// TestTranslations: what maps make of a code stands behind the source's own
// coding; the report counts the source alone, and the maps are a part of the
// converter's version.
func TestTranslations(t *testing.T) {
	maps, err := conceptmap.New([]byte(`{"resourceType":"ConceptMap","status":"active","group":[
		{"source":"http://hl7.org/fhir/sid/icd-10","target":"http://snomed.info/sct","element":[{"code":"I10","target":[{"code":"38341003","display":"Hypertension","equivalence":"equivalent"}]}]},
		{"source":"http://hl7.org/fhir/sid/icd-10","target":"http://example.org/less","element":[{"code":"I10","target":[{"code":"x","equivalence":"narrower"}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	in := adaptertest.Input(document(t, "vsm-complet"))
	plain, err := cda.Adapter{}.Convert(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	in.Maps = maps
	translated, err := cda.Adapter{}.Convert(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if plain.Report.Counts() != translated.Report.Counts() || translated.Report.Converter != plain.Report.Converter+"+"+maps.Version() {
		t.Errorf("%+v by %s", translated.Report.Counts(), translated.Report.Converter)
	}
	found := 0
	for i, c := range translated.Changes {
		if issues := profile.Validate(parse(c.Body)); len(issues) > 0 {
			t.Errorf("%s: %+v", c.Key, issues)
		}
		if c.Key.Type != "Condition" || bytes.Equal(c.Body, plain.Changes[i].Body) {
			continue
		}
		found++
		const want = `"code":"I10","display":"Hypertension essentielle (primitive)"},{"system":"http://snomed.info/sct","code":"38341003","display":"Hypertension"}]`
		if !bytes.Contains(c.Body, []byte(want)) || bytes.Contains(c.Body, []byte("example.org/less")) {
			t.Errorf("%s", c.Body)
		}
	}
	if found != 1 {
		t.Errorf("%d conditions were translated", found)
	}
}

// TestNewMapsAreAnotherMaking: the same bytes, after the maps changed, are a
// further edition and not known.
func TestNewMapsAreAnotherMaking(t *testing.T) {
	s := newShelf()
	in := adaptertest.Input(document(t, "vsm-complet"))
	for i, want := range []bool{false, true, false, true} {
		if i == 2 {
			in.Maps, _ = conceptmap.New([]byte(`{"resourceType":"ConceptMap","status":"active","group":[{"source":"http://hl7.org/fhir/sid/icd-10","target":"http://snomed.info/sct",
				"element":[{"code":"I10","target":[{"code":"38341003","equivalence":"equivalent"}]}]}]}`))
		}
		r, err := s.intake().Accept(context.Background(), in)
		if err != nil || r.Known != want {
			t.Errorf("sending %d: known %v, %v", i, r.Known, err)
		}
		if i == 2 && r.Count(fhir.Updated) == 0 {
			t.Error("nothing was updated")
		}
	}
	if body := s.kept[s.find(t, "Condition", "I10")]; !strings.Contains(string(body), "38341003") {
		t.Errorf("%s", body)
	}
}

// TestOIDsByMaps: an operator's map gives the URI of a system that is not shipped.
func TestOIDsByMaps(t *testing.T) {
	in := adaptertest.Input(bytes.ReplaceAll(document(t, "vsm-complet"), []byte(`codeSystem="2.16.840.1.113883.6.3"`), []byte(`codeSystem="2.999.6.3"`)))
	in.Maps, _ = conceptmap.New([]byte(`{"resourceType":"ConceptMap","status":"active","group":[{"source":"urn:ietf:rfc:3986","target":"urn:ietf:rfc:3986",
		"element":[{"code":"urn:oid:2.999.6.3","target":[{"code":"http://example.org/local","equivalence":"equal"}]}]}]}`))
	c, err := cda.Adapter{}.Convert(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	local := 0
	for _, change := range c.Changes {
		if bytes.Contains(change.Body, []byte("urn:oid:2.999.6.3")) {
			t.Errorf("%s", change.Body)
		}
		local += bytes.Count(change.Body, []byte("http://example.org/local"))
	}
	if local == 0 {
		t.Error("no code is of the system")
	}
}
