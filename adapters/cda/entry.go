package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
)

// A kind is what an entry or a part of one says, whatever its template is
// called in the CI-SIS, by IHE or by HL7.
type kind uint8

// The kinds. The zero kind is known by its class only.
const (
	unknownKind kind = iota
	problemConcern
	problem
	allergyConcern
	allergy
	treatment
	procedure
	familyHistory
	familyProblem
	socialHistory
	vitalSigns
	vitalSign
	comment
	internalReference
	severity
	problemStatus
	healthStatus
	certainty
	criticality
	encounterAct
	patientInstructions
	dispenserInstructions
	immunization
	vaccineRank
	directive
	device
	attachment
	documentType
	adverseEvent
	causality
	evolution
	request
	prescription
	supplyRequest
	substitutionPermit
	substitutionAct
	dispense
	specimenCollection
	specimenReceipt
	birthEvent
	careTeam
	careTeamMember
	administration
	imagingStudy
	imagingSeries
	imagingInstance
)

// kindOf tells an entry by its templates: those of the CI-SIS first, then the
// last of the others, which is the most special one. A template with a suffix
// unknown here (…3.48.13) is one of its stem. Where none is known the code and the
// form tell.
func kindOf(n *node) kind {
	k := templateKind(n)
	if k == unknownKind {
		k = codedKind(n)
	}
	if class := classes[k]; class != "" && class != n.Name {
		return unknownKind
	}
	return k
}

// classes are the elements of CDA that a statement of some kind has to be: a
// template on another one says nothing.
var classes = map[kind]string{
	problemConcern: "act", problem: "observation", allergyConcern: "act", allergy: "observation", treatment: "substanceAdministration",
	prescription: "substanceAdministration", immunization: "substanceAdministration", administration: "substanceAdministration",
	vitalSigns: "organizer", vitalSign: "observation", socialHistory: "observation", familyHistory: "organizer", encounterAct: "encounter",
	comment: "act", device: "supply", dispense: "supply", attachment: "organizer", directive: "observation", adverseEvent: "observation",
	specimenCollection: "procedure", birthEvent: "organizer", careTeam: "organizer", imagingStudy: "act", imagingSeries: "act",
	imagingInstance: "observation",
}

func templateKind(n *node) kind {
	found := unknownKind
	for t := range n.Elements("templateId") {
		oid := t.Attr("root")
		k, known := entryTemplates[oid]
		if french := strings.HasPrefix(oid, cisisEntry); french {
			for !known && strings.Count(oid, ".") > strings.Count(cisisEntry, ".") {
				oid = oid[:strings.LastIndexByte(oid, '.')]
				k, known = entryTemplates[oid]
			}
			if known {
				return k
			}
		}
		if known {
			found = k
		}
	}
	return found
}

// entry maps an entry of a section and returns what was made of it, for
// section.entry. What the entry holds beside its main statement follows it.
func (c *conversion) entry(n *node) []*draft.Resource {
	for s := range n.Elements("") {
		if list := c.statement(s); list != nil {
			return list
		}
	}
	return nil
}

// statement maps a clinical statement: by its template, or else by its class.
func (c *conversion) statement(n *node) []*draft.Resource {
	if c.taken[n] {
		return nil
	}
	c.taken[n] = true
	k := kindOf(n)
	if relative := c.relativeOf(n, k); relative != nil {
		return c.ofRelative(n, k, relative)
	}
	return c.mapped(n, k)
}

// mapped maps a clinical statement of a kind.
func (c *conversion) mapped(n *node, k kind) []*draft.Resource {
	switch k {
	case problemConcern:
		return c.concern(n, problemOf)
	case problem:
		return problemOf(c, n, nil)
	case allergyConcern:
		return c.concern(n, allergyOf)
	case allergy:
		return allergyOf(c, n, nil)
	case treatment:
		return medicineOf(c, n)
	case procedure:
		return procedureOf(c, n)
	case familyHistory:
		return familyHistoryOf(c, n)
	case socialHistory:
		return socialHistoryOf(c, n)
	case vitalSigns:
		return vitalSignsOf(c, n)
	case vitalSign:
		return vitalSignOf(c, n)
	case encounterAct:
		return encounterEntry(c, n)
	case comment:
		return remarkOf(c, n)
	case immunization:
		return immunizationOf(c, n)
	case directive:
		return directiveOf(c, n)
	case device:
		return deviceOf(c, n)
	case attachment:
		return attachmentOf(c, n)
	case adverseEvent:
		return adverseEventOf(c, n)
	case prescription:
		return prescriptionOf(c, n)
	case dispense:
		return dispenseOf(c, n)
	case specimenCollection:
		return specimenOf(c, n)
	case birthEvent:
		return birthOf(c, n)
	case careTeam:
		return careTeamOf(c, n)
	case administration:
		return administrationOf(c, n)
	case imagingStudy:
		return imagingStudyOf(c, n)
	case imagingInstance:
		return imagingInstanceOf(c, n)
	}
	if n.Element("templateId") != nil {
		c.stranger(n)
	}
	return c.byClass(n)
}

// byClass maps a statement of an unknown template by what it is in CDA.
func (c *conversion) byClass(n *node) []*draft.Resource {
	switch n.Name {
	case "observation":
		switch n.Attr("moodCode") {
		case "EVN", "":
			return observationOf(c, n, categoryOf(n))
		case "GOL":
			if isTask(n) {
				return taskOf(c, n)
			}
			return goalOf(c, n)
		}
		return requestOf(c, n)
	case "observationMedia":
		return mediaOf(c, n)
	case "act":
		return actOf(c, n)
	case "organizer":
		return organizerOf(c, n)
	case "procedure":
		return procedureOf(c, n)
	case "substanceAdministration":
		return medicineOf(c, n)
	case "supply":
		if n.Element("product") != nil {
			return dispenseOf(c, n)
		}
		return deviceOf(c, n)
	case "encounter":
		return encounterEntry(c, n)
	}
	return nil
}

// medicineOf tells what a patient takes from what he is to be given.
func medicineOf(c *conversion, n *node) []*draft.Resource {
	if mood := n.Attr("moodCode"); mood == "EVN" || mood == "" {
		return treatmentOf(c, n)
	}
	return prescriptionOf(c, n)
}

// concern maps every statement that an act of concern (FR-Liste-des-problemes,
// FR-Liste-des-allergies) holds, and gives it the act for status and dates.
func (c *conversion) concern(n *node, one func(*conversion, *node, *node) []*draft.Resource) []*draft.Resource {
	var list []*draft.Resource
	for link := range n.Elements("entryRelationship") {
		s := link.Element("observation")
		if s == nil || kindOf(s) == comment || c.taken[s] {
			continue
		}
		c.taken[s] = true
		list = append(list, one(c, s, n)...)
	}
	if len(list) > 0 {
		c.made[n] = list[0]
		list[0].Mark(fixedCode(n, "CONC")...)
		for id := range n.Elements("id") {
			c.remember(id, list[0])
		}
		list = append(list, c.withRelated(list[0], n)[1:]...)
	}
	return list
}

// isNegated reports whether a statement says that something is not so.
func isNegated(n *node) bool { return n.Attr("negationInd") == "true" }
