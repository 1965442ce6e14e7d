package interference

import (
	"slices"
	"strings"
)

// seeing are the grounds on which a mask or sensitive label lets a record be
// seen; on no other.
var seeing = map[string][]string{
	"MASQUE_PS":                      {"named", "treating", "patient", "representative"},
	"INVISIBLE_PATIENT":              {"named", "consent", "treating", "team", "emergency"},
	"INVISIBLE_REPRESENTANTS_LEGAUX": {"named", "consent", "treating", "team", "emergency", "patient"},
	"HIV":                            {"named", "treating", "emergency", "patient", "representative"},
	"PSY":                            {"named", "treating", "patient", "representative"},
}

// pharmacist are the types that a pharmacist sees, as far as cases draw them:
// identity, circle, agenda, requests, medication and allergies.
var pharmacist = []string{"Patient", "RelatedPerson", "CareTeam", "Consent", "Encounter", "Task", "MedicationRequest", "AllergyIntolerance", "Communication"}

// software are those of a client that names nobody: what coordination needs.
var software = []string{"Patient", "RelatedPerson", "CareTeam", "Consent", "Encounter", "Task", "CarePlan", "Communication"}

// stranger are those of a person of whom no profession is known, and of a
// medical assistant.
var stranger = []string{"Patient", "RelatedPerson", "Encounter"}

