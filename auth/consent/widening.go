package consent

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// decides reports whether resources of the type decide who may see a patient,
// apart from the Patient itself.
func decides(typ string) bool { return typ == "CareTeam" || typ == "Consent" }

// policyResource judges what a change does to access, where the resource is one
// that decides: a Consent that could not be enforced is refused (C08), and so is
// what opens a patient to an organisation by its own hand (A24), be it a
// CareTeam, a Consent, the link of a Patient, or an entry of the directory.
func (w *writing) policyResource(ctx context.Context) error {
	switch typ := w.after.Type; {
	case typ == "Group", typ == "PractitionerRole":
		return w.directoryPolicy()
	case !decides(typ) && typ != "Patient":
		return nil
	}
	if err := w.lint(ctx); err != nil {
		return err
	}
	for i, patient := range w.patients {
		widens, err := w.widens(ctx, patient, &w.dossiers[i])
		if err != nil {
			return err
		}
		if widens {
			return refusal(Widening)
		}
	}
	return nil
}

// directoryPolicy keeps who belongs to whom out of the hands of those who would
// gain: a Group of professionals, which Consents may name, is the registrar's,
// and a PractitionerRole changes its person, organisation or supervisor only
// within the writer's own organisation. What was deleted is not brought back
// under its name by another.
func (w *writing) directoryPolicy() error {
	if w.who.Is(auth.RoleRegistrar) {
		return nil
	}
	if w.before != nil && w.before.Deleted() && !w.own() {
		return refusal(Widening)
	}
	was, is := w.subject(w.before), w.subject(w.after)
	switch {
	case w.after.Type == "Group" && (was != nil && was.group.professional() || is != nil && is.group.professional()):
		return refusal(Registrar)
	case w.after.Type != "PractitionerRole" || was == nil || is == nil || was.function.sameHolder(is.function):
		return nil
	case was.function != nil && is.function != nil && was.function.organization == w.who.Organization && is.function.organization == w.who.Organization:
		return nil
	}
	return refusal(Widening)
}

// subject compiles an image; nil for none and for a tombstone.
func (w *writing) subject(image *fhir.Resource) *subject {
	if image == nil || image.Deleted() {
		return nil
	}
	return w.point.compileSubject(*image)
}

// widens reports whether the change opens a patient, or some of their records,
// to a principal who may not see them. Registrars are trusted with that, and so
// is the organisation that contributed the Patient and everything said about
// access to it. For all others any grant counts where nothing is open yet,
// whoever it names and whenever it starts: which persons belong to the
// organisation cannot be told here.
func (w *writing) widens(ctx context.Context, patient string, now *dossier) (bool, error) {
	alone := now.own.solely(w.who.Organization) || w.after.Type == "Patient" && !now.own.exists && !now.own.foreign(w.who.Organization)
	shared := slices.ContainsFunc(now.linked, func(p *policy) bool { return !p.solely(w.who.Organization) })
	if w.who.Is(auth.RoleRegistrar) || alone && !shared {
		return false, nil
	}
	resources, err := w.snap.Policy(ctx, patient)
	if err != nil {
		return false, err
	}
	then := w.point.compile(patient, w.apply(resources))
	if w.after.Type == "Patient" && grown(now.own.person.treating, then.person.treating) {
		return true, nil // somebody sees what is masked
	}
	after := dossier{patient: patient, own: then, linked: now.linked, tangled: now.tangled}
	if err := w.point.inform(ctx, w.snap, w.q, appendTargets(nil, w.q.identity, then)); err != nil {
		return false, err
	}
	if !w.open(now, &fhir.Facts{}) && (w.grants(patient) || grown(then.links, now.own.links)) {
		return true, nil
	}
	for _, f := range w.probes(now.own, then) {
		if !w.open(now, &f) && w.open(&after, &f) {
			return true, nil
		}
	}
	return false, nil
}

// grown reports whether the list now holds what was not in it.
func grown(was, is []string) bool {
	return slices.ContainsFunc(is, func(s string) bool { return !slices.Contains(was, s) })
}

// open reports whether a record would be open, its class aside.
func (w *writing) open(d *dossier, f *fhir.Facts) bool {
	defer func(was *fhir.Facts) { w.q.facts = was }(w.q.facts)
	w.q.facts = f
	o := d.access(w.q, w.point.Defaults)
	return o.ok() && w.point.Defaults.closing(f.Labels, o.grounds) == nil
}

// probes are records on which the policies may differ: one of nothing in
// particular, one for each label, one for each record and author that a
// provision names.
func (w *writing) probes(policies ...*policy) []fhir.Facts {
	list := []fhir.Facts{{}}
	for _, l := range w.point.Defaults.labels {
		for _, code := range l.codes {
			list = append(list, fhir.Facts{Labels: []string{code}})
		}
	}
	for _, p := range policies {
		for i := range p.statements {
			list = appendProbes(list, &p.statements[i].rule)
		}
	}
	return list
}

func appendProbes(list []fhir.Facts, u *rule) []fhir.Facts {
	for _, label := range u.labels {
		list = append(list, fhir.Facts{Labels: []string{label}})
	}
	for _, d := range u.data {
		f := fhir.Facts{Contributor: d.author, Labels: u.labels}
		if key, ok := fhir.ParseReference(d.instance); ok {
			f.Key = key
		}
		list = append(list, f)
	}
	for i := range u.exceptions {
		list = appendProbes(list, &u.exceptions[i])
	}
	return list
}

// apply returns the policy resources as they will stand.
func (w *writing) apply(resources []fhir.Resource) []fhir.Resource {
	same := func(r fhir.Resource) bool { return r.Current() == w.after.Current() }
	return append(slices.DeleteFunc(slices.Clone(resources), same), *w.after)
}

// grants reports whether the image after opens the patient to anybody who is
// not in the policy yet.
func (w *writing) grants(patient string) bool {
	switch {
	case w.after.Deleted(), w.after.Type == "Patient":
		return false
	case w.after.Type == "CareTeam":
		_, ok := w.point.compileTeam(*w.after, patient)
		return ok
	}
	s, ok := w.point.compileStatement(*w.after, patient)
	return ok && s.rule.grants()
}

// grants reports whether the provision or one nested in it permits somebody.
func (u *rule) grants() bool {
	return !u.deny && len(u.actors) > 0 || slices.ContainsFunc(u.exceptions, func(e rule) bool { return e.grants() })
}

// parse reads the body of an image; ok is false for a tombstone too.
func parse(image *fhir.Resource) (root fhirjson.Node, ok bool) {
	doc, err := fhirjson.Parse(image.Body)
	if err != nil || image.Deleted() {
		return fhirjson.Node{}, false
	}
	return doc.Root(), true
}
