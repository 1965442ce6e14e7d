package consent

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// mostLinked is how many Patients may be said to be one person. Beyond it who
// may see them cannot be told, and nobody may.
const mostLinked = 16

// dossier is everything that decides about one patient at a moment: the policy
// of the patient and those of the Patients that are the same person.
type dossier struct {
	patient string
	own     *policy
	linked  []*policy
	tangled bool // more are linked than can be followed
}

// dossiers returns those of the patients, in their order, and makes known what
// their policies name in the directory.
func (p *Point) dossiers(ctx context.Context, snap fhir.Snapshot, id *identity, patients []string) ([]dossier, *inquiry, error) {
	q := &inquiry{identity: id}
	policies, err := p.policies(ctx, snap, patients)
	if err != nil {
		return nil, nil, err
	}
	list := make([]dossier, len(patients))
	var targets []string
	for i, own := range policies {
		list[i] = dossier{patient: patients[i], own: own}
		if len(own.links) > 0 {
			if err := p.follow(ctx, snap, &list[i]); err != nil {
				return nil, nil, err
			}
		}
		targets = appendTargets(targets, id, own)
		for _, other := range list[i].linked {
			targets = appendTargets(targets, id, other)
		}
	}
	return list, q, p.inform(ctx, snap, q, targets)
}

// appendTargets adds what must be looked up for the identity: Groups, and
// functions when the identity is a person who names none.
func appendTargets(targets []string, id *identity, p *policy) []string {
	for _, t := range p.targets {
		if typeOf(t) == "Group" || id.role == "" && id.practitioner != "" {
			targets = append(targets, t)
		}
	}
	if id.role == "" && id.practitioner != "" {
		for _, t := range p.person.treating {
			if typeOf(t) == "PractitionerRole" {
				targets = append(targets, t)
			}
		}
	}
	return targets
}

// inform looks targets up in the directory, and the functions that Groups among
// them name.
func (p *Point) inform(ctx context.Context, snap fhir.Snapshot, q *inquiry, targets []string) error {
	for range 2 {
		targets = slices.DeleteFunc(targets, func(t string) bool { return q.known[t] != nil })
		if len(targets) == 0 {
			return nil
		}
		slices.Sort(targets)
		targets = slices.Compact(targets)
		found, err := p.subjects(ctx, snap, targets)
		if err != nil {
			return err
		}
		if q.known == nil {
			q.known = make(map[string]*subject, len(targets))
		}
		var deeper []string
		for i, s := range found {
			q.known[targets[i]] = s
			if s.group == nil || q.role != "" || q.practitioner == "" {
				continue
			}
			for _, m := range s.group.members {
				if typeOf(m.target) == "PractitionerRole" {
					deeper = append(deeper, m.target)
				}
			}
		}
		targets = deeper
	}
	return nil
}

// follow reads the policies of all Patients that links lead to.
func (p *Point) follow(ctx context.Context, snap fhir.Snapshot, d *dossier) error {
	known := []string{d.patient}
	for next := d.own.links; len(next) > 0; {
		var fresh []string
		for _, id := range next {
			if !slices.Contains(known, id) {
				fresh, known = append(fresh, id), append(known, id)
			}
		}
		if len(known) > mostLinked {
			d.tangled = true
			return nil
		}
		policies, err := p.policies(ctx, snap, fresh)
		if err != nil {
			return err
		}
		next = nil
		for _, other := range policies {
			d.linked = append(d.linked, other)
			next = append(next, other.links...)
		}
	}
	return nil
}

// narrowed reports whether the outcome depends on the record.
func (d *dossier) narrowed() bool {
	return d.own.narrowed || slices.ContainsFunc(d.linked, func(p *policy) bool { return p.narrowed })
}

// access is the strictest of what the policies of the one person say. A linked
// Patient of whom nobody said anything does not narrow the others.
func (d *dossier) access(q *inquiry, rules *Defaults) outcome {
	if d.tangled {
		return outcome{rule: Linked}
	}
	switch q.kind {
	case auth.KindPatient:
		return d.own.asPatient(q.identity, d.patient)
	case auth.KindRepresentative:
		return d.strictest(d.own.asRepresentative(q, rules, d.patient), func(p *policy) outcome {
			switch v := p.strongest(q); {
			case v == opposes:
				return outcome{rule: Opposition}
			case v == denies:
				return outcome{rule: Denied}
			}
			return outcome{grounds: ^grounds(0)}
		})
	}
	return d.strictest(d.own.access(q, d.patient), func(p *policy) outcome { return p.access(q, d.patient) })
}

func (d *dossier) strictest(own outcome, judge func(*policy) outcome) outcome {
	for _, other := range d.linked {
		if !own.ok() {
			return own
		}
		if other.silent() {
			continue
		}
		if o := judge(other); !o.ok() {
			own = o
		} else {
			own.grounds = meet(own.grounds, o.grounds|own.grounds&byTreating)
		}
	}
	return own
}

// sources lists the policy resources that the rule rests on, of every linked
// Patient.
func (d *dossier) sources(rule string, q *inquiry) []string {
	list := d.own.sources(rule, q)
	for _, other := range d.linked {
		list = append(list, other.sources(rule, q)...)
	}
	return list
}
