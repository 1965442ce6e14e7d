package interference

import (
	"slices"
	"strings"
)

// seeing are the grounds on which a mask or sensitive label lets a record be
// seen; on no other.
var seeing = map[string][]string{
	"MASQUE_PS":         {"treating", "patient"},
	"INVISIBLE_PATIENT": {"consent", "treating", "team", "emergency"},
	"HIV":               {"treating", "emergency", "patient"},
	"PSY":               {"treating", "patient"},
}

// pharmacist are the types that a pharmacist sees, as far as cases draw them:
// identity, circle, agenda, requests, medication and allergies.
var pharmacist = []string{"Patient", "RelatedPerson", "CareTeam", "Consent", "Encounter", "Task", "MedicationRequest", "AllergyIntolerance"}

// stranger are those of a person of whom no profession is known.
var stranger = []string{"Patient", "RelatedPerson", "Encounter"}

func (o *oracle) allowed(r *record, v version) bool {
	offer := slices.Contains(directory, r.typ) && len(v.patients) == 0
	switch {
	case !offer && o.caller.Role != "" && !o.holds(o.caller.Role):
		return false // asks in a function that is not there
	case o.caller.Kind != "patient" && v.by == o.caller.Organization:
		return true
	case len(v.patients) == 0:
		return offer && o.lets(v.labels, nil)
	}
	var common []string
	for i, patient := range v.patients {
		grounds := o.grounds(patient)
		if len(grounds) == 0 {
			return false
		}
		if i == 0 {
			common = grounds
		}
		common = both(common, grounds)
	}
	return (o.class(r.typ) || slices.Contains(common, "treating") || slices.Contains(common, "emergency")) && o.lets(v.labels, common)
}

func both(a, b []string) (list []string) {
	for _, g := range a {
		if slices.Contains(b, g) {
			list = append(list, g)
		}
	}
	return list
}

// lets: every label must let be seen on one of the grounds.
func (o *oracle) lets(labels, grounds []string) bool {
	return !slices.ContainsFunc(labels, func(label string) bool {
		on, known := seeing[label]
		return known && len(both(on, grounds)) == 0
	})
}

// class reports whether the profession sees records of the type.
func (o *oracle) class(typ string) bool {
	switch {
	case o.caller.Kind == "patient", o.caller.Profession == "10":
		return true
	case o.caller.Profession == "21":
		return slices.Contains(pharmacist, typ)
	case o.caller.Practitioner != "", o.caller.Role != "":
		return slices.Contains(stranger, typ)
	}
	return true // software
}

// policies are the records that say who may see the patients.
func (o *oracle) policies(of ...string) (list []*record) {
	for _, r := range o.world {
		if slices.Contains([]string{"Patient", "CareTeam", "Consent"}, r.typ) && !r.current().deleted && len(both(r.current().patients, of)) > 0 {
			list = append(list, r)
		}
	}
	return list
}

// same are the patients who are said to be one person with this one, by either.
func (o *oracle) same(patient string) []string {
	list := []string{patient}
	for i := 0; i < len(list); i++ {
		for _, r := range o.policies(list[i]) {
			for _, other := range r.current().patients {
				if r.typ == "Patient" && (r.id == list[i] || other == list[i]) {
					for _, p := range []string{r.id, other} {
						if !slices.Contains(list, p) {
							list = append(list, p)
						}
					}
				}
			}
		}
	}
	return list
}

// grounds on which the caller sees the patient: those by the policies of the
// patient, as far as those of each Patient that is the same person leave them.
// "anything" stands for grounds that let no label be seen.
func (o *oracle) grounds(patient string) []string {
	if o.caller.Kind == "patient" {
		r := o.world["Patient/"+patient]
		if o.caller.Patient == patient && r != nil && !r.current().deleted {
			return []string{"patient", "anything"}
		}
		return nil
	}
	own := o.by(patient)
	for _, other := range o.same(patient)[1:] {
		if !o.spokenOf(other) || len(own) == 0 {
			continue
		}
		its := o.by(other)
		if len(its) == 0 {
			return nil
		}
		if slices.Contains(own, "treating") {
			its = append(its, "treating")
		}
		own = both(own, its)
	}
	return own
}

// spokenOf: there is a team or a consent of the patient that is in force.
func (o *oracle) spokenOf(patient string) bool {
	return slices.ContainsFunc(o.policies(patient), func(r *record) bool {
		return r.typ == "CareTeam" && teamOf(r.current().body, patient) && hasMembers(r.current().body) ||
			r.typ == "Consent" && privacy(r.current().body, patient)
	})
}

// by are the grounds by the policies of one Patient: a deny beats a permit, and
// a permit and the team add up.
func (o *oracle) by(patient string) (grounds []string) {
	says := nothing
	for _, r := range o.policies(patient) {
		if r.typ == "Consent" {
			says = max(says, o.consent(r.current().body, patient))
		}
	}
	if says >= deny {
		return nil
	}
	care := slices.Contains([]string{"TREAT", "ETREAT", "CAREMGT"}, o.caller.Purpose)
	if care && slices.ContainsFunc(o.policies(patient), func(r *record) bool {
		return r.typ == "CareTeam" && teamOf(r.current().body, patient) && o.admitted(r.current().body, true)
	}) {
		grounds = append(grounds, "team")
	}
	if says == permit {
		grounds = append(grounds, "consent")
	}
	if len(grounds) == 0 {
		return nil
	}
	grounds = append(grounds, "anything")
	if r := o.world["Patient/"+patient]; care && r != nil && !r.current().deleted {
		for _, g := range r.current().body.all("generalPractitioner") {
			if o.isCaller(local(g.at("reference").text()), false) {
				return append(grounds, "treating")
			}
		}
	}
	return grounds
}

// isCaller reports whether a target is the organisation, person or function
// that asks, or a function of the person here; for a deny also the person whom
// the directory has in the caller's function.
func (o *oracle) isCaller(target string, denies bool) bool {
	c := &o.caller
	switch {
	case target == "":
		return false
	case target == c.Organization, target == c.Practitioner, target == c.Role:
		return true
	case strings.HasPrefix(target, "PractitionerRole/") && c.Role == "" && c.Practitioner != "":
		return o.person(target) == c.Practitioner && o.holds(target) || denies && o.person(target) == c.Practitioner && o.place(target) == c.Organization
	}
	return denies && c.Role != "" && target == o.person(c.Role)
}

func (o *oracle) function(role string) tree {
	if r := o.world[role]; r != nil && !r.current().deleted {
		return r.current().body
	}
	return tree{}
}

func (o *oracle) person(role string) string {
	return o.function(role).at("practitioner.reference").text()
}
func (o *oracle) place(role string) string {
	return o.function(role).at("organization.reference").text()
}

// holds: the function is there now, in the caller's organisation, and is the
// caller's when both are named.
func (o *oracle) holds(role string) bool {
	f, person := o.function(role), o.person(role)
	return f.value != nil && f.at("active").value != false && during(f.at("period")) && o.place(role) == o.caller.Organization &&
		(o.caller.Practitioner == "" || person == "" || person == o.caller.Practitioner)
}
