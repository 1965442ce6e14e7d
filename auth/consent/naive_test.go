package consent

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// A judge holds the rule list against one question.
type judge struct {
	w   *drawnWorld
	who auth.Principal

	profession string
	narrow     []string // professions whose rows must all open a class
	behalf     []string // of whom the asker has the rights
	holder     string
	barred     bool
}

func newJudge(w *drawnWorld, who auth.Principal) *judge {
	j := &judge{w: w, who: who, profession: who.Profession}
	switch {
	case who.Profession != "":
		j.narrow = []string{who.Profession}
	case who.Practitioner != "" || who.Role != "":
		j.narrow = []string{"person"}
	default:
		j.narrow = []string{"software"}
	}
	if who.Role == "" || len(who.Roles) > 0 && who.Roles[0] != auth.RolePractice {
		return j
	}
	f := j.function(who.Role)
	if f == nil || !j.stands(f) || who.Practitioner != "" && who.Practitioner != f.practitioner {
		j.barred = true
		return j
	}
	j.holder, j.narrow = f.practitioner, []string{f.profession}
	if f.delegation != "" {
		d := j.function(f.delegator)
		if d == nil || !j.stands(d) {
			j.barred = true
			return j
		}
		j.behalf, j.profession, j.narrow = []string{d.id, d.practitioner}, d.profession, []string{d.profession}
		if f.delegation == "assistant-medical" {
			j.profession, j.narrow = "", append(j.narrow, "assistant-medical")
		}
		return j
	}
	if who.Profession != "" {
		j.narrow = append(j.narrow, who.Profession)
	} else {
		j.profession = f.profession
	}
	return j
}

func (j *judge) function(id string) *drawnFunction {
	for i := range j.w.functions {
		if j.w.functions[i].id == id {
			return &j.w.functions[i]
		}
	}
	return nil
}

func (j *judge) stands(f *drawnFunction) bool {
	return f.active && !f.over && f.organization == j.who.Organization
}

// surely reports whether the target is the asker, beyond doubt.
func (j *judge) surely(target string) bool {
	if j.who.Kind() == auth.KindRepresentative {
		return target == j.who.Related
	}
	if target == j.who.Organization || target == j.who.Practitioner || target == j.who.Role || slices.Contains(j.behalf, target) {
		return true
	}
	if f := j.function(target); f != nil && j.who.Role == "" && j.who.Practitioner == f.practitioner {
		return j.stands(f) && f.delegation == ""
	}
	for _, m := range j.w.groups[target] {
		if j.surely(m) {
			return true
		}
	}
	return false
}

// possibly reports whether the target may be the asker: enough for a deny.
func (j *judge) possibly(target string) bool {
	if target == "#x" || j.surely(target) || target == j.holder {
		return true
	}
	if j.who.Kind() == auth.KindRepresentative {
		return false
	}
	if f := j.function(target); f != nil && j.who.Role == "" && j.who.Practitioner == f.practitioner {
		return f.organization == j.who.Organization
	}
	members, known := j.w.groups[target]
	if strings.HasPrefix(target, "Group/") && !known {
		return true
	}
	return slices.ContainsFunc(members, j.possibly)
}

func (j *judge) inTeam(t *drawnTeam) bool {
	if !t.active || t.over {
		return false
	}
	return t.managing == j.who.Organization && j.who.Kind() == auth.KindProfessional || slices.ContainsFunc(t.members, j.surely)
}

func (j *judge) named(p *drawnPatient, a drawnActor, deny bool) bool {
	if a.profession != "" && a.profession != j.profession && !(deny && j.profession == "") {
		return false
	}
	if team, ok := strings.CutPrefix(a.target, "CareTeam/"); ok {
		for i := range p.teams {
			t := &p.teams[i]
			if t.id != team || !t.active || len(t.members)+len(t.membersOver) == 0 && t.managing == "" {
				continue
			}
			if !deny {
				return j.inTeam(t)
			}
			all := append(append([]string{t.managing}, t.members...), t.membersOver...)
			return slices.ContainsFunc(all, func(m string) bool { return m != "" && j.possibly(m) })
		}
		return deny
	}
	if deny {
		return j.possibly(a.target)
	}
	return j.surely(a.target)
}

