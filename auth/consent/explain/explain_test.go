package explain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

var update = flag.Bool("update", false, "write the golden files")

const base = "https://gateway.test/fhir"

// directory is a fhir.Repository with a few functions.
type directory struct {
	fhir.Repository
	bodies map[string]string
	fails  error
}

func (d directory) Read(_ context.Context, key fhir.Key) (fhir.Resource, error) {
	body, ok := d.bodies[key.String()]
	switch {
	case d.fails != nil:
		return fhir.Resource{}, d.fails
	case !ok:
		return fhir.Resource{}, fhir.Errorf(fhir.NotFound, "test", "resource.not-found", fhir.CodeNotFound, "", fhir.Text{}, fhir.Text{})
	}
	return fhir.Resource{Key: key, Body: []byte(body)}, nil
}

// pairs reads "name=value" parameters.
func pairs(text string) (list []search.Pair) {
	for _, p := range strings.Fields(text) {
		name, value, _ := strings.Cut(p, "=")
		list = append(list, search.Pair{Name: name, Value: value})
	}
	return list
}

// The actor of a question is the principal that a token would make.
func TestActor(t *testing.T) {
	c := Config{Base: base, Records: directory{bodies: map[string]string{
		"PractitionerRole/r": `{"resourceType":"PractitionerRole","id":"r","organization":{"reference":"` + base + `/Organization/msp"}}`}}}
	for _, tt := range []struct {
		params string
		want   auth.Principal
	}{
		{"actor=Organization/o", auth.Principal{Organization: "Organization/o", Purpose: "TREAT"}},
		{"actor=" + base + "/Organization/o purpose=CAREMGT", auth.Principal{Organization: "Organization/o", Purpose: "CAREMGT"}},
		{"actor=Practitioner/d organization=Organization/o profession=21", auth.Principal{Organization: "Organization/o", Practitioner: "Practitioner/d", Profession: "21", Purpose: "TREAT"}},
		{"actor=PractitionerRole/r", auth.Principal{Organization: "Organization/msp", Role: "PractitionerRole/r", Purpose: "TREAT"}},
		{"actor=PractitionerRole/none", auth.Principal{Role: "PractitionerRole/none", Purpose: "TREAT"}},
		{"actor=Patient/p0", auth.Principal{Organization: "Organization/cordee", Roles: []string{auth.RolePatient}, Patient: "p0", Purpose: "PATRQT"}},
		{"actor=RelatedPerson/m", auth.Principal{Organization: "Organization/cordee", Roles: []string{auth.RoleRepresentative}, Related: "RelatedPerson/m", Patient: "p0", Purpose: "PATRQT"}},
		{"actor=Organization/o purpose=BTG", auth.Principal{Organization: "Organization/o", Patient: "p0", Purpose: "BTG"}},
	} {
		q, err := c.question(rest.Call{Params: pairs(tt.params)})
		if err != nil {
			t.Errorf("%s: %v", tt.params, err)
			continue
		}
		got, err := c.actor(t.Context(), q, "p0")
		if a, b := show(got), show(tt.want); err != nil || a != b {
			t.Errorf("%s: %v\n got %s\nwant %s", tt.params, err, a, b)
		}
	}
}

func show(p auth.Principal) string {
	b, _ := json.Marshal(p)
	return string(b)
}

