package consent

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// write asks for a change and returns the rule that decides it.
func write(t testing.TB, m *memory, who auth.Principal, before, after *fhir.Resource) (rule string, ok bool) {
	t.Helper()
	why, err := at(now).Write(t.Context(), who, m, before, after)
	if err == nil {
		if why.Text.EN == "" {
			t.Errorf("no text for %s", why.Rule)
		}
		return why.Rule, true
	}
	var refused *Refusal
	if !errors.As(err, &refused) || refused.Reason().Text.FR == "" {
		t.Fatalf("no reason for %v", err)
	}
	if kind := fhir.KindOf(err); kind != fhir.Forbidden && kind != fhir.Unprocessable && kind != fhir.Unavailable {
		t.Errorf("%s is of kind %v", refused.Why.Rule, kind)
	}
	return refused.Why.Rule, false
}

// tombstone is what a delete of the resource leaves.
func tombstone(r fhir.Resource) *fhir.Resource {
	r.Effect, r.Body = fhir.Deleted, nil
	return &r
}

// observation is one that the organisation writes about the patients.
func observation(contributor string, patients ...string) *fhir.Resource {
	r := resource("Observation", "o", contributor, patients, `"status":"final"`)
	return &r
}

// territory: msp contributed p and leads its team with the pharmacy; hospital
// contributed q, whom only it may see.
func territory() *memory {
	m := &memory{}
	m.put(patient("p", msp))
	m.put(careTeam("tp", "p", msp, admitting(msp, pharmacy)))
	m.put(patient("q", "Organization/hopital"))
	m.put(careTeam("tq", "q", "Organization/hopital", admitting("Organization/hopital")))
	return m
}

func TestWriteRefusesTheIncomplete(t *testing.T) {
	m := territory()
	officer := care(msp)
	officer.Roles = append(officer.Roles, auth.RoleOfficer)
	after := observation(msp, "p")
	for name, tt := range map[string]struct {
		who   auth.Principal
		after *fhir.Resource
		want  string
	}{
		"nobody":                {auth.Principal{}, after, NoOrganization},
		"no purpose":            {auth.Principal{Organization: msp}, after, NoPurpose},
		"officer":               {officer, after, Officer},
		"no image":              {care(msp), nil, Unavailable},
		"outside":               {care(outsider), observation(outsider, "p"), OutsideCareTeam},
		"no patient":            {care(msp), observation(msp), NoSubject},
		"unknown type":          {care(msp), &fhir.Resource{Key: fhir.Key{Type: "Whatever", ID: "x"}}, NoSubject},
		"several, one not open": {care(msp), observation(msp, "p", "q"), OutsideCareTeam},
	} {
		if rule, ok := write(t, m, tt.who, nil, tt.after); ok || rule != tt.want {
			t.Errorf("%s: %v by %s, want %s", name, ok, rule, tt.want)
		}
	}
	if _, err := New(Config{}).Write(t.Context(), care(msp), nil, nil, after); fhir.KindOf(err) != fhir.Unavailable {
		t.Errorf("without snapshot: %v", err)
	}
	if _, err := at(now).Write(t.Context(), care(msp), &memory{broken: true}, nil, after); err == nil {
		t.Error("a broken snapshot permits")
	}
}

// A24: audit events are the gateway's own.
func TestA24AuditEventNever(t *testing.T) {
	event := resource("AuditEvent", "e", msp, []string{"p"}, "")
	for _, role := range []string{auth.RoleContributor, auth.RoleRegistrar} {
		who := care(msp)
		who.Roles = []string{role}
		if rule, ok := write(t, territory(), who, nil, &event); ok || rule != AuditTrail {
			t.Errorf("%s writes AuditEvents: %s", role, rule)
		}
	}
}

func TestWritePatientData(t *testing.T) {
	m := territory()
	m.put(privacy("c", "q", "Organization/hopital", provision("permit", "", outsider)))
	fresh := patient("new", outsider)
	for _, tt := range []struct {
		name  string
		who   auth.Principal
		after *fhir.Resource
		want  string
		ok    bool
	}{
		{"in the team", care(pharmacy), observation(pharmacy, "p"), CareTeam, true},
		{"consented", care(outsider), observation(outsider, "q"), Permitted, true},
		{"a new patient", care(outsider), &fresh, NewPatient, true},
		{"about a patient who does not exist", care(outsider), observation(outsider, "new"), OutsideCareTeam, false},
		{"about a patient who is withheld", care(outsider), observation(outsider, "p"), OutsideCareTeam, false},
	} {
		if rule, ok := write(t, m, tt.who, nil, tt.after); ok != tt.ok || rule != tt.want {
			t.Errorf("%s: %v by %s, want %s", tt.name, ok, rule, tt.want)
		}
	}
}