// about reports whether a provision is about the record.
func about(u *drawnProvision, r *drawnRecord) bool {
	if u.data != "" && u.data != r.typ+"/"+r.id {
		return false
	}
	ranks := "ULMNRV"
	own := "R"
	for _, rank := range strings.Split(ranks, "") {
		if slices.Contains(r.labels, rank) {
			own = rank
		}
	}
	switch {
	case u.label == "":
		return true
	case len(u.label) > 1:
		return slices.Contains(r.labels, u.label)
	case u.deny:
		return strings.Index(ranks, own) >= strings.Index(ranks, u.label)
	}
	return strings.Index(ranks, own) <= strings.Index(ranks, u.label)
}

// The stances a provision may take, weak to strong.
const (
	nothing = iota
	lifting
	letting
	lettingLabel
	refusing
	refusingAll
)

func (j *judge) stance(p *drawnPatient, u *drawnProvision, r *drawnRecord) int {
	if u.over {
		return nothing
	}
	own := j.bare(p, u, r)
	if len(u.nested) == 0 {
		return own
	}
	except := j.stance(p, &u.nested[0], r)
	switch {
	case except == nothing:
		return own
	case own == nothing: // an exception holds within its base, but for a deny to somebody
		if except == refusing {
			return refusing
		}
		return nothing
	case own >= refusing && except < refusing: // a permit inside a deny
		return except
	}
	return max(own, except)
}

func (j *judge) bare(p *drawnPatient, u *drawnProvision, r *drawnRecord) int {
	if !about(u, r) {
		return nothing
	}
	if u.purpose != "" && u.purpose != j.who.Purpose && !(u.deny && u.purpose == "TREAT" && j.who.Purpose == "ETREAT") {
		return nothing
	}
	if len(u.actors) == 0 {
		if u.deny {
			return refusingAll
		}
		return lifting
	}
	if !slices.ContainsFunc(u.actors, func(a drawnActor) bool { return j.named(p, a, u.deny) }) {
		return nothing
	}
	switch {
	case u.deny:
		return refusing
	case u.label != "":
		return lettingLabel
	}
	return letting
}

func (j *judge) consents(p *drawnPatient, r *drawnRecord) int {
	strongest := nothing
	for i := range p.consents {
		c := &p.consents[i]
		switch {
		case c.status != "active":
		case c.malformed:
			return refusingAll
		case c.category != "dmp-alimentation":
			strongest = max(strongest, j.stance(p, &c.provision, r))
		}
	}
	return strongest
}

// opening says on which grounds one Patient is open to a professional.
func (j *judge) opening(p *drawnPatient, r *drawnRecord) map[string]bool {
	s := j.consents(p, r)
	if s >= refusing {
		return nil
	}
	g := map[string]bool{}
	care := j.who.Purpose == "TREAT" || j.who.Purpose == "ETREAT"
	if care && slices.ContainsFunc(p.teams, func(t drawnTeam) bool { return j.inTeam(&t) }) {
		g["team"] = true
	}
	if s >= letting {
		g["consent"] = true
	}
	if s == lettingLabel {
		g["named"] = true
	}
	if len(g) > 0 && care && p.gp != "" && j.surely(p.gp) {
		g["treating"] = true
	}
	return g
}

