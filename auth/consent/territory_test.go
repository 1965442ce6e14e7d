package consent

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// The territory of this property is drawn as plain values, rendered as FHIR for
// the decision point, and judged here by the rule list of docs/consent.md, word
// by word and without any code of the decision (naive_test.go).

type drawnActor struct{ target, profession string }

type drawnProvision struct {
	deny    bool
	actors  []drawnActor
	purpose string // empty: any
	label   string // empty: any
	data    string // an instance; empty: any
	over    bool
	nested  []drawnProvision
}

type drawnConsent struct {
	id, category, status string
	malformed            bool
	provision            drawnProvision
}

type drawnTeam struct {
	id           string
	active, over bool
	members      []string
	membersOver  []string
	managing     string
}

type drawnPatient struct {
	id       string
	born     string
	deceased bool
	gp       string
	links    []string // of this one to others
	teams    []drawnTeam
	consents []drawnConsent
}

type drawnFunction struct {
	id, practitioner, organization, profession string
	active, over                               bool
	delegation, delegator                      string
}

type drawnWorld struct {
	patients  []drawnPatient
	functions []drawnFunction
	groups    map[string][]string // Group/id to its members
	relative  struct{ patient, code string }
}

type drawnRecord struct {
	typ, id, contributor string
	patients, labels     []string
}

var (
	organisations = []string{msp, pharmacy, outsider}
	actorsOf      = []string{msp, pharmacy, outsider, "Practitioner/x", "Practitioner/y", "PractitionerRole/f0", "PractitionerRole/f1", "Group/g", "Group/g", "Group/none", "RelatedPerson/r", "CareTeam/ta0", "CareTeam/tb0", "#x"}
	memberTargets = []string{msp, pharmacy, "Practitioner/x", "Practitioner/y", "PractitionerRole/f0", "PractitionerRole/f1"}
)

func drawWorld(t *rapid.T) *drawnWorld {
	w := &drawnWorld{groups: map[string][]string{}}
	flip := func(name string, of int) bool { return rapid.IntRange(0, of).Draw(t, name) == 0 }
	for i := range 2 {
		f := drawnFunction{id: fmt.Sprint("PractitionerRole/f", i), practitioner: rapid.SampledFrom([]string{"Practitioner/x", "Practitioner/y"}).Draw(t, "holder"),
			organization: rapid.SampledFrom([]string{msp, pharmacy}).Draw(t, "of"), profession: rapid.SampledFrom([]string{"10", "21", "60"}).Draw(t, "profession"),
			active: !flip("inactive", 6), over: flip("over", 6)}
		if i == 1 && flip("delegated", 2) {
			f.delegation, f.delegator = rapid.SampledFrom([]string{"interne", "remplacant", "assistant-medical"}).Draw(t, "delegation"), "PractitionerRole/f0"
		}
		w.functions = append(w.functions, f)
	}
	if !flip("no group", 2) {
		w.groups["Group/g"] = rapid.SliceOfN(rapid.SampledFrom([]string{msp, pharmacy, "Practitioner/x", "PractitionerRole/f0"}), 0, 2).Draw(t, "group members")
	}
	w.relative.patient = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "represented")
	w.relative.code = rapid.SampledFrom([]string{"MTH", "TUTEUR", "K"}).Draw(t, "relationship")
	for _, id := range []string{"a", "b"} {
		w.patients = append(w.patients, drawPatient(t, id, flip))
	}
	return w
}

func drawPatient(t *rapid.T, id string, flip func(string, int) bool) drawnPatient {
	p := drawnPatient{id: id, born: rapid.SampledFrom([]string{"1980-01-01", "2012-01-01", "2008-01-15", "2008-01-16", ""}).Draw(t, "born"), deceased: flip("deceased", 6)}
	p.gp = rapid.SampledFrom([]string{"", "", "Practitioner/x", "PractitionerRole/f0"}).Draw(t, "gp")
	if flip("linked", 3) {
		p.links = []string{map[string]string{"a": "b", "b": "a"}[id]}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "teams") {
		p.teams = append(p.teams, drawnTeam{id: fmt.Sprint("t", id, i), active: !flip("team inactive", 5), over: flip("team over", 5),
			members: rapid.SliceOfN(rapid.SampledFrom(memberTargets), 0, 2).Draw(t, "members"), membersOver: rapid.SliceOfN(rapid.SampledFrom(memberTargets), 0, 1).Draw(t, "former"),
			managing: rapid.SampledFrom([]string{"", "", msp, outsider}).Draw(t, "managing")})
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "consents") {
		p.consents = append(p.consents, drawnConsent{id: fmt.Sprint("c", id, i), category: rapid.SampledFrom([]string{"", "", "dmp-consultation", "dmp-alimentation"}).Draw(t, "category"),
			status: rapid.SampledFrom([]string{"active", "active", "active", "inactive"}).Draw(t, "status"), malformed: flip("malformed", 12), provision: drawnProvisionOf(t, 0, flip)})
	}
	return p
}

func drawnProvisionOf(t *rapid.T, depth int, flip func(string, int) bool) drawnProvision {
	u := drawnProvision{deny: flip("deny", 1), over: flip("over", 5), purpose: rapid.SampledFrom([]string{"", "", "TREAT", "HRESCH"}).Draw(t, "purpose"),
		label: rapid.SampledFrom([]string{"", "", "", "PSY", "N", "R", "MASQUE_PS"}).Draw(t, "label"), data: rapid.SampledFrom([]string{"", "", "", "", "Observation/o0"}).Draw(t, "data")}
	for range rapid.IntRange(0, 2).Draw(t, "actors") {
		u.actors = append(u.actors, drawnActor{rapid.SampledFrom(actorsOf).Draw(t, "actor"), rapid.SampledFrom([]string{"", "", "", "21"}).Draw(t, "actor profession")})
	}
	if depth == 0 && flip("nested", 2) {
		u.nested = []drawnProvision{drawnProvisionOf(t, 1, flip)}
	}
	return u
}