// A Parameters resource asks the same as a URL.
func TestQuestionByPost(t *testing.T) {
	c := Config{Base: base}
	body := `{"resourceType":"Parameters","parameter":[{"name":"actor","valueReference":{"reference":"Practitioner/d"}},{"name":"organization","valueUri":"Organization/o"},
		{"name":"purpose","valueCode":"ETREAT"},{"name":"profession","valueString":"60"}]}`
	posted, err := c.question(rest.Call{Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := c.question(rest.Call{Params: pairs("actor=Practitioner/d organization=Organization/o purpose=ETREAT profession=60")})
	if err != nil || posted != asked {
		t.Errorf("%+v, %+v, %v", posted, asked, err)
	}
}

// What is not a question is refused, at the parameter, without the value.
func TestRefusedQuestions(t *testing.T) {
	c := Config{Base: base, Records: directory{}}
	for params, at := range map[string]string{
		"": "http.actor", "actor=": "http.actor", "actor=Organization/o/_history/1": "http.actor", "actor=o": "http.actor",
		"actor=Organization/o organization=Practitioner/d": "http.organization", "actor=Organization/o purpose=FUN": "http.purpose",
		"actor=Organization/o profession=SECRET": "http.profession", "actor=Organization/o profession=1": "http.profession",
		"actor=Organization/o actor=Organization/o": "http.actor", "actor=Organization/o when=SECRET": "",
		"actor=Group/g": "http.actor", "actor=Organization/o organization=Organization/x": "http.actor",
	} {
		q, err := c.question(rest.Call{Params: pairs(params)})
		if err == nil {
			_, err = c.actor(t.Context(), q, "p0")
		}
		var e *fhir.Error
		if !errors.As(err, &e) || e.Kind != fhir.Malformed || e.Issues[0].ID != "consent.decision-parameter" || e.Issues[0].At != at || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", params, err)
		}
	}
}

// A directory that cannot be read is no directory without the function.
func TestUnreadableDirectory(t *testing.T) {
	broken := errors.New("broken on purpose")
	c := Config{Base: base, Records: directory{fails: broken}}
	q, err := c.question(rest.Call{Params: pairs("actor=PractitionerRole/r")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.actor(t.Context(), q, "p0"); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// policies is a fhir.Snapshot of one patient, whose team and consents are these.
type policies []string

func (p policies) Epochs(_ context.Context, names []string) ([]uint64, error) {
	epochs := make([]uint64, len(names))
	for i, name := range names {
		if name == "p0" {
			epochs[i] = 1
		}
	}
	return epochs, nil
}

func (p policies) Policy(context.Context, string) (list []fhir.Resource, err error) {
	for _, body := range p {
		var r struct{ ResourceType, ID string }
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return nil, err
		}
		key := fhir.Key{Type: r.ResourceType, ID: r.ID, Version: "2"}
		list = append(list, fhir.Resource{Key: key, Body: []byte(body), Facts: fhir.Facts{Key: key.Current(), Patients: []string{"p0"}}})
	}
	return list, nil
}

// A decision reads the same in both languages but for the texts, and names
// rules, versions and contradictions.
func TestRender(t *testing.T) {
	privacy := func(id, provision string) string {
		return `{"resourceType":"Consent","id":"` + id + `","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},` +
			`"patient":{"reference":"Patient/p0"},"provision":` + provision + `}`
	}
	actor := `"actor":[{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":"Organization/officine"}}]`
	team := `{"resourceType":"CareTeam","id":"t","status":"active","subject":{"reference":"Patient/p0"},"participant":[{"member":{"reference":"Organization/officine"}}]}`
	person := `{"resourceType":"Patient","id":"p0"}`
	for name, said := range map[string]policies{
		"team":          {person, team},
		"contradiction": {person, team, privacy("yes", `{"type":"permit",`+actor+`}`), privacy("no", `{"type":"deny",`+actor+`}`)},
	} {
		c := Config{Base: base}
		q, err := c.question(rest.Call{Params: pairs("actor=Practitioner/d organization=Organization/officine profession=21")})
		if err != nil {
			t.Fatal(err)
		}
		who, err := c.actor(t.Context(), q, "p0")
		if err != nil {
			t.Fatal(err)
		}
		d, err := consent.New(consent.Config{}).Decide(t.Context(), said, who, "p0")
		if err != nil {
			t.Fatal(err)
		}
		q.purpose, q.organization = who.Purpose, who.Organization
		for _, language := range []rest.Language{rest.French, rest.English} {
			body, err := render(d, q, language)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+string(language)+".golden.json", body)
		}
	}
}

func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", " "); err != nil {
		t.Fatal(err)
	}
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, append(got.Bytes(), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(want)) != strings.TrimSpace(got.String()) {
		t.Errorf("%s (-update writes it): %v\n%s", path, err, &got)
	}
}