// grounds are those on which the record's patient is open, linked ones counted.
func (j *judge) grounds(id string, r *drawnRecord) map[string]bool {
	var p, other *drawnPatient
	for i := range j.w.patients {
		if q := &j.w.patients[i]; q.id == id {
			p = q
		} else {
			other = q
		}
	}
	switch j.who.Kind() {
	case auth.KindPatient:
		if j.who.Patient == id && !p.deceased {
			return map[string]bool{"patient": true}
		}
		return nil
	case auth.KindRepresentative:
		return j.representing(p, other, r)
	}
	g := j.opening(p, r)
	if len(g) == 0 || !linked(p, other) || silence(other) {
		return g
	}
	h := j.opening(other, r)
	if len(h) == 0 {
		return nil
	}
	both := map[string]bool{}
	for k := range g {
		if h[k] || k == "treating" {
			both[k] = true
		}
	}
	if len(both) == 0 {
		both["several"] = true
	}
	return both
}

func (j *judge) representing(p, other *drawnPatient, r *drawnRecord) map[string]bool {
	s := j.consents(p, r)
	if j.w.relative.patient != p.id || p.deceased || s >= refusing || linked(p, other) && !silence(other) && j.consents(other, r) >= refusing {
		return nil
	}
	code := j.w.relative.code
	minor := p.born == "2012-01-01" || p.born == "2008-01-16" // on 2026-01-15
	if s >= letting || code == "TUTEUR" || code == "MTH" && minor {
		return map[string]bool{"representative": true} // a consent that names them is no consent to a professional
	}
	return nil
}

func linked(p, q *drawnPatient) bool { return len(p.links)+len(q.links) > 0 }

func silence(p *drawnPatient) bool {
	for _, t := range p.teams {
		if t.active && len(t.members)+len(t.membersOver) > 0 || t.active && t.managing != "" {
			return false
		}
	}
	return !slices.ContainsFunc(p.consents, func(c drawnConsent) bool { return c.status == "active" })
}

// seen is the whole rule list about one record.
func (j *judge) seen(r *drawnRecord) bool {
	professional := j.who.Kind() == auth.KindProfessional
	if j.barred {
		return false
	}
	if professional && r.contributor == j.who.Organization {
		return true
	}
	if len(r.patients) == 0 {
		return false
	}
	var held map[string]bool
	for i, id := range r.patients {
		g := j.grounds(id, r)
		if len(g) == 0 {
			return false
		}
		if i == 0 {
			held = g
			continue
		}
		both := map[string]bool{}
		for k := range g {
			if held[k] {
				both[k] = true
			}
		}
		if held = both; len(held) == 0 {
			held = map[string]bool{"several": true}
		}
	}
	if professional && !held["treating"] && slices.ContainsFunc(j.narrow, func(profession string) bool { return !classOpen(profession, r) }) {
		return false
	}
	for label, see := range map[string][]string{
		"MASQUE_PS": {"named", "treating", "patient", "representative"}, "INVISIBLE_PATIENT": {"named", "consent", "treating", "team"},
		"INVISIBLE_REPRESENTANTS_LEGAUX": {"named", "consent", "treating", "team", "patient"}, "CONNEXION_SECRETE": {"named", "patient"},
		"PSY": {"named", "treating", "patient", "representative"}, "IVG": {"named", "patient"},
	} {
		if slices.Contains(r.labels, label) && !slices.ContainsFunc(see, func(g string) bool { return held[g] }) {
			return false
		}
	}
	return true
}

// classOpen is france.md 6.2 for the records that are drawn.
func classOpen(profession string, r *drawnRecord) bool {
	class := r.typ
	if slices.Contains(r.labels, fhir.ClassLabel+"laboratory") {
		class = "laboratory"
	}
	switch profession {
	case "10":
		return true
	case "software":
		return slices.Contains([]string{"Appointment", "Patient", "CarePlan"}, class)
	case "21":
		return slices.Contains([]string{"MedicationRequest", "Appointment", "Patient"}, class)
	case "60":
		return slices.Contains([]string{"MedicationRequest", "Appointment", "Patient", "CarePlan"}, class)
	}
	return slices.Contains([]string{"Appointment", "Patient"}, class) // person, assistant-medical
}