// The organisation that contributed a Patient feeds it, even where the patient
// opposes that others see it; a feeding opposition stops it too.
func TestWriteOwnPatient(t *testing.T) {
	m := territory()
	m.put(patient("r", pharmacy))
	m.put(privacy("c", "r", msp, provision("deny", "")))
	if rule, ok := write(t, m, care(pharmacy), nil, observation(pharmacy, "r")); !ok || rule != OwnPatient {
		t.Errorf("%v by %s", ok, rule)
	}
	if rule, ok := write(t, m, care(msp), nil, observation(msp, "r")); ok || rule != Opposition {
		t.Errorf("another: %v by %s", ok, rule)
	}
	feeding := privacy("f", "r", msp, provision("deny", "", pharmacy))
	feeding.Body = []byte(strings.Replace(string(feeding.Body), `"category":[{"coding":[{`, `"category":[{"coding":[{"system":"`+CategorySystem+`","code":"dmp-alimentation"},{`, 1))
	m.put(feeding)
	if rule, ok := write(t, m, care(pharmacy), nil, observation(pharmacy, "r")); ok || rule != FeedingOpposition {
		t.Errorf("with a feeding opposition: %v by %s", ok, rule)
	}
	own := observation(pharmacy, "r")
	if rule, ok := write(t, m, care(pharmacy), own, own); ok || rule != FeedingOpposition {
		t.Errorf("update with a feeding opposition: %v by %s", ok, rule)
	}
	if rule, ok := write(t, m, care(pharmacy), own, tombstone(*own)); !ok || rule != OwnCorrection {
		t.Errorf("withdrawal with a feeding opposition: %v by %s", ok, rule)
	}
}

// What a client reads of a refusal does not tell whether the resource is there,
// or what the patient said.
func TestRefusalsLookAlike(t *testing.T) {
	m := territory()
	m.put(patient("r", pharmacy))
	m.put(privacy("c", "r", msp, provision("deny", "")))
	m.put(privacy("d", "p", msp, provision("deny", "", outsider)))
	theirs := observation("Organization/hopital", "q")
	var told []fhir.Issue
	for _, tt := range []struct {
		before, after *fhir.Resource
		want          string
	}{
		{nil, observation(outsider, "q"), OutsideCareTeam},
		{nil, observation(outsider, "p"), Denied},
		{nil, observation(outsider, "r"), Opposition},
		{theirs, observation(outsider, "q"), Withheld},
		{theirs, observation(outsider, "new"), Withheld},
		{theirs, tombstone(*theirs), Withheld},
		{tombstone(*theirs), observation(outsider, "new"), Withheld},
	} {
		_, err := at(now).Write(t.Context(), care(outsider), m, tt.before, tt.after)
		var e *fhir.Error
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v", tt.want, err)
		}
		if told == nil {
			told = e.Issues
		}
		if e.Kind != fhir.Forbidden || !slices.Equal(e.Issues, told) {
			t.Errorf("%s reads %v %+v", tt.want, e.Kind, e.Issues)
		}
		if rule, _ := write(t, m, care(outsider), tt.before, tt.after); rule != tt.want {
			t.Errorf("%s, want %s", rule, tt.want)
		}
	}
}

// A06: a resource that moves from one patient to another is judged for both.
func TestA06MoveBetweenPatients(t *testing.T) {
	m := territory()
	m.put(patient("r", pharmacy))
	for _, tt := range []struct {
		name          string
		who           auth.Principal
		before, after *fhir.Resource
		want          string
		ok            bool
	}{
		{"into a patient that is not open", care(msp), observation(msp, "p"), observation(msp, "q"), OutsideCareTeam, false},
		{"into both", care(msp), observation(msp, "p"), observation(msp, "p", "q"), OutsideCareTeam, false},
		{"out of a patient that is not open", care(msp), observation("Organization/hopital", "q"), observation(msp, "p"), Withheld, false},
		{"to no patient", care(msp), observation(msp, "p"), observation(msp), NoSubject, false},
		{"own, between open patients", care(pharmacy), observation(pharmacy, "p"), observation(pharmacy, "r"), OwnPatient, true},
		{"own, out of a patient no longer open", care(msp), observation(msp, "q"), observation(msp, "p"), CareTeam, true},
		{"own, back to a patient no longer open", care(msp), observation(msp, "p"), observation(msp, "q"), OutsideCareTeam, false},
		{"own, corrected in place", care(msp), observation(msp, "q"), observation(msp, "q"), OwnCorrection, true},
		{"own, from two patients to one of them", care(msp), observation(msp, "p", "q"), observation(msp, "q"), OwnCorrection, true},
		{"of another, by the team", physician(pharmacy), observation(msp, "p"), observation(pharmacy, "p"), CareTeam, true},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok != tt.ok || rule != tt.want {
			t.Errorf("%s: %v by %s, want %s", tt.name, ok, rule, tt.want)
		}
	}
}

