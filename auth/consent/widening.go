package consent

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// decides reports whether resources of the type decide who may see a patient,
// apart from the Patient itself.
func decides(typ string) bool { return typ == "CareTeam" || typ == "Consent" }

// policyResource judges what a change of a CareTeam or Consent does to access:
// a Consent that could not be enforced is refused (C08), and so is one that
// opens a patient to an organisation by its own hand (A24).
func (w *writing) policyResource(ctx context.Context) error {
	if !decides(w.after.Type) {
		return nil
	}
	if w.unreadable() {
		return refusal(Unreadable)
	}
	for i, patient := range w.patients {
		widens, err := w.widens(ctx, patient, w.policies[i])
		if err != nil {
			return err
		}
		if widens {
			return refusal(Widening)
		}
	}
	return nil
}

// unreadable reports whether the image after is a Consent with elements that
// are not enforced.
func (w *writing) unreadable() bool {
	if w.after.Deleted() || w.after.Type != "Consent" || len(w.after.Facts.Patients) == 0 {
		return false
	}
	s, ok := w.point.compileStatement(*w.after, w.after.Facts.Patients[0])
	return ok && s.flaw
}

// widens reports whether the change opens a patient whom the principal may not
// see. Registrars are trusted with that, and so is the organisation that
// contributed the Patient and everything said about access to it. For all
// others any grant counts, whoever it names and whenever it starts: which
// persons belong to the organisation cannot be told here.
func (w *writing) widens(ctx context.Context, patient string, now *policy) (bool, error) {
	if _, may := now.access(&w.id); may || w.who.Is(auth.RoleRegistrar) || now.solely(w.who.Organization) {
		return false, nil
	}
	if w.grants(patient) {
		return true, nil
	}
	resources, err := w.snap.Policy(ctx, patient)
	if err != nil {
		return false, err
	}
	_, may := w.point.compile(patient, w.apply(resources)).access(&w.id)
	return may, nil
}

// apply returns the policy resources as they will stand.
func (w *writing) apply(resources []fhir.Resource) []fhir.Resource {
	same := func(r fhir.Resource) bool { return r.Current() == w.after.Current() }
	return append(slices.DeleteFunc(slices.Clone(resources), same), *w.after)
}

// grants reports whether the image after opens the patient to anybody who is
// not in the policy yet.
func (w *writing) grants(patient string) bool {
	if w.after.Deleted() {
		return false
	}
	if w.after.Type == "CareTeam" {
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
