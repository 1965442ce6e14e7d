package consent

import (
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// policy is what the policy resources of one patient come to. It is immutable;
// moments are held against it at each decision.
type policy struct {
	exists       bool     // the Patient is there
	person       person   // what it says
	owner        string   // who contributed the Patient as it stands
	contributors []string // of all policy resources, sorted
	teams        []team
	statements   []statement

	links    []string // ids of Patients that are the same person, by either's word
	targets  []string // Groups and functions that the policy names, sorted
	narrowed bool     // some provision is about some records only
}

// compile reads the policy resources of a patient.
func (r reader) compile(patient string, resources []fhir.Resource) *policy {
	p := &policy{}
	for _, res := range resources {
		if !res.Deleted() {
			r.add(p, patient, res)
		}
	}
	for _, list := range []*[]string{&p.contributors, &p.links, &p.targets} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return p
}

// add reads one resource into the policy. Resources that merely mention the
// patient (a CareTeam in which the patient cares for another) decide nothing.
func (r reader) add(p *policy, patient string, res fhir.Resource) {
	p.contributors = append(p.contributors, res.Facts.Contributor)
	switch res.Type {
	case "Patient":
		r.addPerson(p, patient, res)
	case "CareTeam":
		if t, ok := r.compileTeam(res, patient); ok {
			p.teams = append(p.teams, t)
			for i := range t.members {
				p.name(t.members[i].target)
			}
		}
	case "Consent":
		if s, ok := r.compileStatement(res, patient); ok {
			p.statements = append(p.statements, s)
			p.survey(&s.rule)
		}
	}
}

// addPerson reads the Patient, or another that says to be the same person.
func (r reader) addPerson(p *policy, patient string, res fhir.Resource) {
	doc, err := fhirjson.Parse(res.Body)
	if err != nil {
		p.exists = p.exists || res.ID == patient
		return
	}
	if res.ID == patient {
		p.exists, p.owner, p.person = true, res.Facts.Contributor, r.compilePerson(doc.Root())
		p.links = append(p.links, slices.DeleteFunc(slices.Clone(p.person.links), func(id string) bool { return id == patient })...)
	} else if slices.Contains(r.links(doc.Root()), patient) {
		p.links = append(p.links, res.ID)
	}
}

// name notes a target that only the directory can tell who is behind.
func (p *policy) name(target string) {
	if typ := typeOf(target); typ == "Group" || typ == "PractitionerRole" {
		p.targets = append(p.targets, target)
	}
}

func (p *policy) survey(u *rule) {
	p.narrowed = p.narrowed || u.narrows()
	for i := range u.actors {
		p.name(u.actors[i].target)
	}
	for i := range u.exceptions {
		p.survey(&u.exceptions[i])
	}
}

// outcome is what the policy of a patient comes to for an identity.
type outcome struct {
	rule    string
	grounds grounds // none: nothing is open
}

func (o outcome) ok() bool { return o.grounds != 0 }

// access says by which rule the identity may see the patient of that id or not.
func (p *policy) access(q *inquiry, patient string) outcome {
	strongest := p.strongest(q)
	switch strongest {
	case opposes:
		return outcome{rule: Opposition}
	case denies:
		return outcome{rule: Denied}
	}
	if q.purpose == auth.PurposeBreakTheGlass {
		return breakGlass(q.identity, p, patient)
	}
	o := outcome{rule: OutsideCareTeam}
	if cares(q.purpose) && p.admits(q) {
		o = outcome{CareTeam, byTeam}
	}
	if strongest >= permits {
		o = outcome{Permitted, o.grounds | byConsent}
		if strongest == permitsLabel {
			o.grounds |= byNamed
		}
	}
	if o.ok() && cares(q.purpose) && slices.ContainsFunc(p.person.treating, func(t string) bool { return q.matches(t, false) }) {
		o.grounds |= byTreating
	}
	return o
}

// breakGlass opens the one patient of the token to whom was given one for an
// emergency, unless the patient objected before (L1111-17); who is given one,
// why and for how long is for the authorization server to see to.
func breakGlass(id *identity, p *policy, patient string) outcome {
	if id.patient == "" || id.patient != patient || !p.exists {
		return outcome{rule: OutsideCareTeam}
	}
	return outcome{BreakGlass, byEmergency}
}

// strongest is what the Consents about reading say of the identity.
func (p *policy) strongest(q *inquiry) verdict {
	strongest := silent
	for i := range p.statements {
		if s := &p.statements[i]; s.consults {
			strongest = max(strongest, s.verdict(q, p.teams))
		}
	}
	return strongest
}

func (p *policy) admits(q *inquiry) bool {
	return slices.ContainsFunc(p.teams, func(t team) bool { return t.admits(q) })
}

// silent reports whether nothing was ever said about who may see the patient.
func (p *policy) silent() bool { return len(p.teams) == 0 && len(p.statements) == 0 }

// cares reports whether the purpose is one for which a care team shares what it
// knows (L1110-4: coordination or continuity of care, prevention).
func cares(purpose string) bool {
	switch purpose {
	case auth.PurposeTreatment, auth.PurposeEmergencyTreatment, auth.PurposeCareManagement:
		return true
	}
	return false
}

// sources lists the policy resources that the rule rests on. With a consent
// these are all that speak of the identity, those overruled included: who reads
// the trail sees that they contradict each other (C06).
func (p *policy) sources(rule string, q *inquiry) (list []string) {
	switch rule {
	case Opposition, Denied, Permitted:
		for i := range p.statements {
			if s := &p.statements[i]; s.consults && s.verdict(q, p.teams) >= permits {
				list = append(list, s.source)
			}
		}
	case CareTeam:
		for i := range p.teams {
			if p.teams[i].admits(q) {
				list = append(list, p.teams[i].source)
			}
		}
	case FeedingOpposition, FeedingPermitted:
		for i := range p.statements {
			s := &p.statements[i]
			if !s.feeds {
				continue
			}
			if v := s.verdict(q, p.teams); v >= denies == (rule == FeedingOpposition) && v >= permits {
				list = append(list, s.source)
			}
		}
	}
	return list
}

// solely reports whether the organisation contributed the Patient and
// everything that decides who may see it.
func (p *policy) solely(organization string) bool {
	return p.exists && p.owner == organization && !p.foreign(organization)
}

// foreign reports whether another organisation contributed a policy resource.
func (p *policy) foreign(organization string) bool {
	return slices.ContainsFunc(p.contributors, func(c string) bool { return c != organization })
}
