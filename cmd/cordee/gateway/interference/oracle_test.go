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
	masked   bool
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
			v.patients, v.masked = w.patients(r, v.body), masked(v.body) || w.inMasked(r, v.body)
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
	"CareTeam":           {"subject", "participant.member"},
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
	if r.typ == "Binary" { // those of its security context, as it stood
		context := body.at("securityContext.reference").text()
		if id, ok := strings.CutPrefix(context, "Patient/"); ok {
			return []string{id}
		}
		if of := w[context]; of != nil {
			return of.current().patients
		}
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

// inMasked: what belongs to a masked document is masked with it.
func (w world) inMasked(r *record, body tree) bool {
	of := w[body.at("securityContext.reference").text()]
	return r.typ == "Binary" && of != nil && of.typ != "Patient" && of.current().masked
}

// local is a reference without what names this gateway.
func local(reference string) string { return strings.TrimPrefix(reference, base+"/") }

func masked(body tree) bool {
	for _, label := range body.all("meta.security") {
		switch label.at("code").text() {
		case "MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX":
			return true
		}
	}
	return false
}

// directory are the types of a territory that describe the offer of care.
var directory = []string{"Organization", "Practitioner", "PractitionerRole", "Location"}

// An oracle answers for one caller.
type oracle struct {
	world  world
	caller caller
}

// sees reports whether the record is there for the caller: its current version
// may be seen.
func (o *oracle) sees(r *record) bool { return o.seesVersion(r, r.current()) }

func (o *oracle) seesVersion(r *record, v version) bool {
	return o.inScope(r.typ, v.patients) && o.allowed(r, v)
}

// inScope: one of the scopes reaches the type to read or search it; those of
// patient/ reach what is about that patient alone, or about nobody.
func (o *oracle) inScope(typ string, patients []string) bool {
	for _, scope := range strings.Fields(o.caller.Scopes) {
		context, rest, _ := strings.Cut(scope, "/")
		of, perms, _ := strings.Cut(rest, ".")
		if of != "*" && of != typ || !strings.ContainsAny(perms, "rs") {
			continue
		}
		if context != "patient" || o.caller.Patient != "" && (len(patients) == 0 || slices.Equal(patients, []string{o.caller.Patient})) {
			return true
		}
	}
	return false
}

func (o *oracle) allowed(r *record, v version) bool {
	switch {
	case v.by == o.caller.Organization:
		return true
	case v.masked:
		return false
	case len(v.patients) == 0:
		return slices.Contains(directory, r.typ)
	}
	for _, patient := range v.patients {
		if !o.open(patient) {
			return false
		}
	}
	return true
}

// policies are the records that say who may see the patient.
func (o *oracle) policies(patient string) (list []*record) {
	for _, r := range o.world {
		if slices.Contains([]string{"Patient", "CareTeam", "Consent"}, r.typ) && !r.current().deleted && slices.Contains(r.current().patients, patient) {
			list = append(list, r)
		}
	}
	return list
}

// open reports whether the policies of the patient let the caller in: a deny
// beats a permit beats the care team.
func (o *oracle) open(patient string) bool {
	says := nothing
	for _, r := range o.policies(patient) {
		if r.typ == "Consent" {
			says = max(says, o.consent(r.current().body, patient))
		}
	}
	if says >= deny || says == permit {
		return says == permit
	}
	if !slices.Contains([]string{"TREAT", "ETREAT", "CAREMGT"}, o.caller.Purpose) {
		return false
	}
	return slices.ContainsFunc(o.policies(patient), func(r *record) bool {
		return r.typ == "CareTeam" && teamOf(r.current().body, patient) && o.admitted(r.current().body, true)
	})
}
