package consent

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// labelling is a securityLabel of the codes.
func labelling(codes ...string) string {
	list := ""
	for _, c := range codes {
		list += fmt.Sprintf(`,{"code":%q}`, c)
	}
	return `"securityLabel":[` + list[1:] + `]`
}

// Sensitive records are closed to the care team, and open to whom a Consent
// names for their label; of several labels each must be.
func TestSensitiveLabels(t *testing.T) {
	for _, tt := range []struct {
		name, said string
		labels     []string
		want       string
	}{
		{"no label", "", nil, CareTeam},
		{"psychiatry", "", []string{"PSY"}, Sensitive},
		{"hiv", "", []string{"HIV"}, Sensitive},
		{"addictology", "", []string{"ETH"}, Sensitive},
		{"abortion", "", []string{"IVG"}, Sensitive},
		{"very restricted", "", []string{"V"}, Sensitive},
		{"consent in general", provision("permit", "", msp), []string{"PSY"}, Sensitive},
		{"consent for the label", provision("permit", labelling("PSY"), msp), []string{"PSY"}, Permitted},
		{"consent for another label", provision("permit", labelling("HIV"), msp), []string{"PSY"}, Sensitive},
		{"consent for the label to another", provision("permit", labelling("PSY"), pharmacy), []string{"PSY"}, Sensitive},
		{"consent for a mask", provision("permit", labelling("MASQUE_PS"), msp), []string{"MASQUE_PS"}, Permitted},
	} {
		m := territory()
		if tt.said != "" {
			m.put(privacy("c", "p", msp, tt.said))
		}
		if got, why := sees(t, at(now), care(msp), m, labelled("p", tt.labels...)); why.Rule != tt.want || got != (tt.want == CareTeam || tt.want == Permitted) {
			t.Errorf("%s: %v by %s, want %s", tt.name, got, why.Rule, tt.want)
		}
	}
}

// A provision with securityLabel is about the records that bear one of the
// labels; a confidentiality is one of a rank, R when the record says none (C12).
func TestC12ProvisionsByLabel(t *testing.T) {
	for _, tt := range []struct {
		name, provision string
		labels          []string
		team, outside   string
	}{
		{"deny of a label", provision("deny", labelling("PSY", "ETH")), []string{"ETH"}, Opposition, Opposition},
		{"deny of another label", provision("deny", labelling("PSY")), []string{"N"}, CareTeam, OutsideCareTeam},
		{"deny of R, nothing said", provision("deny", labelling("R")), nil, Opposition, Opposition},
		{"deny of R, said N", provision("deny", labelling("R")), []string{"N"}, CareTeam, OutsideCareTeam},
		{"deny of R, said V", provision("deny", labelling("R")), []string{"V"}, Opposition, Opposition},
		{"deny of R to one", provision("deny", labelling("R"), msp), []string{"R"}, Denied, OutsideCareTeam},
		{"permit of N, said N", provision("permit", labelling("N"), outsider), []string{"N"}, CareTeam, Permitted},
		{"permit of N, said L", provision("permit", labelling("N"), outsider), []string{"L"}, CareTeam, Permitted},
		{"permit of N, said R", provision("permit", labelling("N"), outsider), []string{"N", "R"}, CareTeam, OutsideCareTeam},
		{"permit of N, nothing said", provision("permit", labelling("N"), outsider), nil, CareTeam, OutsideCareTeam},
		{"permit but of a label", provision("permit", `"provision":[`+provision("deny", labelling("R"))+`]`, outsider), []string{"R"}, CareTeam, Opposition},
		{"permit but of another label", provision("permit", `"provision":[`+provision("deny", labelling("R"))+`]`, outsider), []string{"N"}, CareTeam, Permitted},
	} {
		m := &memory{}
		m.put(patient("p", "Organization/hopital"))
		m.put(careTeam("t", "p", "Organization/hopital", admitting(msp)))
		m.put(privacy("c", "p", "Organization/hopital", tt.provision))
		for who, want := range map[string]string{msp: tt.team, outsider: tt.outside} {
			if got, why := sees(t, at(now), care(who), m, labelled("p", tt.labels...)); why.Rule != want || got != (want == CareTeam || want == Permitted) {
				t.Errorf("%s, %s: %v by %s, want %s", tt.name, who, got, why.Rule, want)
			}
		}
	}
}

