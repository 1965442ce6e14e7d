package consent

import (
	"context"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// identity is a principal as policies know it, at a moment.
type identity struct {
	kind         auth.Kind
	organization string // "Organization/id"
	practitioner string // "Practitioner/id", or empty
	role         string // "PractitionerRole/id", or empty
	related      string // "RelatedPerson/id", or empty
	patient      string // id of the patient in context
	purpose      string // code of v3-ActReason
	profession   string // code of TRE_G15; empty when unknown
	now          time.Time
	lasts        lasting // how long what was decided at now stays so

	holder   string    // the person whom the directory has in the role: denied alone
	behalf   []string  // whom the principal stands in for: "PractitionerRole/id", "Practitioner/id"
	rows     []*row    // what the default rules open; all must
	relative *relative // what the RelatedPerson says; nil when it is none
	sources  []string  // versions of the directory that the identity rests on
	barred   string    // rule by which nothing is open; empty for a function that stands
}

// identify reads what the directory says of the principal: a function that is
// over, or of another organisation, is none (PractitionerRole.active, period,
// organization), and neither is a delegation whose delegator has none.
func (p *Point) identify(ctx context.Context, snap fhir.Snapshot, who *auth.Principal) (*identity, error) {
	id := &identity{kind: who.Kind(), organization: who.Organization, practitioner: who.Practitioner, role: who.Role, related: who.Related,
		patient: who.Patient, purpose: who.Purpose, profession: who.Profession, now: p.Clock()}
	var err error
	switch {
	case id.kind == auth.KindRepresentative && id.related != "":
		err = p.identifyRelative(ctx, snap, id)
	case id.kind == auth.KindProfessional && id.role != "":
		err = p.identifyFunction(ctx, snap, id)
	}
	if err != nil {
		return nil, err
	}
	if id.rows == nil {
		id.rows = []*row{p.Defaults.row(rowOf(who), nil)}
	}
	return id, nil
}

func (p *Point) identifyRelative(ctx context.Context, snap fhir.Snapshot, id *identity) error {
	found, err := p.subjects(ctx, snap, []string{id.related})
	if err == nil {
		id.relative = found[0].relative
		id.sources = append(id.sources, found[0].source)
	}
	return err
}

func (p *Point) identifyFunction(ctx context.Context, snap fhir.Snapshot, id *identity) error {
	found, err := p.subjects(ctx, snap, []string{id.role})
	if err != nil {
		return err
	}
	f := found[0].function
	if f == nil || !f.stands(id) || id.practitioner != "" && f.practitioner != "" && f.practitioner != id.practitioner {
		id.barred = NoFunction
		return nil
	}
	id.holder, id.sources = f.practitioner, append(id.sources, found[0].source)
	if f.delegation != "" {
		return p.delegate(ctx, snap, id, f)
	}
	id.rows = p.rows(id, f)
	return nil
}

// rows are those of the profession that the token states and of the one that
// the directory has: where they differ both must open.
func (p *Point) rows(id *identity, f *function) (list []*row) {
	professions := f.professions
	if isProfession(id.profession) && !slices.Contains(professions, id.profession) {
		professions = append(slices.Clone(professions), id.profession)
	}
	if len(professions) == 0 {
		professions = []string{rowPerson}
	}
	if id.profession == "" && len(f.professions) == 1 {
		id.profession = f.professions[0]
	}
	for _, profession := range professions {
		list = append(list, p.Defaults.row(profession, f.specialties))
	}
	return list
}

// delegate lends the identity the rights of whom it stands in for, while both
// functions stand, in one organisation. A medical assistant (assistant médical)
// keeps to their own row besides; an intern (interne) and a locum (remplaçant)
// see what the supervisor or the replaced sees.
func (p *Point) delegate(ctx context.Context, snap fhir.Snapshot, id *identity, f *function) error {
	if f.delegator == "" || f.delegator == id.role {
		id.barred = NoDelegation
		return nil
	}
	found, err := p.subjects(ctx, snap, []string{f.delegator})
	if err != nil {
		return err
	}
	d := found[0].function
	if d == nil || d.delegation != "" || !d.stands(id) {
		id.barred = NoDelegation
		return nil
	}
	id.sources = append(id.sources, found[0].source)
	id.behalf = append(id.behalf, f.delegator)
	if d.practitioner != "" {
		id.behalf = append(id.behalf, d.practitioner)
	}
	of := &identity{}
	id.rows = p.rows(of, d)
	if id.profession = of.profession; f.delegation == assistantMedical {
		id.profession = ""
		id.rows = append(id.rows, p.Defaults.row(assistantMedical, nil))
	}
	return nil
}

// is reports whether a target names the organisation, the person or the
// function in which the person acts, or whom the person stands in for.
func (id *identity) is(target string) bool {
	switch {
	case target == "":
		return false
	case id.kind == auth.KindPatient:
		return isPatient(target, id.patient)
	case id.kind == auth.KindRepresentative:
		return target == id.related
	}
	return target == id.organization || target == id.role || target == id.practitioner || slices.Contains(id.behalf, target)
}

// within reports whether the moment of the identity lies in a span.
func (id *identity) within(s span) bool { return id.lasts.holds(s, id.now) }

// inquiry is one question about what an identity may do with a record.
type inquiry struct {
	*identity
	known map[string]*subject // of the directory, as far as policies name it
	facts *fhir.Facts         // of the record; nil asks about the patient in general
}

// matches reports whether a target names the identity: surely for a permit, and
// possibly for a deny, which also holds for whom the directory says to be behind
// the function, and for a group or team that cannot be read.
func (q *inquiry) matches(target string, deny bool) bool {
	switch {
	case q.is(target), deny && target != "" && target == q.holder:
		return true
	case typeOf(target) == "PractitionerRole" && q.role == "" && q.practitioner != "":
		s := q.known[target]
		return s != nil && s.function != nil && s.function.practitioner == q.practitioner && s.function.organization == q.organization &&
			(deny || s.function.delegation == "" && s.function.stands(q.identity))
	case typeOf(target) == "Group":
		return q.inGroup(target, deny)
	}
	return deny && target == ""
}

func (q *inquiry) inGroup(target string, deny bool) bool {
	s := q.known[target]
	if s == nil || s.group == nil {
		return deny && q.kind == auth.KindProfessional
	}
	if s.group.opaque && deny {
		return true
	}
	if !s.group.active && !deny {
		return false
	}
	for i := range s.group.members {
		m := &s.group.members[i]
		if m.target != "" && q.matches(m.target, deny) && (deny || q.within(m.valid)) {
			return true
		}
	}
	return false
}
