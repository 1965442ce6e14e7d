package consent

import (
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// policy is what the policy resources of one patient come to. It is immutable;
// moments are held against it at each decision.
type policy struct {
	exists       bool     // the Patient is there
	owner        string   // who contributed the Patient as it stands
	contributors []string // of all policy resources, sorted
	teams        []team
	statements   []statement
}

// compile reads the policy resources of a patient.
func (r reader) compile(patient string, resources []fhir.Resource) *policy {
	p := &policy{}
	for _, res := range resources {
		if !res.Deleted() {
			r.add(p, patient, res)
		}
	}
	slices.Sort(p.contributors)
	p.contributors = slices.Compact(p.contributors)
	return p
}

// add reads one resource into the policy. Resources that merely mention the
// patient (a linked Patient, a CareTeam in which the patient cares for another)
// decide nothing.
func (r reader) add(p *policy, patient string, res fhir.Resource) {
	p.contributors = append(p.contributors, res.Facts.Contributor)
	switch res.Type {
	case "Patient":
		if res.ID == patient {
			p.exists, p.owner = true, res.Facts.Contributor
		}
	case "CareTeam":
		if t, ok := r.compileTeam(res, patient); ok {
			p.teams = append(p.teams, t)
		}
	case "Consent":
		if s, ok := r.compileStatement(res, patient); ok {
			p.statements = append(p.statements, s)
		}
	}
}

// access says by which rule the identity may see the patient or not.
func (p *policy) access(id *identity) (rule string, ok bool) {
	strongest := silent
	for i := range p.statements {
		if s := &p.statements[i]; s.consults {
			strongest = max(strongest, s.verdict(id, p.teams))
		}
	}
	switch strongest {
	case opposes:
		return Opposition, false
	case denies:
		return Denied, false
	case permits:
		return Permitted, true
	}
	for i := range p.teams {
		if cares(id.purpose) && p.teams[i].admits(id) {
			return CareTeam, true
		}
	}
	return OutsideCareTeam, false
}

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
func (p *policy) sources(rule string, id *identity) (list []string) {
	switch rule {
	case Opposition, Denied, Permitted:
		for i := range p.statements {
			if s := &p.statements[i]; s.consults && s.verdict(id, p.teams) >= permits {
				list = append(list, s.source)
			}
		}
	case CareTeam:
		for i := range p.teams {
			if p.teams[i].admits(id) {
				list = append(list, p.teams[i].source)
			}
		}
	case FeedingOpposition:
		for i := range p.statements {
			if s := &p.statements[i]; s.feeds && s.verdict(id, p.teams) >= denies {
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