// provision.data names records, and who wrote them; what goes by relation cannot
// be told, and denies whom a permit names.
func TestProvisionsByData(t *testing.T) {
	data := func(meaning, target string) string {
		return fmt.Sprintf(`"data":[{"meaning":%q,"reference":{"reference":%q}}]`, meaning, target)
	}
	for _, tt := range []struct{ name, provision, outside string }{
		{"the record", provision("permit", data("instance", "CarePlan/o"), outsider), Permitted},
		{"another record", provision("permit", data("instance", "Observation/x"), outsider), OutsideCareTeam},
		{"a record elsewhere", provision("permit", data("instance", "https://other.example/CarePlan/o"), outsider), Denied},
		{"its author", provision("permit", data("authoredby", "Organization/labo"), outsider), Permitted},
		{"another author", provision("permit", data("authoredby", pharmacy), outsider), OutsideCareTeam},
		{"a person", provision("permit", data("authoredby", "Practitioner/x"), outsider), Denied},
		{"what goes with a plan", provision("permit", data("related", "CarePlan/c"), outsider), Denied},
		{"deny of the record", provision("deny", data("instance", "CarePlan/o")), Opposition},
		{"deny of another record", provision("deny", data("instance", "Observation/x")), OutsideCareTeam},
		{"deny of what depends on another", provision("deny", data("dependents", "Encounter/e")), Opposition},
	} {
		m := &memory{}
		m.put(patient("p", "Organization/hopital"))
		m.put(privacy("c", "p", "Organization/hopital", tt.provision))
		if got, why := sees(t, at(now), care(outsider), m, record("p")); why.Rule != tt.outside || got != (tt.outside == Permitted) {
			t.Errorf("%s: %v by %s, want %s", tt.name, got, why.Rule, tt.outside)
		}
	}
}

// An actor may be narrowed to a profession by its role.
func TestActorByProfession(t *testing.T) {
	actor := func(kind string) string {
		return fmt.Sprintf(`{"type":%q,"actor":[{"role":{"coding":[{"system":%q,"code":"21"}]},"reference":{"reference":%q}}]}`, kind, professionSystems[0], outsider)
	}
	for _, tt := range []struct{ kind, profession, want string }{
		{"permit", "21", Permitted}, {"permit", "10", OutsideCareTeam}, {"permit", "", OutsideCareTeam},
		{"deny", "21", Denied}, {"deny", "10", OutsideCareTeam}, {"deny", "", Denied},
	} {
		m := &memory{}
		m.put(patient("p", "Organization/hopital"))
		m.put(privacy("c", "p", "Organization/hopital", actor(tt.kind)))
		who := care(outsider)
		who.Practitioner, who.Profession = "Practitioner/x", tt.profession
		if _, why := sees(t, at(now), who, m, fhir.Facts{Key: fhir.Key{Type: "Patient", ID: "p"}, Patients: []string{"p"}, Contributor: msp}); why.Rule != tt.want {
			t.Errorf("%s to pharmacists, %q: %s, want %s", tt.kind, tt.profession, why.Rule, tt.want)
		}
	}
}

// C08: every fault of a Consent is told at its element.
func TestC08FaultsAtTheirElements(t *testing.T) {
	m := territory()
	bad := consent("c", "p", msp, "active", `"verification":[{"verified":true}],"provision":{"type":"permit","action":[{"text":"x"}],"class":[{"code":"x"}],
		"period":{"start":"2026-05-01","end":"2026-04-01"},"dataPeriod":{"end":"soon"},"purpose":[{"display":"care"}],"securityLabel":[{"display":"x"}],
		"actor":[{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":"Device/d"}},{"reference":{"reference":"Organization/x"}},
			{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":"Group/none"}},{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":"Organization/pharmacie"}}],
		"provision":[{"type":"deny","code":[{"text":"x"}],"provision":[{"type":"permit"}]}]}`)
	_, err := at(now).Write(t.Context(), care(msp), m, nil, &bad)
	var e *fhir.Error
	if !errors.As(err, &e) || e.Kind != fhir.Unprocessable {
		t.Fatal(err)
	}
	var got []string
	for _, i := range e.Issues {
		got = append(got, i.At+" "+i.ID)
		if i.Text.EN == "" || i.Hint.FR == "" {
			t.Errorf("%s says nothing", i.At)
		}
	}
	want := []string{
		"Consent.provision.action " + ForbiddenByPCF, "Consent.provision.actor[0].reference " + UnknownActor, "Consent.provision.actor[1] " + Unreadable,
		"Consent.provision.actor[2].reference " + UnknownActor, "Consent.provision.class " + ForbiddenByPCF, "Consent.provision.dataPeriod " + Unreadable,
		"Consent.provision.period " + PeriodReversed, "Consent.provision.provision[0].code " + ForbiddenByPCF, "Consent.provision.provision[0].provision[0] " + TooDeep,
		"Consent.provision.purpose " + Unreadable, "Consent.provision.securityLabel " + Unreadable, "Consent.verification " + ForbiddenByPCF,
	}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("told\n%q, want\n%q", got, want)
	}
}

