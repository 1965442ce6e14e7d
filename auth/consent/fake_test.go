package consent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// memory is a fhir.Snapshot over a few resources.
type memory struct {
	resources []fhir.Resource
	epochs    map[string]uint64
	compiled  int // calls of Policy
	broken    bool
}

func (m *memory) Epochs(_ context.Context, patients []string) ([]uint64, error) {
	if m.broken {
		return nil, errors.New("broken on purpose")
	}
	list := make([]uint64, len(patients))
	for i, p := range patients {
		list[i] = m.epochs[p]
	}
	return list, nil
}

func (m *memory) Policy(_ context.Context, patient string) (list []fhir.Resource, err error) {
	m.compiled++
	for _, r := range m.resources {
		if r.Current().String() == patient && !r.Deleted() {
			return []fhir.Resource{r}, nil
		}
		if slices.Contains(r.Facts.Patients, patient) && (r.Type == "Patient" || decides(r.Type)) {
			list = append(list, r)
		}
	}
	return list, nil
}

// put stores a resource as the next version, and returns it.
func (m *memory) put(r fhir.Resource) fhir.Resource {
	version := 1
	for _, old := range m.resources {
		if old.Current() == r.Current() {
			fmt.Sscan(old.Version, &version)
			version++
			m.touch(old)
		}
	}
	m.resources = slices.DeleteFunc(m.resources, func(old fhir.Resource) bool { return old.Current() == r.Current() })
	r.Version = fmt.Sprint(version)
	m.resources = append(m.resources, r)
	m.touch(r)
	return r
}

func (m *memory) touch(r fhir.Resource) {
	if m.epochs == nil {
		m.epochs = map[string]uint64{}
	}
	for _, p := range r.Facts.Patients {
		m.epochs[p]++
	}
	m.epochs[r.Current().String()]++
}

// functionOf is an active PractitionerRole of the practitioner, with further
// members of its JSON.
func functionOf(id, practitioner, organization, members string) fhir.Resource {
	if members != "" {
		members = "," + members
	}
	return resource("PractitionerRole", id, organization, nil, fmt.Sprintf(
		`"active":true,"practitioner":{"reference":%q},"organization":{"reference":%q}%s`, practitioner, organization, members))
}

// profession is the code of a PractitionerRole.
func profession(code string) string {
	return fmt.Sprintf(`"code":[{"coding":[{"system":%q,"code":%q}]}]`, professionSystems[0], code)
}

const (
	msp      = "Organization/msp"
	pharmacy = "Organization/pharmacie"
	outsider = "Organization/dehors"
)

// now is a Thursday noon in Paris, in winter.
var now = time.Date(2026, 1, 15, 12, 0, 0, 0, paris())

// rules are the default rules, read once.
var rules = Shipped()

// at is a decision point at the moment.
func at(t time.Time) *Point {
	return New(Config{Clock: func() time.Time { return t }, Base: "https://gw.example/fhir", Defaults: rules})
}

// care is a principal of the organisation.
func care(organization string) auth.Principal {
	return auth.Principal{Client: "soft-" + organization, Organization: organization, Purpose: auth.PurposeTreatment, Roles: []string{auth.RoleContributor}}
}

// physician is somebody of the organisation who sees every class of data.
func physician(organization string) auth.Principal {
	who := care(organization)
	who.Practitioner, who.Profession = "Practitioner/physician", "10"
	return who
}

// resource makes a resource of the patients from the members of its JSON.
func resource(typ, id, contributor string, patients []string, members string) fhir.Resource {
	key := fhir.Key{Type: typ, ID: id, Version: "1"}
	if members != "" {
		members = "," + members
	}
	return fhir.Resource{Key: key, Effect: fhir.Created, Body: fmt.Appendf(nil, `{"resourceType":%q,"id":%q%s}`, typ, id, members),
		Facts: fhir.Facts{Key: key.Current(), Patients: patients, Contributor: contributor}}
}

func patient(id, contributor string) fhir.Resource {
	return resource("Patient", id, contributor, []string{id}, "")
}

// careTeam is an active team of the patient with further members of its JSON.
func careTeam(id, of, contributor, members string) fhir.Resource {
	return resource("CareTeam", id, contributor, []string{of}, fmt.Sprintf(`"status":"active","subject":{"reference":"Patient/%s"},%s`, of, members))
}

// admitting is the participant list of a CareTeam.
func admitting(targets ...string) string {
	list := ""
	for _, target := range targets {
		list += fmt.Sprintf(`,{"member":{"reference":%q}}`, target)
	}
	return `"participant":[` + list[1:] + `]`
}

// privacy is an active privacy Consent of the patient with the provision.
func privacy(id, of, contributor, provision string) fhir.Resource {
	return consent(id, of, contributor, "active", `"provision":`+provision)
}

func consent(id, of, contributor, status, members string) fhir.Resource {
	return resource("Consent", id, contributor, []string{of}, fmt.Sprintf(
		`"status":%q,"scope":{"coding":[{"system":%q,"code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/%s"},%s`,
		status, scopeSystem, of, members))
}

// provision is one of the type for the targets, with further members.
func provision(kind string, members string, targets ...string) string {
	actors := ""
	for _, target := range targets {
		actors += fmt.Sprintf(`,{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":%q}}`, target)
	}
	if actors != "" {
		actors = `,"actor":[` + actors[1:] + `]`
	}
	if members != "" {
		members = "," + members
	}
	return fmt.Sprintf(`{"type":%q%s%s}`, kind, actors, members)
}

// record is the facts of an CarePlan that another organisation contributed.
func record(patients ...string) fhir.Facts {
	return fhir.Facts{Key: fhir.Key{Type: "CarePlan", ID: "o"}, Patients: patients, Contributor: "Organization/labo"}
}

// sees asks one view about one record, and holds it against Explain.
func sees(t testing.TB, p *Point, who auth.Principal, snap fhir.Snapshot, facts fhir.Facts) (bool, auth.Reason) {
	t.Helper()
	v, err := p.View(t.Context(), who, facts.Key.Type)
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Sees(t.Context(), snap, []fhir.Facts{facts})
	if err != nil {
		t.Fatal(err)
	}
	why := v.(auth.Explainer).Explain(t.Context(), snap, facts)
	if why.Rule == "" || why.Text.EN == "" || why.Text.FR == "" {
		t.Errorf("no reason: %+v", why)
	}
	return got[0], why
}

// parsed is the root of a JSON text.
func parsed(t testing.TB, text string) fhirjson.Node {
	t.Helper()
	doc, err := fhirjson.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}
