package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// oidLOINC is where section codes come from.
const oidLOINC = "2.16.840.1.113883.6.1"

// planActivities are the types that CarePlan.activity.reference takes.
var planActivities = map[string]bool{"Appointment": true, "CommunicationRequest": true, "DeviceRequest": true, "MedicationRequest": true, "NutritionOrder": true,
	"Task": true, "ServiceRequest": true, "VisionPrescription": true, "RequestGroup": true}

// carePlan makes the CarePlan of a section that is a plan of care (18776-5) and
// has entries: its goals, and what is to be done. It adds nothing to what the
// entries say but that they are one plan.
func (c *conversion) carePlan(n *node, o *object, entries []*draft.Resource) *draft.Resource {
	code := n.Element("code")
	if code.Attr("code") != "18776-5" || code.Attr("codeSystem") != oidLOINC || len(entries) == 0 {
		return nil
	}
	plan := new(object)
	for _, r := range entries {
		switch {
		case r.Type == "Goal":
			plan.Add("goal", c.Reference(r))
		case planActivities[r.Type]:
			plan.Add("activity", new(object).Put("reference", c.Reference(r)))
		case r.Type == "Condition":
			plan.Add("addresses", c.Reference(r))
		case r.Type == "Encounter" || r.Type == "ImmunizationRecommendation" || r.Type == "Observation" || r.Type == "Procedure" || r.Type == "MedicationStatement":
			plan.Add("supportingInfo", c.Reference(r))
		}
	}
	if !plan.Has("goal") && !plan.Has("activity") {
		return nil
	}
	if team := c.careTeam(); team != nil {
		plan.Add("careTeam", c.Reference(team))
	}
	r := c.New("CarePlan", n.Path())
	r.Set("status", "active").Set("intent", "plan")
	r.Set("title", o.Text("title"))
	c.subject(&r.Object, "subject")
	if c.encounter != nil {
		r.Put("encounter", c.Reference(c.encounter))
	}
	if c.effective != "" {
		r.Set("created", c.effective)
	}
	if author := c.composition.Object.Object("author"); c.isOneOf(author, "Patient", "Practitioner", "PractitionerRole", "Device", "RelatedPerson", "Organization") {
		r.Put("author", new(object).Set("reference", author.Text("reference")))
	}
	r.Merge(plan)
	return r
}
