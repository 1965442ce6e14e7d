package interference

import "strings"

// caller draws who asks: software, a person, a function, somebody who stands in
// for another, a patient, who represents one, or who breaks the glass.
func (d die) caller() caller {
	c := caller{Kind: "practice", Organization: d.of(organisations...), Purpose: d.of(purposes...)}
	kind := d.to(15)
	switch d.theme {
	case ofGroups:
		kind = d.to(3)
	case ofDelegates:
		kind = 7
	}
	switch kind {
	case 0, 1, 2, 3:
		c.Practitioner, c.Profession = d.of(persons...), d.of("10", "10", "21", "")
	case 4:
		c.Role, c.Profession = d.of(roles...), d.of("10", "21", "") // not often held in that organisation
	case 5, 6:
		c.Organization, c.Role, c.Profession = "Organization/o1", "PractitionerRole/r1", d.of("10", "21", "")
		if d.one(2) {
			c.Practitioner = d.of(persons...)
		}
	case 7, 8:
		c.Organization, c.Role, c.Profession = "Organization/o1", "PractitionerRole/r3", d.of("10", "21", "", "")
	case 9:
		c.Kind, c.Patient = "patient", d.of(patients...)
	case 10:
		c.Kind, c.Related, c.Patient = "representative", "RelatedPerson/re1", d.of(append(patients, "")...)
	case 11, 12:
		return d.emergency(c)
	}
	if c.Scopes = d.of(everywhere...); d.one(6) {
		c.Scopes = d.of(narrow...)
	}
	if strings.Contains(c.Scopes, "patient/") && c.Patient == "" {
		c.Patient = d.of(patients...)
	}
	return c
}

// emergency draws who breaks the glass of one patient. The scopes may be any:
// that they only read is for the authorization server to see to.
func (d die) emergency(c caller) caller {
	c.Purpose, c.Patient, c.Practitioner, c.Profession = "BTG", d.of(patients...), d.of(persons...), d.of("10", "50", "60")
	c.Scopes = d.of("system/*.rs", "system/*.rs", "system/*.cruds", "system/Condition.rs system/Patient.r", "patient/*.rs")
	if d.one(4) {
		c.Practitioner, c.Organization, c.Role = "", "Organization/o1", d.of(roles...)
	}
	return c
}

// person is the one who asks, or one who does not.
func (c *caller) person() string {
	switch {
	case c.Role != "":
		return c.Role
	case c.Practitioner != "":
		return c.Practitioner
	}
	return persons[0]
}
