package cda

import "github.com/cordee-sante/cordee/adapters"

// The systems of the codes that FHIR requires, by which the ConceptMaps that say
// them are found (adapters/conceptmap/shipped).
const (
	toObservationStatus  = "http://hl7.org/fhir/observation-status"
	toEventStatus        = "http://hl7.org/fhir/event-status"
	toRequestStatus      = "http://hl7.org/fhir/request-status"
	toGoalStatus         = "http://hl7.org/fhir/goal-status"
	toTaskStatus         = "http://hl7.org/fhir/task-status"
	toPrescriptionStatus = "http://hl7.org/fhir/CodeSystem/medicationrequest-status"
	toDispenseStatus     = "http://terminology.hl7.org/CodeSystem/medicationdispense-status"
	toAdministration     = "http://terminology.hl7.org/CodeSystem/medication-admin-status"
	toCareTeamStatus     = "http://hl7.org/fhir/care-team-status"
	toConsentState       = "http://hl7.org/fhir/consent-state-codes"
	toHistoryStatus      = "http://hl7.org/fhir/history-status"
	toImagingStatus      = "http://hl7.org/fhir/imagingstudy-status"
	toCompositionStatus  = "http://hl7.org/fhir/composition-status"
	toReactionSeverity   = "http://hl7.org/fhir/reaction-event-severity"
	toAdverseSeverity    = "http://terminology.hl7.org/CodeSystem/adverse-event-severity"
	toAdverseOutcome     = "http://terminology.hl7.org/CodeSystem/adverse-event-outcome"
	toCriticality        = "http://hl7.org/fhir/allergy-intolerance-criticality"
	toAllergyType        = "http://hl7.org/fhir/allergy-intolerance-type"
	toAllergyCategory    = "http://hl7.org/fhir/allergy-intolerance-category"
	toGender             = "http://hl7.org/fhir/administrative-gender"
	toPriority           = "http://hl7.org/fhir/request-priority"
	toIntent             = "http://hl7.org/fhir/request-intent"
	toAbsentReason       = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
	toTelecomUse         = "http://hl7.org/fhir/contact-point-use"
	toAddressUse         = "http://hl7.org/fhir/address-use"
	toNameUse            = "http://hl7.org/fhir/name-use"
	toDocumentRelation   = "http://hl7.org/fhir/document-relationship-type"
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
	system := adapters.System(n.Attr("codeSystem"))
	if system == "" {
		system = structural[n.Name]
	}
	return c.in.Maps.Required(target, system, n.Attr("code"))
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