// An actor must be known: a Group or function of nobody could be made by
// whoever wants to be it.
func TestUnknownActor(t *testing.T) {
	m := territory()
	m.put(groupOf("pros", msp, entity("Practitioner/x", "")))
	m.put(groupOf("patients", msp, entity("Patient/q", "")))
	m.put(functionOf("f", "Practitioner/x", pharmacy, ""))
	for actor, ok := range map[string]bool{
		"Group/pros": true, "PractitionerRole/f": true, "Practitioner/x": true, "RelatedPerson/r": true, "CareTeam/tp": true,
		"Group/patients": false, "Group/none": false, "PractitionerRole/none": false, "Location/l": false, "https://other.example/Organization/x": false, "#x": false,
	} {
		c := privacy("c", "p", msp, provision("deny", "", actor))
		if rule, done := write(t, m, care(msp), nil, &c); done != ok || !ok && rule != UnknownActor {
			t.Errorf("%s: %v by %s", actor, done, rule)
		}
	}
	team := careTeam("n", "p", msp, admitting("PractitionerRole/none"))
	if rule, ok := write(t, m, care(msp), nil, &team); ok || rule != UnknownActor {
		t.Errorf("a team of a function that nobody knows: %v by %s", ok, rule)
	}
}

// A24: who sees some of a patient does not come to see more by what it writes.
func TestA24Widening(t *testing.T) {
	m := territory()
	m.put(privacy("some", "q", "Organization/hopital", provision("permit", labelling("N"), outsider)))
	m.put(privacy("kept", "p", msp, provision("deny", labelling("R"), pharmacy)))
	lifted := privacy("kept", "p", pharmacy, provision("deny", labelling("V"), pharmacy))
	old := privacy("kept", "p", pharmacy, provision("deny", labelling("R"), pharmacy))
	m.put(old)
	label := privacy("n", "p", pharmacy, provision("permit", labelling("PSY"), pharmacy))
	team := careTeam("n", "q", outsider, admitting(outsider))
	normal := privacy("n", "q", outsider, provision("permit", "", outsider))
	for name, tt := range map[string]struct {
		who           auth.Principal
		before, after *fhir.Resource
	}{
		"the sensitive by a consent of one's own": {care(pharmacy), nil, &label},
		"the rest by a team":                      {care(outsider), nil, &team},
		"the rest by a consent":                   {care(outsider), nil, &normal},
		"what was kept back, by lifting":          {care(pharmacy), &old, &lifted},
		"what was kept back, by deleting the no":  {care(pharmacy), &old, tombstone(old)},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok {
			t.Errorf("%s: by %s", name, rule)
		}
	}
}

// DMP: who may feed and who may read are two things (L1111-14, L1111-15).
func TestFeedingPermitted(t *testing.T) {
	m := territory()
	feeding := func(id, kind string) fhir.Resource {
		return consentOf(CategoryFeeding, id, "q", provision(kind, "", outsider))
	}
	m.put(feeding("yes", "permit"))
	if rule, ok := write(t, m, care(outsider), nil, observation(outsider, "q")); !ok || rule != FeedingPermitted {
		t.Errorf("feeds %v by %s", ok, rule)
	}
	if got, _ := sees(t, at(now), care(outsider), m, record("q")); got {
		t.Error("who may feed reads")
	}
	team := careTeam("n", "q", outsider, admitting(outsider))
	permit := privacy("n", "q", outsider, provision("permit", "", outsider))
	person := resource("Patient", "q", outsider, []string{"q"}, "")
	for _, after := range []*fhir.Resource{&team, &permit, &person} {
		if rule, ok := write(t, m, care(outsider), nil, after); ok {
			t.Errorf("who may feed writes %s by %s", after.Type, rule)
		}
	}
	if rule, ok := write(t, m, care(pharmacy), nil, observation(pharmacy, "q")); ok {
		t.Errorf("another feeds by %s", rule)
	}
	m.put(feeding("no", "deny"))
	if rule, ok := write(t, m, care(outsider), nil, observation(outsider, "q")); ok || rule != FeedingOpposition {
		t.Errorf("a permit beats a deny: %v by %s", ok, rule)
	}
}

// consentOf is an active privacy Consent of the category.
func consentOf(category, id, of, provision string) fhir.Resource {
	return resource("Consent", id, "Organization/hopital", []string{of}, fmt.Sprintf(
		`"status":"active","scope":{"coding":[{"system":%q,"code":"patient-privacy"}]},"category":[{"coding":[{"system":%q,"code":%q}]}],"patient":{"reference":"Patient/%s"},"provision":%s`,
		scopeSystem, CategorySystem, category, of, provision))
}
