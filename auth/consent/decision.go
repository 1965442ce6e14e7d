package consent

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// A Decision is what one principal may see of one patient at a moment, and why:
// what `$consent-decision` and `cordee consent explain` render.
type Decision struct {
	Patient string // id
	Permit  bool   // whether anything of the patient that is not masked or sensitive is open
	Reason  auth.Reason

	// ByClass says it for each class of data of the default rules, in their
	// order, "other" last; ByLabel for each class of labels, for a record of a
	// class that is open where there is one.
	ByClass []ClassDecision
	ByLabel []ClassDecision

	// Contradictions are the active Consents that permit what others deny, and
	// these others: "Consent/x/_history/3". The strictest holds.
	Contradictions []string

	Matrix string // version of the default rules
	Rules  string // version of the rules themselves
}

// A ClassDecision is the decision about the records of one class of data, or
// that bear a label.
type ClassDecision struct {
	Class    string    // name in the default rules: "laboratory", "psychiatry"
	Title    fhir.Text // to show
	Permit   bool
	Rule     string
	Policies []string  // "Consent/x/_history/3", "urn:cordee:matrix:fr-2026.2"
	Text     fhir.Text // of the rule
}

// Decide explains what the principal may see of the patient's records that
// others contributed. A patient who does not exist is decided upon like one
// who is withheld. It fails only when the policies cannot be read. Who may ask
// for a decision is not judged here.
func (p *Point) Decide(ctx context.Context, snap fhir.Snapshot, who auth.Principal, patient string) (Decision, error) {
	d := Decision{Patient: patient, Matrix: p.Defaults.version, Rules: Version}
	id, err := p.identify(ctx, snap, &who)
	if err != nil {
		return Decision{}, err
	}
	list, q, err := p.dossiers(ctx, snap, id, []string{patient})
	if err != nil {
		return Decision{}, err
	}
	judge := func(f fhir.Facts) (auth.Reason, bool) {
		f.Patients = []string{patient}
		switch rule := standing(who); {
		case rule != "":
			return reason(rule), false
		case who.Is(auth.RoleOfficer):
			return reason(Officer), false
		case id.barred != "":
			return reason(id.barred, id.sources...), false
		}
		return p.explain(q, list, &f)
	}
	d.Reason, d.Permit = judge(fhir.Facts{Key: fhir.Key{Type: "Patient", ID: patient}})
	open := fhir.Facts{Key: fhir.Key{Type: "Patient", ID: patient}}
	for _, c := range p.Defaults.probes() {
		why, ok := judge(c.facts)
		if d.ByClass = append(d.ByClass, decided(c, why, ok)); ok && !d.Permit {
			d.Permit, d.Reason = true, why
		}
		if ok {
			open = c.facts
		}
	}
	for _, l := range p.Defaults.labelProbes(open) {
		why, ok := judge(l.facts)
		d.ByLabel = append(d.ByLabel, decided(l, why, ok))
	}
	d.Contradictions = list[0].contradictions(q)
	return d, nil
}

func decided(c probe, why auth.Reason, ok bool) ClassDecision {
	return ClassDecision{Class: c.name, Title: c.title, Permit: ok, Rule: why.Rule, Policies: why.Policies, Text: why.Text}
}

// A probe is a record as it might be, of one class or with one label.
type probe struct {
	name  string
	title fhir.Text
	facts fhir.Facts
}

// probes are one record of each class, in the order of the file.
func (d *Defaults) probes() (list []probe) {
	for _, c := range d.classes {
		if slices.ContainsFunc(list, func(p probe) bool { return p.name == c.name }) {
			continue
		}
		f := fhir.Facts{Key: fhir.Key{Type: c.types[0]}}
		if len(c.codes) > 0 {
			f.Labels = c.codes[:1]
		}
		list = append(list, probe{c.name, c.title, f})
	}
	return append(list, probe{otherClass, fhir.T("everything else", "tout le reste"), fhir.Facts{Key: fhir.Key{Type: "Basic"}}})
}

// labelProbes are like the record, each with one code of a label.
func (d *Defaults) labelProbes(f fhir.Facts) (list []probe) {
	for _, l := range d.labels {
		marked := f
		marked.Labels = append(slices.Clone(f.Labels), l.codes[0])
		list = append(list, probe{l.name, l.title, marked})
	}
	return list
}

// contradictions lists the Consents of the dossier that permit and deny the
// identity, when there are both (C06).
func (d *dossier) contradictions(q *inquiry) (list []string) {
	permit, deny := false, false
	for _, p := range append([]*policy{d.own}, d.linked...) {
		for i := range p.statements {
			s := &p.statements[i]
			v := s.verdict(q, p.teams)
			if !s.consults || v < permits {
				continue
			}
			permit, deny = permit || v < denies, deny || v >= denies
			list = append(list, s.source)
		}
	}
	if !permit || !deny {
		return nil
	}
	return list
}
