package demo

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// files are all JSON texts of the package.
func files(t *testing.T) map[string]*fhirjson.Doc {
	docs := map[string]*fhirjson.Doc{"story/entretien-anticancereux": parse(t, Interview()), "story/consentement-externe": parse(t, OutsideConsent())}
	for _, b := range Bundles() {
		docs[b.Name] = parse(t, b.Body)
	}
	return docs
}

func TestValid(t *testing.T) {
	for name, doc := range files(t) {
		for _, issue := range profile.Validate(doc) {
			if issue.Severity == fhir.SeverityError {
				t.Errorf("%s: %s: %s %s", name, issue.At, issue.Text.EN, issue.Hint.EN)
			}
		}
	}
}

// Every file of territory/ is loaded, once.
func TestEveryFileIsLoaded(t *testing.T) {
	entries, err := territory.ReadDir("territory")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	var loaded []string
	for _, b := range Bundles() {
		loaded = append(loaded, b.Name)
	}
	if !slices.Equal(names, loaded) {
		t.Errorf("files %q, loaded %q", names, loaded)
	}
}

// A reference leads to what was loaded before or with it, so that documentation
// and search find no loose ends.
func TestReferencesLead(t *testing.T) {
	known := map[string]bool{}
	for _, b := range Bundles() {
		doc := parse(t, b.Body)
		for e := range doc.Root().Get("entry").Items() {
			r := e.Get("resource")
			target := r.Get("resourceType").Text() + "/" + r.Get("id").Text()
			if known[target] || e.At("request", "url").Text() != target || e.At("request", "method").Text() != "PUT" ||
				!strings.HasSuffix(e.Get("fullUrl").Text(), "/fhir/"+target) {
				t.Errorf("%s: entry %s", b.Name, target)
			}
			known[target] = true
		}
		leads(t, b.Name, doc, known)
	}
	for e := range parse(t, Interview()).Root().Get("entry").Items() {
		known[e.Get("fullUrl").Text()] = true
	}
	leads(t, "interview", parse(t, Interview()), known)
	leads(t, "consent", parse(t, OutsideConsent()), known)
}

func leads(t *testing.T, name string, doc *fhirjson.Doc, known map[string]bool) {
	for n := range fhirjson.References(doc) {
		if text := n.Text(); n.Name() == "reference" && !known[text] {
			t.Errorf("%s: %s leads nowhere", name, text)
		}
	}
}

// Identities belong to nobody: INS of the test authority with a right key and
// department 00, each once; RPPS numbers start with 8999.
func TestIdentitiesBelongToNobody(t *testing.T) {
	shape := regexp.MustCompile(`^[12]\d{4}00\d{8}$`)
	seen := map[string]bool{}
	for name, doc := range files(t) {
		for n := range all(doc.Root()) {
			value := n.Get("value").Text()
			switch n.Get("system").Text() {
			case "urn:oid:1.2.250.1.213.1.4.10":
				nir, _ := strconv.Atoi(value[:13])
				key, _ := strconv.Atoi(value[13:])
				if !shape.MatchString(value) || key != 97-nir%97 || seen[value] {
					t.Errorf("%s: INS", name)
				}
				seen[value] = true
			case "urn:oid:1.2.250.1.213.1.4.8", "urn:oid:1.2.250.1.213.1.4.9":
				t.Errorf("%s: an INS of the real authority", name)
			case "https://rpps.esante.gouv.fr":
				if !strings.HasPrefix(value, "8999") || !luhn(value) || len(value) != 11 {
					t.Errorf("%s: RPPS", name)
				}
			case "https://finess.esante.gouv.fr":
				if !strings.HasPrefix(value, "00") || !luhn(value) || len(value) != 9 {
					t.Errorf("%s: FINESS", name)
				}
			}
		}
	}
	if len(seen) != 13 {
		t.Errorf("%d INS", len(seen))
	}
}

// all yields every object in the node.
func all(n fhirjson.Node) func(func(fhirjson.Node) bool) {
	var walk func(n fhirjson.Node, yield func(fhirjson.Node) bool) bool
	walk = func(n fhirjson.Node, yield func(fhirjson.Node) bool) bool {
		if n.Kind() == fhirjson.Object && !yield(n) {
			return false
		}
		for c := n.First(); c.Exists(); c = c.Next() {
			if !walk(c, yield) {
				return false
			}
		}
		return true
	}
	return func(yield func(fhirjson.Node) bool) { walk(n, yield) }
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// What the guided tour and the pages speak of is there.
func TestTheCastIsThere(t *testing.T) {
	m := loaded(t)
	count := map[string]int{}
	for _, r := range m.resources {
		count[r.Type]++
	}
	for typ, least := range map[string]int{"Organization": 8, "PractitionerRole": 8, "Patient": 12, "CareTeam": 10, "CarePlan": 3, "Goal": 4, "Task": 6,
		"Consent": 6, "DocumentReference": 4, "Observation": 8, "MedicationStatement": 8, "Condition": 10, "AllergyIntolerance": 2, "RelatedPerson": 2} {
		if count[typ] < least {
			t.Errorf("%d %s, want %d: %v", count[typ], typ, least, slices.Sorted(maps.Keys(count)))
		}
	}
	for _, r := range m.resources {
		root := parse(t, r.Body).Root()
		if r.Type == "DocumentReference" && (root.Get("docStatus").Exists() || root.Get("custodian").Exists() || root.Get("authenticator").Exists()) {
			t.Errorf("%s holds what a coordination note must not (ANS cdl-document-reference)", r.Current())
		}
		if r.Type == "CareTeam" && (!root.Get("identifier").Exists() || root.At("period", "start").Text() == "") {
			t.Errorf("%s is not a cercle de soins (ANS cds-ihe-careteam)", r.Current())
		}
	}
}
