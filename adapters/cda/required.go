package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

// The systems of the codes that FHIR requires, by which the ConceptMaps that say
// them are found (adapters/conceptmap/shipped).
const (
	toObservationStatus  = conceptmap.ObservationStatus
	toEventStatus        = conceptmap.EventStatus
	toRequestStatus      = conceptmap.RequestStatus
	toGoalStatus         = conceptmap.GoalStatus
	toTaskStatus         = conceptmap.TaskStatus
	toPrescriptionStatus = conceptmap.PrescriptionStatus
	toDispenseStatus     = conceptmap.DispenseStatus
	toAdministration     = conceptmap.Administration
	toCareTeamStatus     = conceptmap.CareTeamStatus
	toConsentState       = conceptmap.ConsentState
	toHistoryStatus      = conceptmap.HistoryStatus
	toImagingStatus      = conceptmap.ImagingStatus
	toCompositionStatus  = conceptmap.CompositionStatus
	toReactionSeverity   = conceptmap.ReactionSeverity
	toAdverseSeverity    = conceptmap.AdverseSeverity
	toAdverseOutcome     = conceptmap.AdverseOutcome
	toCriticality        = conceptmap.Criticality
	toAllergyType        = conceptmap.AllergyType
	toAllergyCategory    = conceptmap.AllergyCategory
	toGender             = conceptmap.Gender
	toPriority           = conceptmap.Priority
	toIntent             = conceptmap.Intent
	toAbsentReason       = conceptmap.AbsentReason
	toTelecomUse         = conceptmap.TelecomUse
	toAddressUse         = conceptmap.AddressUse
	toNameUse            = conceptmap.NameUse
	toDocumentRelation   = conceptmap.DocumentRelation
	toEventTiming        = conceptmap.EventTiming
	toEncounterClass     = conceptmap.EncounterClass
	toTimeUnit           = adapters.SystemUCUM
)

const vocabulary = "http://terminology.hl7.org/CodeSystem/v3-"

// structural are the systems of codes of which a document names none, since CDA
// fixes it.
var structural = map[string]string{"statusCode": vocabulary + "ActStatus", "lab:statusCode": vocabulary + "ActStatus",
	"administrativeGenderCode": vocabulary + "AdministrativeGender", "priorityCode": vocabulary + "ActPriority"}

// required returns the code of the target system that the ConceptMaps have for a
// code, and whether they speak of it at all.
func (c *conversion) required(n *node, target string) (string, bool) {
	if n == nil {
		return "", false
	}
	system := c.system(n.Attr("codeSystem"))
	if system == "" {
		system = structural[n.Name]
	}
	return c.in.Maps.Required(target, system, n.Attr("code"))
}

// system is the URI of the code system with that OID: the one that maps have, or
// the published one.
func (c *conversion) system(oid string) string {
	if uri := c.in.Maps.URI(oid); uri != "" {
		return uri
	}
	return adapters.System(oid)
}

// known translates a code into the one that FHIR requires. What no map knows is
// refused and reported: a required code is never guessed.
func (c *conversion) known(n *node, target string) string {
	if n.Attr("code") == "" {
		return ""
	}
	to, known := c.required(n, target)
	if !known {
		c.Refuse(mark(n), "cda.unknown-code")
	}
	return to
}

// attributed translates the code of an attribute, a mood or a use for instance.
func (c *conversion) attributed(target, system, code string) string {
	to, _ := c.in.Maps.Required(target, vocabulary+system, code)
	return to
}