func drawAsker(t *rapid.T, w *drawnWorld) auth.Principal {
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0:
		return portal(auth.RolePatient, rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "own"), "")
	case 1:
		return portal(auth.RoleRepresentative, "", "RelatedPerson/r")
	}
	who := care(rapid.SampledFrom(organisations).Draw(t, "organisation"))
	who.Roles = []string{auth.RolePractice}
	who.Practitioner = rapid.SampledFrom([]string{"", "Practitioner/x", "Practitioner/y"}).Draw(t, "practitioner")
	who.Role = rapid.SampledFrom([]string{"", "", "PractitionerRole/f0", "PractitionerRole/f1", "PractitionerRole/none"}).Draw(t, "function")
	if f := slices.IndexFunc(w.functions, func(f drawnFunction) bool { return f.id == who.Role }); f >= 0 && rapid.IntRange(0, 3).Draw(t, "astray") > 0 {
		who.Organization = w.functions[f].organization
		who.Practitioner = rapid.SampledFrom([]string{"", w.functions[f].practitioner}).Draw(t, "holder")
	}
	if who.Practitioner != "" || who.Role != "" {
		who.Profession = rapid.SampledFrom([]string{"", "10", "21", "60"}).Draw(t, "stated")
	}
	who.Purpose = rapid.SampledFrom([]string{"TREAT", "TREAT", "ETREAT", "HRESCH"}).Draw(t, "purpose of use")
	return who
}

func drawRecords(t *rapid.T) (list []drawnRecord) {
	for i := range 6 {
		r := drawnRecord{id: fmt.Sprint("o", i), typ: rapid.SampledFrom([]string{"Observation", "MedicationRequest", "Appointment", "CarePlan", "Basic"}).Draw(t, "type"),
			contributor: rapid.SampledFrom([]string{"Organization/labo", "Organization/labo", msp, pharmacy}).Draw(t, "contributor"),
			patients:    rapid.SampledFrom([][]string{{"a"}, {"a"}, {"b"}, {"a", "b"}, nil}).Draw(t, "of")}
		if r.typ == "Observation" && rapid.Bool().Draw(t, "laboratory") {
			r.labels = append(r.labels, fhir.ClassLabel+"laboratory")
		}
		r.labels = append(r.labels, rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"N", "R", "L", "PSY", "IVG", "MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "CONNEXION_SECRETE"}), 0, 2, rapid.ID).Draw(t, "labels")...)
		slices.Sort(r.labels)
		list = append(list, r)
	}
	return list
}

// What the decision point says of every record of a random territory is what
// the rule list says, and Explain says the same.
func TestPropertyRuleList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, records := drawWorld(t), drawRecords(t)
		m, p := w.render(), at(now)
		for range 8 {
			who := drawAsker(t, w)
			v, err := p.View(t.Context(), who, "Observation")
			if err != nil {
				t.Fatal(err)
			}
			ask(t, m, v, newJudge(w, who), records)
		}
	})
}

// ask holds one asker's view of the records against the rule list.
func ask(t *rapid.T, m *memory, v fhir.View, j *judge, records []drawnRecord) {
	facts := make([]fhir.Facts, len(records))
	for i, r := range records {
		facts[i] = fhir.Facts{Key: fhir.Key{Type: r.typ, ID: r.id}, Contributor: r.contributor, Patients: r.patients, Labels: r.labels}
	}
	got, err := v.Sees(t.Context(), m, facts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		why := v.(auth.Explainer).Explain(t.Context(), m, facts[i])
		if want := j.seen(&records[i]); got[i] != want {
			t.Fatalf("%+v of %+v: %v by %s, the rule list says %v", j.who, records[i], got[i], why.Rule, want)
		}
		if opening := slices.Contains([]string{OwnContribution, CareTeam, Permitted, Delegated, Subject, Representative}, why.Rule); opening != got[i] {
			t.Fatalf("%+v: %v is explained by %s", records[i], got[i], why.Rule)
		}
	}
}
