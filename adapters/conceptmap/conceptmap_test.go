package conceptmap

import (
	"fmt"
	"strings"
	"testing"
)

// concepts is a ConceptMap of one group, written as "source>target" pairs with an
// equivalence in front: "equal a>b".
func concepts(status, source, target string, pairs ...string) []byte {
	var elements []string
	for _, p := range pairs {
		equivalence, codes, _ := strings.Cut(p, " ")
		from, to, _ := strings.Cut(codes, ">")
		elements = append(elements, fmt.Sprintf(`{"code":%q,"target":[{"code":%q,"display":"D","equivalence":%q}]}`, from, to, equivalence))
	}
	return []byte(fmt.Sprintf(`{"resourceType":"ConceptMap","status":%q,"group":[{"source":%q,"target":%q,"element":[%s]}]}`, status, source, target, strings.Join(elements, ",")))
}

func TestTranslate(t *testing.T) {
	m, err := New(
		concepts("active", "local", "national", "equal L1>N1", "wider L2>N2", "narrower L3>N3", "inexact L4>N4", "unmatched L5>N5", "equivalent L6>N6"),
		concepts("active", "national", "international", "equivalent N1>I1", "subsumes N6>I6", "equal N6>I7"),
		concepts("active", "international", "local", "equal I1>L1"), // a circle
		concepts("draft", "local", "national", "equal L8>N8"),
		concepts("active", "urn:ietf:rfc:3986", "urn:ietf:rfc:3986", "equal urn:oid:1.2.3>http://example.org/cs"),
	)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		"L1": "[{national N1 D} {international I1 D}]", // by way of the national
		"L2": "[{national N2 D}]",
		"L3": "[]", "L4": "[]", "L5": "[]", // not the same, or less
		"L6": "[{national N6 D} {international I6 D} {international I7 D}]",
		"L8": "[]", // a draft
		"L9": "[]",
	} {
		if got := fmt.Sprint(m.Translate(Code{System: "local", Code: code, Display: "whatever"})); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
	if got := m.Translate(Code{System: "other", Code: "L1"}); got != nil {
		t.Errorf("a code of another system became %v", got)
	}
	for oid, want := range map[string]string{"1.2.3": "http://example.org/cs", "urn:oid:1.2.3": "http://example.org/cs", "1.2.4": ""} {
		if got := m.URI(oid); got != want {
			t.Errorf("%s: %q", oid, got)
		}
	}
}

// TestConditionsAreLeftToPeople: a target that holds only together with another
// element is not taken.
func TestConditionsAreLeftToPeople(t *testing.T) {
	m, err := New([]byte(`{"resourceType":"ConceptMap","status":"active","group":[{"source":"a","target":"b","element":[{"code":"1","target":[
		{"code":"2","equivalence":"equal","dependsOn":[{"property":"x","value":"y"}]}]}],"unmapped":{"mode":"fixed","code":"3"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"1", "9"} {
		if got := m.Translate(Code{System: "a", Code: code}); len(got) > 0 {
			t.Errorf("%s became %v", code, got)
		}
	}
}

// TestVersion: the same maps have one name, others another.
func TestVersion(t *testing.T) {
	one, _ := New(concepts("active", "a", "b", "equal 1>2"))
	same, _ := New([]byte(strings.Replace(string(concepts("active", "a", "b", "equal 1>2")), `"ConceptMap",`, `"ConceptMap","id":"x","meta":{"versionId":"7"},`, 1)))
	other, _ := New(concepts("active", "a", "b", "equal 1>3"))
	var none *Maps
	if one.Version() == "" || one.Version() != same.Version() || one.Version() == other.Version() || none.Version() != "" || none.Translate(Code{}) != nil || none.URI("1.2") != "" {
		t.Errorf("%q %q %q", one.Version(), same.Version(), other.Version())
	}
}

func TestNewRefuses(t *testing.T) {
	for name, body := range map[string]string{"no JSON": "{", "another resource": `{"resourceType":"ValueSet","status":"active"}`} {
		if _, err := New([]byte(body)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// TestManyTargets: a map that makes everything of one code makes no more than so
// many.
func TestManyTargets(t *testing.T) {
	var pairs []string
	for i := range 100 {
		pairs = append(pairs, fmt.Sprintf("equal a>%d", i))
	}
	m, err := New(concepts("active", "x", "y", pairs...))
	if err != nil || len(m.Translate(Code{System: "x", Code: "a"})) != translationsMost {
		t.Error(err)
	}
}

func FuzzNew(f *testing.F) {
	f.Add(concepts("active", "a", "b", "equal 1>2"), "a", "1")
	f.Fuzz(func(t *testing.T, body []byte, system, code string) {
		m, err := New(body)
		if err != nil {
			return
		}
		for _, c := range m.Translate(Code{System: system, Code: code}) {
			if c.System == "" || c.Code == "" {
				t.Errorf("an empty translation %v", c)
			}
		}
	})
}