func (o *oracle) allowed(r *record, v version) bool {
	offer := slices.Contains(directory, r.typ) && len(v.patients) == 0
	switch {
	case !offer && !o.stands():
		return false // asks in a function that is not there
	case o.caller.Kind == "practice" && v.by == o.caller.Organization:
		return true
	case len(v.patients) == 0:
		return offer && o.lets(v.labels, nil)
	}
	var common []string
	for i, patient := range v.patients {
		grounds := o.grounds(patient, subject{key: r.key(), by: v.by, labels: v.labels})
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

// class reports whether every profession that the caller acts as sees records
// of the type.
func (o *oracle) class(typ string) bool {
	return !slices.ContainsFunc(o.professions(), func(profession string) bool {
		switch profession {
		case "everything", "10":
			return false
		case "21":
			return !slices.Contains(pharmacist, typ)
		case "software":
			return !slices.Contains(software, typ)
		}
		return !slices.Contains(stranger, typ)
	})
}

// professions are what token and directory say that the caller is, or whom the
// caller stands in for; an assistant stays one besides.
func (o *oracle) professions() (list []string) {
	c := &o.caller
	switch {
	case c.Kind != "practice":
		return []string{"everything"}
	case c.Role == "" && c.Practitioner == "" && c.Profession == "":
		return []string{"software"}
	case c.Role == "":
		return []string{c.Profession}
	}
	role, token := c.Role, c.Profession
	code, supervisor := o.delegation(role)
	if code != "" {
		role, token = supervisor, ""
	}
	for _, p := range o.function(role).all("code.coding") {
		if p.at("system").text() == g15 {
			list = append(list, p.at("code").text())
		}
	}
	if token != "" || len(list) == 0 {
		list = append(list, token)
	}
	if code == "assistant-medical" {
		list = append(list, code)
	}
	return list
}

// profession is the one that provisions narrow to, where it is told.
func (o *oracle) profession() string {
	code, _ := o.delegation(o.caller.Role)
	list := o.professions()
	switch {
	case o.caller.Kind != "practice":
		return ""
	case o.caller.Role == "":
		return o.caller.Profession
	case code == "assistant-medical":
		return ""
	case code == "" && o.caller.Profession != "":
		return o.caller.Profession
	case len(list) == 1:
		return list[0]
	}
	return ""
}

// delegation says in which way, and for whom, somebody stands in.
func (o *oracle) delegation(role string) (code, supervisor string) {
	f := o.function(role)
	for _, c := range f.all("code.coding") {
		if c.at("system").text() == delegation {
			code = c.at("code").text()
		}
	}
	for _, e := range f.all("extension") {
		if e.at("url").text() == delegated {
			supervisor = e.at("valueReference.reference").text()
		}
	}
	return code, supervisor
}

// stands: a professional who names a function has it now, and stands in for
// somebody, if so, who has theirs and stands in for nobody.
func (o *oracle) stands() bool {
	role := o.caller.Role
	if role == "" || o.caller.Kind != "practice" {
		return true
	}
	code, supervisor := o.delegation(role)
	if !o.holds(role) || code == "" {
		return o.holds(role)
	}
	further, _ := o.delegation(supervisor)
	return supervisor != "" && supervisor != role && further == "" && o.held(supervisor)
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

// grounds on which the caller sees a record of the patient: those by the
// policies of the patient, as far as those of each Patient that is the same
// person leave them. "anything" stands for grounds that let no label be seen.
func (o *oracle) grounds(patient string, about subject) []string {
	about.patient = patient
	r := o.world["Patient/"+patient]
	there := r != nil && !r.current().deleted
	alive := there && r.current().body.at("deceasedBoolean").value != true
	if o.caller.Kind == "patient" {
		if o.caller.Patient == patient && alive {
			return []string{"patient", "anything"}
		}
		return nil
	}
	own := o.by(about, patient)
	if o.caller.Kind == "representative" {
		if own = nil; alive && o.represents(about) {
			own = []string{"representative", "anything"}
		}
	}
	for _, other := range o.same(patient)[1:] {
		if !o.spokenOf(other) || len(own) == 0 {
			continue
		}
		about.patient = other
		its := o.by(about, patient)
		if o.caller.Kind == "representative" {
			if its = nil; o.says(about) < deny {
				its = own
			}
		}
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

// represents: the relative is one of the patient now and is a guardian, or a
// parent of a minor, or is whom a consent names.
func (o *oracle) represents(about subject) bool {
	r := o.function(o.caller.Related) // a relative
	if r.value == nil || o.caller.Patient != "" && o.caller.Patient != about.patient || r.at("active").value == false || !during(r.at("period")) ||
		local(r.at("patient.reference").text()) != "Patient/"+about.patient {
		return false
	}
	says, code := o.says(about), ""
	for _, c := range r.all("relationship.coding") {
		code = c.at("code").text()
	}
	born := o.world["Patient/"+about.patient].current().body.at("birthDate").text()
	minor := born > "2008-01-15" // of age today
	return says < deny && (says >= permit || code == "GUARD" || code == "FTH" && minor)
}

// says is the strongest that the consents of the patient say of the caller.
func (o *oracle) says(about subject) int {
	says := nothing
	for _, r := range o.policies(about.patient) {
		if r.typ == "Consent" {
			says = max(says, o.consent(r.current().body, about))
		}
	}
	return says
}

// spokenOf: there is a team or a consent of the patient that is in force.
func (o *oracle) spokenOf(patient string) bool {
	return slices.ContainsFunc(o.policies(patient), func(r *record) bool {
		return r.typ == "CareTeam" && teamOf(r.current().body, patient) && hasMembers(r.current().body) ||
			r.typ == "Consent" && privacy(r.current().body, patient)
	})
}

// by are the grounds by the policies of one Patient, where the record is of the
// patient of: a deny beats a permit, and a permit and the team add up.
func (o *oracle) by(about subject, of string) (grounds []string) {
	patient, says := about.patient, o.says(about)
	if says >= deny {
		return nil
	}
	if o.caller.Purpose == "BTG" {
		if r := o.world["Patient/"+patient]; o.caller.Patient == of && r != nil && !r.current().deleted {
			return []string{"emergency", "anything"}
		}
		return nil
	}
	care := slices.Contains([]string{"TREAT", "ETREAT", "CAREMGT"}, o.caller.Purpose)
	if care && slices.ContainsFunc(o.policies(patient), func(r *record) bool {
		return r.typ == "CareTeam" && teamOf(r.current().body, patient) && o.admitted(r.current().body, true)
	}) {
		grounds = append(grounds, "team")
	}
	if says >= permit {
		grounds = append(grounds, "consent")
	}
	if says == permitLabel {
		grounds = append(grounds, "named")
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
// that asks, whom the caller stands in for, a function of the person here, or a
// Group of these; for a deny also the person whom the directory has in the
// caller's function.
func (o *oracle) isCaller(target string, denies bool) bool {
	c := &o.caller
	if strings.HasPrefix(target, "Group/") {
		return o.inGroup(o.world[target], denies)
	}
	if c.Kind == "representative" {
		return target == c.Related
	}
	code, supervisor := o.delegation(c.Role)
	switch {
	case target == "":
		return false
	case target == c.Organization, target == c.Practitioner, target == c.Role, code != "" && (target == supervisor || target == o.person(supervisor)):
		return true
	case strings.HasPrefix(target, "PractitionerRole/") && c.Role == "" && c.Practitioner != "":
		code, _ := o.delegation(target)
		return o.person(target) == c.Practitioner && (code == "" && o.holds(target) || denies && o.place(target) == c.Organization)
	}
	return denies && c.Role != "" && target == o.person(c.Role)
}

// inGroup: a Group that is not there or has members nobody knows denies all
// professionals, and permits nobody.
func (o *oracle) inGroup(r *record, denies bool) bool {
	if r == nil || r.current().deleted {
		return denies && o.caller.Kind == "practice"
	}
	g := r.current().body
	if g.at("actual").value != true || !denies && g.at("active").value == false {
		return denies
	}
	return slices.ContainsFunc(g.all("member"), func(m tree) bool {
		return m.at("inactive").value != true && o.isCaller(m.at("entity.reference").text(), denies) && (denies || during(m.at("period")))
	})
}

// function is a PractitionerRole, or another resource, that is there.
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
	person := o.person(role)
	return o.held(role) && (o.caller.Practitioner == "" || person == "" || person == o.caller.Practitioner)
}

// held: somebody has the function now, in the caller's organisation.
func (o *oracle) held(role string) bool {
	f := o.function(role)
	return f.value != nil && f.at("active").value != false && during(f.at("period")) && o.place(role) == o.caller.Organization
}