// Deleting is the contributor's, and so is changing a document.
func TestWriteOfAnother(t *testing.T) {
	m := territory()
	note := resource("DocumentReference", "d", msp, []string{"p"}, "")
	theirs := note
	theirs.Facts.Contributor = pharmacy
	registrar := physician(pharmacy)
	registrar.Roles = []string{auth.RoleRegistrar}
	for _, tt := range []struct {
		name          string
		who           auth.Principal
		before, after *fhir.Resource
		want          string
		ok            bool
	}{
		{"delete by a member", physician(pharmacy), observation(msp, "p"), tombstone(*observation(msp, "p")), ForeignRecord, false},
		{"delete by the contributor", physician(msp), observation(msp, "p"), tombstone(*observation(msp, "p")), OwnCorrection, true},
		{"delete by a registrar of the team", registrar, observation(msp, "p"), tombstone(*observation(msp, "p")), CareTeam, true},
		{"note changed by a member", physician(pharmacy), &note, &theirs, ForeignRecord, false},
		{"note changed by its author", physician(msp), &note, &note, OwnCorrection, true},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok != tt.ok || rule != tt.want {
			t.Errorf("%s: %v by %s, want %s", tt.name, ok, rule, tt.want)
		}
	}
}

func TestWriteWithoutPatient(t *testing.T) {
	m := territory()
	with := func(roles ...string) auth.Principal {
		who := care(msp)
		who.Roles = roles
		return who
	}
	contained := resource("DocumentReference", "x", msp, nil, `"contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}`)
	own := func(typ, contributor string) *fhir.Resource { r := resource(typ, "x", contributor, nil, ""); return &r }
	for _, tt := range []struct {
		name          string
		who           auth.Principal
		before, after *fhir.Resource
		want          string
		ok            bool
	}{
		{"directory", with(auth.RoleContributor), nil, own("Practitioner", msp), DirectoryWriter, true},
		{"directory of another", with(auth.RolePractice), own("Organization", pharmacy), own("Organization", msp), ForeignRecord, false},
		{"directory by a platform", with(auth.RolePlatform), nil, own("Practitioner", msp), DirectoryWriter, false},
		{"directory without role", with(), nil, own("Location", msp), DirectoryWriter, false},
		{"delete of the directory of another", with(auth.RolePractice), own("Organization", pharmacy), tombstone(*own("Organization", pharmacy)), ForeignRecord, false},
		{"terminology", with(auth.RoleContributor), nil, own("CodeSystem", msp), Registrar, false},
		{"terminology by the registrar", with(auth.RoleRegistrar), nil, own("CodeSystem", msp), Registrar, true},
		{"binary", with(auth.RolePlatform), nil, own("Binary", msp), OwnRecord, true},
		{"document in quarantine", with(auth.RoleContributor), nil, own("DocumentReference", msp), OwnRecord, true},
		{"document about a contained Patient", with(auth.RoleContributor), nil, &contained, NoSubject, false},
		{"own binary", with(), own("Binary", msp), own("Binary", msp), OwnRecord, true},
		{"binary of another", with(), own("Binary", pharmacy), own("Binary", msp), Withheld, false},
		{"subscription", with(auth.RoleContributor), nil, own("Subscription", msp), NoSubject, false},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok != tt.ok || rule != tt.want {
			t.Errorf("%s: %v by %s, want %s", tt.name, ok, rule, tt.want)
		}
	}
}

// TestA05LinkToAPatient: to link a new Patient to one that is withheld is
// refused, and so it is to one who does not exist; but not to one's own, nor to
// what is in the same transaction.
func TestA05LinkToAPatient(t *testing.T) {
	m := territory()
	for target, want := range map[string]bool{"q": false, "nobody": false, "p": true} {
		after := resource("Patient", "new", pharmacy, []string{"new", target}, `"link":[{"other":{"reference":"Patient/`+target+`"},"type":"seealso"}]`)
		if rule, ok := write(t, m, care(pharmacy), nil, &after); ok != want {
			t.Errorf("linked to %s: %s %v", target, rule, ok)
		}
	}
}
