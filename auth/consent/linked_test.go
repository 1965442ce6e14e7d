package consent

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// linkedPatient is a Patient with links, each a type and a Patient.
func linkedPatient(id, contributor string, links ...string) fhir.Resource {
	list, patients := "", []string{id}
	for i := 0; i < len(links); i += 2 {
		list += fmt.Sprintf(`,{"other":{"reference":"Patient/%s"},"type":%q}`, links[i+1], links[i])
		patients = append(patients, links[i+1])
	}
	slices.Sort(patients)
	members := ""
	if list != "" {
		members = `"link":[` + list[1:] + `]`
	}
	return resource("Patient", id, contributor, patients, members)
}

// C13: of Patients that are one person the strictest policy holds for both,
// whichever of them says so, and by whatever type of link.
func TestC13Linked(t *testing.T) {
	for _, typ := range []string{"replaced-by", "replaces", "seealso", "refer"} {
		for _, from := range []string{"a", "b"} {
			to := map[string]string{"a": "b", "b": "a"}[from]
			for _, tt := range []struct {
				name   string
				said   []fhir.Resource
				a, b   bool
				reason string // of a refusal
			}{
				{"nothing of the other", nil, true, false, OutsideCareTeam},
				{"a deny", []fhir.Resource{privacy("c", "b", msp, provision("deny", "", pharmacy))}, false, false, Denied},
				{"an opposition", []fhir.Resource{privacy("c", "b", msp, provision("deny", ""))}, false, false, Opposition},
				{"another team", []fhir.Resource{careTeam("tb", "b", msp, admitting(outsider))}, false, false, OutsideCareTeam},
				{"the same team", []fhir.Resource{careTeam("tb", "b", msp, admitting(pharmacy))}, true, true, ""},
				{"a consent", []fhir.Resource{privacy("c", "b", msp, provision("permit", "", pharmacy))}, true, true, ""},
			} {
				m := &memory{}
				m.put(linkedPatient("a", msp))
				m.put(linkedPatient("b", msp))
				m.put(linkedPatient(from, msp, typ, to))
				m.put(careTeam("ta", "a", msp, admitting(pharmacy)))
				for _, r := range tt.said {
					m.put(r)
				}
				for id, want := range map[string]bool{"a": tt.a, "b": tt.b} {
					if got, why := sees(t, at(now), care(pharmacy), m, record(id)); got != want || !got && why.Rule != tt.reason {
						t.Errorf("%s %s %s, %s of b: %s is %v by %s", from, typ, to, tt.name, id, got, why.Rule)
					}
				}
			}
		}
	}
}

// C13: links are followed along, in circles too, and not without end.
func TestC13LongChains(t *testing.T) {
	for length, want := range map[int]string{2: Denied, 15: Denied, 40: Linked} {
		m := &memory{}
		for i := range length {
			m.put(linkedPatient(fmt.Sprint("p", i), msp, "replaced-by", fmt.Sprint("p", (i+1)%length)))
		}
		m.put(careTeam("t", "p0", msp, admitting(pharmacy)))
		m.put(privacy("c", fmt.Sprint("p", length/2), msp, provision("deny", "", pharmacy)))
		if got, why := sees(t, at(now), care(pharmacy), m, record("p0")); got || why.Rule != want {
			t.Errorf("%d linked: %v by %s, want %s", length, got, why.Rule, want)
		}
	}
}

// C05, C13: what is said of one Patient holds for the other on the next
// request, and so do a link and its end.
func TestC05LinkedChangesAtOnce(t *testing.T) {
	m := &memory{}
	m.put(linkedPatient("a", msp))
	m.put(linkedPatient("b", msp))
	m.put(careTeam("ta", "a", msp, admitting(pharmacy)))
	m.put(privacy("c", "b", msp, provision("deny", "", pharmacy)))
	p := at(now)
	for i, step := range []struct {
		put  fhir.Resource
		want bool
	}{
		{linkedPatient("a", msp), true},
		{linkedPatient("b", msp, "replaces", "a"), false},
		{consent("c", "b", msp, "inactive", `"provision":{"type":"deny"}`), true},
		{privacy("c", "b", msp, provision("deny", "", pharmacy)), false},
		{linkedPatient("b", msp), true},
	} {
		m.put(step.put)
		if got, why := sees(t, p, care(pharmacy), m, record("a")); got != step.want {
			t.Errorf("step %d: %v by %s", i, got, why.Rule)
		}
	}
}

// A24: a link is no way in. It opens nothing, cannot be put upon a patient
// whom the writer may not see, and is not taken away to be rid of a no.
func TestA24PlantedLink(t *testing.T) {
	m := territory()
	m.put(linkedPatient("a", pharmacy, "seealso", "b"))
	m.put(linkedPatient("b", msp))
	m.put(privacy("c", "b", msp, provision("deny", "", pharmacy)))
	bound := m.resources[slices.IndexFunc(m.resources, func(r fhir.Resource) bool { return r.ID == "a" })]
	free := linkedPatient("a", pharmacy)
	onto := linkedPatient("x", outsider, "replaces", "q")
	mine := linkedPatient("x", outsider)
	registrar := care(pharmacy)
	registrar.Roles = []string{auth.RoleRegistrar}
	for _, tt := range []struct {
		name          string
		who           auth.Principal
		before, after *fhir.Resource
		ok            bool
	}{
		{"a new Patient upon a withheld one", care(outsider), nil, &onto, false},
		{"one's own Patient upon a withheld one", care(outsider), &mine, &onto, false},
		{"the link away", care(pharmacy), &bound, &free, false},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok != tt.ok {
			t.Errorf("%s: %v by %s", tt.name, ok, rule)
		}
	}
}

// A24: whoever declares a general practitioner of a patient whom others care
// for too would open what is masked.
func TestA24PlantedPractitioner(t *testing.T) {
	m := territory()
	m.put(careTeam("t2", "p", pharmacy, admitting(msp)))
	gp := `"generalPractitioner":[{"reference":"Practitioner/x"}]`
	before, after := patient("p", msp), resource("Patient", "p", msp, []string{"p"}, gp)
	registrar := care(msp)
	registrar.Roles = []string{auth.RoleRegistrar}
	fresh := resource("Patient", "new", msp, []string{"new"}, gp)
	for name, tt := range map[string]struct {
		who           auth.Principal
		before, after *fhir.Resource
		ok            bool
	}{
		"by a member": {care(pharmacy), &before, &after, false}, "by the contributor": {care(msp), &before, &after, false},
		"by the registrar": {registrar, &before, &after, true}, "of a new patient": {care(msp), nil, &fresh, true},
		"unchanged":  {care(pharmacy), &after, &after, false}, // m holds the one before
		"taken away": {care(pharmacy), &after, &before, true},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok != tt.ok {
			t.Errorf("%s: %v by %s", name, ok, rule)
		}
	}
	m.put(after)
	doctor := care(msp)
	doctor.Practitioner, doctor.Profession = "Practitioner/x", "21"
	f := record("p")
	f.Labels = []string{"MASQUE_PS", fhir.ClassLabel + "laboratory"}
	if got, why := sees(t, at(now), doctor, m, f); !got {
		t.Errorf("the general practitioner: %s", why.Rule)
	}
	doctor.Practitioner = "Practitioner/y"
	if got, _ := sees(t, at(now), doctor, m, f); got {
		t.Error("another member sees what is masked")
	}
	doctor.Practitioner, doctor.Organization = "Practitioner/x", outsider
	if got, _ := sees(t, at(now), doctor, m, f); got {
		t.Error("the general practitioner sees outside the care team")
	}
}
