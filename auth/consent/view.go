package consent

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// view is what one principal may see.
type view struct {
	point   *Point
	who     auth.Principal
	officer bool
}

var (
	_ fhir.View     = (*view)(nil)
	_ auth.Reasoner = (*view)(nil)
	_ fhir.Standing = (*view)(nil)
)

// Sees implements fhir.View.
func (v *view) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	j, err := v.judge(ctx, snap, facts, false)
	return j.Visible, err
}

// Judge implements fhir.Standing.
func (v *view) Judge(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) (fhir.Judgement, error) {
	return v.judge(ctx, snap, facts, true)
}

// Now implements fhir.Standing.
func (v *view) Now() time.Time { return v.point.Clock() }

// judge is Sees and, when both are asked for, Alike: only a provision about certain
// data looks at which record it is.
func (v *view) judge(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts, both bool) (j fhir.Judgement, err error) {
	visible := make([]bool, len(facts))
	id, err := v.point.identify(ctx, snap, &v.who)
	if err != nil {
		return j, err
	}
	j.Visible = visible
	if both {
		j.Alike = slices.Repeat([]bool{true}, len(facts))
		defer func() { j.Since, j.Until = id.lasts.since, id.lasts.until }()
	}
	var open []int // records that the policies of their patients decide
	for i := range facts {
		rule, decided := v.first(id, &facts[i])
		visible[i] = opens(rule)
		if !decided {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return j, nil
	}
	patients := distinct(facts, open)
	list, q, err := v.point.dossiers(ctx, snap, id, patients)
	if err != nil {
		return fhir.Judgement{}, err
	}
	general := make([]outcome, len(list))
	for i := range list {
		if !list[i].narrowed() {
			general[i] = list[i].access(q, v.point.Defaults)
		}
	}
	if err := v.note(ctx, snap, q, list, general); err != nil {
		return fhir.Judgement{}, err
	}
	for _, i := range open {
		visible[i] = v.sees(q, &facts[i], patients, list, general)
		if both {
			j.Alike[i] = !slices.ContainsFunc(facts[i].Patients, func(patient string) bool {
				k, found := slices.BinarySearch(patients, patient)
				return !found || list[k].narrowed()
			})
		}
	}
	return j, nil
}

// sees judges a record by the dossiers of its patients: every one must open it,
// and what opens it must do so for its class and labels.
func (v *view) sees(q *inquiry, f *fhir.Facts, patients []string, list []dossier, general []outcome) bool {
	held := ^grounds(0)
	q.facts = f
	for _, patient := range f.Patients {
		i, found := slices.BinarySearch(patients, patient)
		if !found {
			return false
		}
		o := general[i]
		if o.rule == "" {
			o = list[i].access(q, v.point.Defaults)
		}
		if held = meet(held, o.grounds); held == 0 {
			return false
		}
	}
	return v.point.narrower(q.identity, f, held) == ""
}

// narrower names the default rule that closes a record that the grounds open,
// or returns "". Whom the patient chose as general practitioner sees every
// class (france.md 6.2); break-glass opens every class too.
func (p *Point) narrower(id *identity, f *fhir.Facts, held grounds) string {
	if held&(byTreating|byEmergency) == 0 && !p.classOpen(id, f) {
		return Matrix
	}
	if l := p.Defaults.closing(f.Labels, held); l != nil {
		if l.mask {
			return Masked
		}
		return Sensitive
	}
	return ""
}

func (p *Point) classOpen(id *identity, f *fhir.Facts) bool {
	class := ""
	for _, r := range id.rows {
		if r != nil && r.all {
			continue
		}
		if class == "" {
			class = p.Defaults.class(f)
		}
		if !r.opens(class) {
			return false
		}
	}
	return len(id.rows) > 0
}

// first applies the rules that need no policy. decided is false for a record
// that the policies of its patients decide.
func (v *view) first(id *identity, f *fhir.Facts) (rule string, decided bool) {
	kind := classes[f.Key.Type]
	professional := id.kind == auth.KindProfessional
	switch {
	case v.officer:
		if kind == trail {
			return Officer, true
		}
		return "", true
	case kind == trail:
		return Unclassified, true
	case id.barred != "" && (len(f.Patients) > 0 || kind != directory && kind != knowledge):
		return id.barred, true
	case professional && f.Contributor == v.who.Organization:
		return OwnContribution, true
	case len(f.Patients) > 0:
		return "", false
	case v.point.Defaults.closing(f.Labels, 0) != nil:
		return Masked, true
	case kind == directory || kind == knowledge:
		return Directory, true
	}
	return Unclassified, true
}

// opens reports whether a rule of first lets the record be seen.
func opens(rule string) bool {
	return rule == OwnContribution || rule == Directory || rule == Officer
}

// distinct returns the patients of the open records, sorted, each once.
func distinct(facts []fhir.Facts, open []int) []string {
	patients := make([]string, 0, len(open))
	for _, i := range open {
		if own := facts[i].Patients; len(own) != 1 || len(patients) == 0 || patients[len(patients)-1] != own[0] {
			patients = append(patients, own...)
		}
	}
	slices.Sort(patients)
	return slices.Compact(patients)
}

// Explain implements auth.Explainer: the rule that decides, with the policies
// it rests on. Of several patients the first that refuses decides.
func (v *view) Explain(ctx context.Context, snap fhir.Snapshot, facts fhir.Facts) auth.Reason {
	return v.Reasons(ctx, snap, []fhir.Facts{facts})[0]
}

// Reasons implements auth.Reasoner: the dossiers of one record serve the next, which
// is mostly about the same patient.
func (v *view) Reasons(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) []auth.Reason {
	reasons := make([]auth.Reason, len(facts))
	id, err := v.point.identify(ctx, snap, &v.who)
	var list []dossier
	var q *inquiry
	var patients []string // whose dossiers they are
	for i := range facts {
		f := &facts[i]
		if err == nil {
			if rule, decided := v.first(id, f); decided {
				if rule == "" {
					rule = Officer
				}
				reasons[i] = reason(rule, id.sourcesOf(rule)...)
				continue
			}
			if !slices.Equal(patients, f.Patients) {
				patients = f.Patients
				list, q, err = v.point.dossiers(ctx, snap, id, patients)
			}
		}
		if err != nil {
			reasons[i] = reason(Unavailable)
			continue
		}
		reasons[i], _ = v.point.explain(q, list, f)
	}
	return reasons
}

// explain says why a record of the dossiers' patients is open or not.
func (p *Point) explain(q *inquiry, list []dossier, f *fhir.Facts) (why auth.Reason, open bool) {
	q.facts = f
	held, policies := ^grounds(0), []string(nil)
	for i := range list {
		o := list[i].access(q, p.Defaults)
		sources := list[i].sources(o.rule, q)
		if held = meet(held, o.grounds); !o.ok() {
			return reason(o.rule, append(sources, q.sourcesOf(o.rule)...)...), false
		}
		why.Rule, policies = o.rule, append(policies, sources...)
	}
	policies = append(append(policies, q.sourcesOf(why.Rule)...), p.Defaults.policy())
	if rule := p.narrower(q.identity, f, held); rule != "" {
		return reason(rule, policies...), false
	}
	if len(q.behalf) > 0 && (why.Rule == CareTeam || why.Rule == Permitted) {
		why.Rule = Delegated
	}
	return reason(why.Rule, policies...), true
}

// sourcesOf are the versions of the directory that say who the identity is,
// where the rule rests on them.
func (id *identity) sourcesOf(rule string) []string {
	switch rule {
	case CareTeam, Permitted, Delegated, Denied, NoFunction, NoDelegation, Representative, NotRepresentative:
		return id.sources
	}
	return nil
}

// Alike implements fhir.Grouping.
func (v *view) Alike(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	j, err := v.judge(ctx, snap, facts, true)
	return j.Alike, err
}

// Fingerprint implements fhir.View. It holds all of the principal that the view
// judges by: counts from memory rest on what a view of the same one has said
// (fhir.Judgement).
func (v *view) Fingerprint() []byte {
	w := &v.who
	roles := slices.Sorted(slices.Values(w.Roles))
	h := sha256.New()
	for _, part := range append([]string{Version, v.point.Defaults.version, w.Client, w.Organization, w.Practitioner, w.Role, w.Related, w.Identifier, w.Patient, w.Profession, w.Purpose}, roles...) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}
