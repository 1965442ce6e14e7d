package consent

import (
	"context"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Write implements auth.Decider. The principal must see the image before, may
// alter it, and may contribute the image after: a resource that moves from one
// patient to another is judged for both (A06). What opens a patient is judged
// by widens besides (A24).
func (p *Point) Write(ctx context.Context, who auth.Principal, snap fhir.Snapshot, before, after *fhir.Resource) (auth.Reason, error) {
	w := &writing{point: p, who: who, snap: snap, before: before, after: after}
	why, err := w.judge(ctx)
	if err != nil {
		return auth.Reason{}, err
	}
	return why, nil
}

// writing is one change under judgement.
type writing struct {
	point         *Point
	who           auth.Principal
	snap          fhir.Snapshot // of the transaction
	q             *inquiry
	before, after *fhir.Resource

	patients []string // of both images
	dossiers []dossier
}

func (w *writing) judge(ctx context.Context) (auth.Reason, error) {
	switch rule := standing(w.who); {
	case rule != "":
		return auth.Reason{}, refusal(rule)
	case w.who.Is(auth.RoleOfficer):
		return auth.Reason{}, refusal(Officer)
	case w.after == nil || w.snap == nil:
		return auth.Reason{}, refusal(Unavailable)
	case classes[w.after.Type] == trail:
		return auth.Reason{}, refusal(AuditTrail)
	case w.who.Kind() != auth.KindProfessional, w.who.Purpose == auth.PurposeBreakTheGlass:
		return auth.Reason{}, refusal(ReadOnly)
	}
	if err := w.load(ctx); err != nil {
		return auth.Reason{}, err
	}
	if w.q.barred != "" {
		return auth.Reason{}, refusal(w.q.barred, w.q.sources...)
	}
	if seen, err := w.sees(ctx); err != nil || !seen {
		return auth.Reason{}, orWithheld(err)
	}
	why, err := w.images()
	if err != nil {
		return auth.Reason{}, err
	}
	return why, w.policyResource(ctx)
}

func orWithheld(err error) error {
	if err != nil {
		return err
	}
	return refusal(Withheld)
}

// load fetches what decides about every patient that either image names.
func (w *writing) load(ctx context.Context) error {
	w.patients = slices.Clone(w.after.Facts.Patients)
	if w.before != nil {
		w.patients = append(w.patients, w.before.Facts.Patients...)
	}
	slices.Sort(w.patients)
	w.patients = slices.Compact(w.patients)
	id, err := w.point.identify(ctx, w.snap, &w.who)
	if err != nil {
		return err
	}
	w.dossiers, w.q, err = w.point.dossiers(ctx, w.snap, id, w.patients)
	return err
}

func (w *writing) dossier(patient string) *dossier {
	i, found := slices.BinarySearch(w.patients, patient)
	if !found {
		return &dossier{patient: patient, own: none}
	}
	return &w.dossiers[i]
}

// sees reports whether the principal may see the image before.
func (w *writing) sees(ctx context.Context) (bool, error) {
	if w.before == nil {
		return true, nil
	}
	f := w.before.Facts
	f.Key = w.before.Current()
	v := &view{point: w.point, who: w.who}
	seen, err := v.Sees(ctx, w.snap, []fhir.Facts{f})
	return err == nil && len(seen) == 1 && seen[0], err
}

// images judges both images, the one after last: its rule is the reason.
func (w *writing) images() (why auth.Reason, err error) {
	if w.before != nil && !w.before.Deleted() {
		if why, err = w.alter(); err != nil || w.after.Deleted() {
			return why, err
		}
		if w.unmasks() {
			return auth.Reason{}, refusal(ForeignRecord)
		}
	}
	if w.after.Deleted() {
		return reason(OwnRecord), nil // a tombstone upon a tombstone
	}
	return w.contribute()
}

// own reports whether the principal's organisation wrote the image before.
func (w *writing) own() bool {
	return w.before != nil && w.before.Facts.Contributor == w.who.Organization
}

// alter judges replacing or deleting what is there.
func (w *writing) alter() (auth.Reason, error) {
	switch facts := &w.before.Facts; {
	case w.own():
		return reason(OwnCorrection), nil
	case w.before.Type == "Consent" && !w.who.Is(auth.RoleRegistrar):
		return auth.Reason{}, refusal(ForeignConsent)
	case w.after.Deleted() && !w.who.Is(auth.RoleRegistrar), authored(w.before.Type):
		return auth.Reason{}, refusal(ForeignRecord)
	case classes[w.before.Type] == directory && !w.who.Is(auth.RoleRegistrar) && w.before.Current().String() != w.who.Organization:
		return auth.Reason{}, refusal(ForeignRecord) // the directory says who belongs to whom
	case len(facts.Patients) == 0:
		return w.impersonal(w.before.Type)
	default:
		return w.personal(w.before.Type, facts.Patients)
	}
}

// unmasks reports whether the change takes a label from the record of another
// that closes it to somebody: whoever sees it so is not who may open it to others
// (C11).
func (w *writing) unmasks() bool {
	return !w.own() && !w.who.Is(auth.RoleRegistrar) && slices.ContainsFunc(w.before.Facts.Labels, func(label string) bool {
		return w.point.Defaults.closing([]string{label}, 0) != nil && !slices.Contains(w.after.Facts.Labels, label)
	})
}

// authored reports whether only the author may change resources of the type: a
// coordination note is answered, not edited (ANS cdl 3.0.1).
func authored(typ string) bool { return typ == "DocumentReference" || typ == "Composition" }

// contribute judges what is about to be there.
func (w *writing) contribute() (auth.Reason, error) {
	patients := w.after.Facts.Patients
	if len(patients) == 0 {
		return w.impersonal(w.after.Type)
	}
	if policies := w.feeding(patients); policies != nil {
		return auth.Reason{}, refusal(FeedingOpposition, policies...)
	}
	if w.own() && !w.before.Deleted() && within(patients, w.before.Facts.Patients) {
		return reason(OwnCorrection), nil
	}
	return w.personal(w.after.Type, patients)
}

func within(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// impersonal judges a record that names no patient.
func (w *writing) impersonal(typ string) (auth.Reason, error) {
	rule, ok := NoSubject, false
	switch classes[typ] {
	case directory:
		rule, ok = DirectoryWriter, w.who.Is(auth.RoleContributor) || w.who.Is(auth.RolePractice) || w.who.Is(auth.RoleRegistrar)
	case knowledge:
		rule, ok = Registrar, w.who.Is(auth.RoleRegistrar)
	case bare:
		if !hidesSubject(w.after) {
			rule, ok = OwnRecord, w.before == nil || w.before.Deleted() || w.own()
		}
	}
	if !ok {
		return auth.Reason{}, refusal(rule)
	}
	return reason(rule), nil
}

// hidesSubject reports whether a record is about somebody contained in it, and
// so in no compartment (A06). Binary has no subject and may be long.
func hidesSubject(r *fhir.Resource) bool {
	if r.Type == "Binary" || len(r.Body) == 0 {
		return false
	}
	doc, err := fhirjson.Parse(r.Body)
	if err != nil {
		return true
	}
	for _, name := range []string{"subject", "patient", "for"} {
		if strings.HasPrefix(doc.Root().At(name, "reference").Text(), "#") {
			return true
		}
	}
	return false
}

// feeding lists the Consents that refuse contributions about one of the
// patients. They do not hold up Consents, by which the patient may change their
// mind.
func (w *writing) feeding(patients []string) (policies []string) {
	if w.after.Type == "Consent" {
		return nil
	}
	for _, patient := range patients {
		policies = append(policies, w.dossier(patient).sources(FeedingOpposition, w.q)...)
	}
	return policies
}

// personal judges writing about the patients: every one must permit it.
func (w *writing) personal(typ string, patients []string) (why auth.Reason, err error) {
	w.q.facts = &w.after.Facts
	for _, patient := range patients {
		d := w.dossier(patient)
		rule, ok := w.about(typ, d)
		sources := append(d.sources(rule, w.q), w.q.sourcesOf(rule)...)
		if !ok {
			return auth.Reason{}, refusal(rule, sources...)
		}
		why = reason(rule, append(why.Policies, sources...)...)
	}
	return why, nil
}

// about says by which rule the principal may write about a patient. A patient
// of whom nobody else said anything yet is anybody's to create, and no more than
// that: to link to one would tell who exists. About one who
// does not exist, neither in the store nor in the same transaction, nothing is
// written: it would tell patients that are withheld from those that are absent
// (A05), and a CareTeam or Consent could be planted before its patient (A24).
func (w *writing) about(typ string, d *dossier) (rule string, ok bool) {
	o, p := d.access(w.q, w.point.Defaults), d.own
	switch {
	case o.ok():
		return o.rule, true
	case p.exists && p.owner == w.who.Organization:
		return OwnPatient, true
	case !p.exists && typ == "Patient" && d.patient == w.after.ID && !p.foreign(w.who.Organization):
		return NewPatient, true
	case w.who.Is(auth.RoleRegistrar) && decides(typ):
		return Registrar, true
	case p.exists && !decides(typ) && typ != "Patient" && len(d.sources(FeedingPermitted, w.q)) > 0:
		return FeedingPermitted, true
	}
	return o.rule, false
}
