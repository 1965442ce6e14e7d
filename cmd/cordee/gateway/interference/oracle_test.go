package interference

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// The oracle says what a caller may see of a territory. It is written from the
// description of the rules (auth/consent, doc.go), not from their code, and as
// plainly as they can be said: every question reads the whole territory.

// noon is when every case happens, give or take the seconds that pass.
var noon = time.Date(2026, 1, 15, 11, 0, 0, 0, time.UTC)

// A record is what a territory holds under one key.
type record struct {
	typ, id  string
	versions []version
	writes   []int // of the territory, one for each version
}

type version struct {
	body     tree   // of the version before, for a tombstone
	by       string // who wrote the first version, or the one that brought it back
	deleted  bool
	patients []string
	labels   []string
	of       *record  // what a Binary belongs to, where that was there when the version was written
	was      *version // what that was like then
}

func (r *record) key() string      { return r.typ + "/" + r.id }
func (r *record) current() version { return r.versions[len(r.versions)-1] }

// A world is a territory after all that was written.
type world map[string]*record

func makeWorld(territory []write) world {
	w := world{}
	for i, change := range territory {
		r := w[change.key]
		switch {
		case r == nil && change.body == "":
			continue
		case r == nil:
			typ, id, _ := strings.Cut(change.key, "/")
			r = &record{typ: typ, id: id}
			w[change.key] = r
		}
		v := version{by: change.by}
		if len(r.versions) > 0 && !r.current().deleted {
			v.by = r.current().by
		}
		if change.body == "" {
			v = r.current()
			v.deleted = true
		} else {
			json.Unmarshal([]byte(change.body), &v.body.value)
			v.patients, v.labels, v.of = w.patients(r, v.body), labels(v.body), w.belongs(r, v.body)
			if v.of != nil {
				was := v.of.current()
				v.was = &was
			}
		}
		r.versions, r.writes = append(r.versions, v), append(r.writes, i)
	}
	return w
}

// about names the elements by which a record is in the compartment of a patient
// (R4 compartmentdefinition-patient.html, and Task as docs/divergences.md says).
var about = map[string][]string{
	"AllergyIntolerance": {"patient", "recorder", "asserter"},
	"CarePlan":           {"subject", "activity.detail.performer"},
	"Communication":      {"subject", "recipient"},
	"CareTeam":           {"subject", "participant.member"},
	"Composition":        {"subject", "author"},
	"Condition":          {"subject", "asserter"},
	"Consent":            {"patient"},
	"DocumentReference":  {"subject", "author"},
	"Encounter":          {"subject"},
	"List":               {"subject", "source"},
	"MedicationRequest":  {"subject"},
	"Observation":        {"subject", "performer"},
	"Patient":            {"link.other"},
	"Provenance":         {"target"},
	"RelatedPerson":      {"patient"},
	"Task":               {"for"},
}

func (w world) patients(r *record, body tree) (list []string) {
	if r.typ == "Patient" {
		list = append(list, r.id)
	}
	if id, ok := strings.CutPrefix(body.at("securityContext.reference").text(), "Patient/"); ok && r.typ == "Binary" {
		return []string{id}
	}
	for _, path := range about[r.typ] {
		for _, reference := range body.all(path) {
			if id, ok := strings.CutPrefix(local(reference.at("reference").text()), "Patient/"); ok {
				list = append(list, id)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// labels of a record.
func labels(body tree) (list []string) {
	for _, label := range body.all("meta.security") {
		list = append(list, label.at("code").text())
	}
	return list
}

// belongs finds the security context of a Binary, but for a Patient.
func (w world) belongs(r *record, body tree) *record {
	of := w[body.at("securityContext.reference").text()]
	if r.typ != "Binary" || of == nil || of.typ == "Patient" || of.typ == "Binary" || of.current().deleted {
		return nil
	}
	return of
}

// rooted is the version as it is now: a Binary has the patients and labels that
// its context has, and none of a context that is deleted, or that another
// organisation brought and that is closed or opened otherwise by now.
func (v version) rooted() version {
	if v.of == nil || v.of.current().deleted {
		return v
	}
	now := v.of.current()
	if now.by != v.by && !(slices.Equal(now.patients, v.was.patients) && slices.Equal(now.labels, v.was.labels)) {
		return v
	}
	v.patients = now.patients
	v.labels = slices.Concat(v.labels, now.labels)
	return v
}

// local is a reference without what names this gateway.
func local(reference string) string { return strings.TrimPrefix(reference, base+"/") }

// directory are the types of a territory that describe the offer of care, and
// those of terminology, which are open likewise.
var directory = []string{"Organization", "Practitioner", "PractitionerRole", "Location", "ValueSet", "PlanDefinition"}

// An oracle answers for one caller.
type oracle struct {
	world  world
	caller caller
}

// sees reports whether the record is there for the caller: its current version
// may be seen.
func (o *oracle) sees(r *record) bool { return o.seesVersion(r, r.current()) }

func (o *oracle) seesVersion(r *record, v version) bool {
	v = v.rooted()
	return o.inScope(r.typ, v.patients) && o.allowed(r, v)
}

// inScope: one of the scopes reaches the type to read or search it; those of
// patient/ reach what is about that patient alone, or about nobody, and so do
// all in an emergency, which those of patient/ do not serve.
func (o *oracle) inScope(typ string, patients []string) bool {
	emergency := o.caller.Purpose == "BTG"
	own := slices.Equal(patients, []string{o.caller.Patient})
	if emergency && len(patients) > 0 && !own {
		return false
	}
	for _, scope := range strings.Fields(o.caller.Scopes) {
		context, rest, _ := strings.Cut(scope, "/")
		of, perms, _ := strings.Cut(rest, ".")
		if of != "*" && of != typ || !strings.ContainsAny(perms, "rs") {
			continue
		}
		if context != "patient" || !emergency && o.caller.Patient != "" && (len(patients) == 0 || own) {
			return true
		}
	}
	return false
}