// render is the world as resources.
func (w *drawnWorld) render() *memory {
	m := &memory{}
	for _, f := range w.functions {
		code := fmt.Sprintf(`{"system":%q,"code":%q}`, professionSystems[0], f.profession)
		members := ""
		if f.delegation != "" {
			code += fmt.Sprintf(`,{"system":%q,"code":%q}`, DelegationSystem, f.delegation)
			members = fmt.Sprintf(`,"extension":[{"url":%q,"valueReference":{"reference":%q}}]`, DelegatedBy, f.delegator)
		}
		if f.over {
			members += `,"period":{"end":"2026-01-14"}`
		}
		m.put(resource("PractitionerRole", strings.TrimPrefix(f.id, "PractitionerRole/"), msp, nil, fmt.Sprintf(
			`"active":%v,"practitioner":{"reference":%q},"organization":{"reference":%q},"code":[{"coding":[%s]}]%s`, f.active, f.practitioner, f.organization, code, members)))
	}
	for id, members := range w.groups {
		list := []string{}
		for _, target := range members {
			list = append(list, entity(target, ""))
		}
		m.put(groupOf(strings.TrimPrefix(id, "Group/"), msp, strings.Join(list, ",")))
	}
	m.put(relatedTo("r", w.relative.patient, w.relative.code, ""))
	for _, p := range w.patients {
		p.render(m)
	}
	return m
}

func (p *drawnPatient) render(m *memory) {
	members, patients := fmt.Sprintf(`"deceasedBoolean":%v`, p.deceased), []string{p.id}
	if p.born != "" {
		members += fmt.Sprintf(`,"birthDate":%q`, p.born)
	}
	if p.gp != "" {
		members += fmt.Sprintf(`,"generalPractitioner":[{"reference":%q}]`, p.gp)
	}
	for _, l := range p.links {
		members += fmt.Sprintf(`,"link":[{"type":"seealso","other":{"reference":"Patient/%s"}}]`, l)
		patients = append(patients, l)
	}
	slices.Sort(patients)
	m.put(resource("Patient", p.id, "Organization/hopital", patients, members))
	for _, t := range p.teams {
		list, status := []string{}, map[bool]string{true: "active", false: "inactive"}[t.active]
		for _, target := range t.members {
			list = append(list, fmt.Sprintf(`{"member":{"reference":%q}}`, target))
		}
		for _, target := range t.membersOver {
			list = append(list, fmt.Sprintf(`{"member":{"reference":%q},"period":{"end":"2026-01-14"}}`, target))
		}
		extra := ""
		if t.over {
			extra += `,"period":{"end":"2026-01-14"}`
		}
		if t.managing != "" {
			extra += fmt.Sprintf(`,"managingOrganization":[{"reference":%q}]`, t.managing)
		}
		m.put(resource("CareTeam", t.id, "Organization/hopital", []string{p.id}, fmt.Sprintf(`"status":%q,"subject":{"reference":"Patient/%s"},"participant":[%s]%s`, status, p.id, strings.Join(list, ","), extra)))
	}
	for _, c := range p.consents {
		extra := ""
		if c.malformed {
			extra = `"verification":[{"verified":true}],`
		}
		category := `{"system":"http://loinc.org","code":"59284-0"}`
		if c.category != "" {
			category = fmt.Sprintf(`{"system":%q,"code":%q}`, CategorySystem, c.category)
		}
		m.put(resource("Consent", c.id, "Organization/hopital", []string{p.id}, fmt.Sprintf(
			`"status":%q,"scope":{"coding":[{"system":%q,"code":"patient-privacy"}]},"category":[{"coding":[%s]}],"patient":{"reference":"Patient/%s"},%s"provision":%s`,
			c.status, scopeSystem, category, p.id, extra, c.provision.render())))
	}
}

func (u *drawnProvision) render() string {
	members := fmt.Sprintf(`"type":%q`, map[bool]string{true: "deny", false: "permit"}[u.deny])
	var list []string
	for _, a := range u.actors {
		coding := `{"code":"IRCP"}`
		if a.profession != "" {
			coding = fmt.Sprintf(`{"system":%q,"code":%q}`, professionSystems[0], a.profession)
		}
		list = append(list, fmt.Sprintf(`{"role":{"coding":[%s]},"reference":{"reference":%q}}`, coding, a.target))
	}
	if len(list) > 0 {
		members += `,"actor":[` + strings.Join(list, ",") + `]`
	}
	if u.purpose != "" {
		members += fmt.Sprintf(`,"purpose":[{"system":%q,"code":%q}]`, actReason, u.purpose)
	}
	if u.label != "" {
		members += "," + labelling(u.label)
	}
	if u.data != "" {
		members += fmt.Sprintf(`,"data":[{"meaning":"instance","reference":{"reference":%q}}]`, u.data)
	}
	if u.over {
		members += `,"period":{"end":"2026-01-14"}`
	}
	for i := range u.nested {
		members += `,"provision":[` + u.nested[i].render() + `]`
	}
	return "{" + members + "}"
}
