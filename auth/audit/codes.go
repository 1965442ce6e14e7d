package audit

import r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

// The code systems of an AuditEvent (BALP 1.1, R4 auditevent.html).
const (
	systemEventType   = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	systemDICOM       = "http://dicom.nema.org/resources/ontology/DCM"
	systemInteraction = "http://hl7.org/fhir/restful-interaction"
	systemITI         = "urn:ihe:event-type-code"
	systemEntityType  = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	systemObjectRole  = "http://terminology.hl7.org/CodeSystem/object-role"
	systemBALPEntity  = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
	systemUserAgent   = "https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes"
	systemParticipant = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
	systemProvenance  = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
	systemRoleClass   = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
	systemPurpose     = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	systemSourceType  = "http://terminology.hl7.org/CodeSystem/security-source-type"
	systemOwn         = "https://cordee-sante.github.io/CodeSystem/audit-subtype"
)

// Codes of DICOM PS3.16 and what else an AuditEvent is made of.
const (
	dicomActivity      = "110100" // Application Activity
	dicomLogUsed       = "110101" // Audit Log Used
	dicomExport        = "110106"
	dicomImport        = "110107"
	dicomAlert         = "110113" // Security Alert
	dicomAuthenticated = "110114" // User Authentication
	dicomApplication   = "110150"
	dicomDestination   = "110152"
	dicomSource        = "110153"

	profileBase = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"
	policyToken = "urn:ietf:params:oauth:jti:"
	policyRule  = "urn:cordee:rule:"
)

func coding(system, code string) r4.Coding { return r4.Coding{System: &system, Code: &code} }

func concept(system, code string) *r4.CodeableConcept {
	return &r4.CodeableConcept{Coding: []r4.Coding{coding(system, code)}}
}

// kind is what sort of event an interaction makes.
type kind struct {
	typ, subtype r4.Coding
	profile      string // BALP profile, with Patient in front when one is concerned; "" for none
}

// kinds of the interactions that are none of FHIR's RESTful ones. DICOM PS3.16
// CID 400 and 401.
var kinds = map[Interaction]kind{
	InteractionToken:          {coding(systemDICOM, dicomAuthenticated), coding(systemITI, "ITI-71"), ""},
	InteractionLogin:          {coding(systemDICOM, dicomAuthenticated), coding(systemDICOM, "110122"), ""},
	InteractionLogout:         {coding(systemDICOM, dicomAuthenticated), coding(systemDICOM, "110123"), ""},
	InteractionUserSecurity:   {coding(systemDICOM, dicomAlert), coding(systemDICOM, "110137"), ""},
	InteractionEmergencyStart: {coding(systemDICOM, dicomAlert), coding(systemDICOM, "110127"), ""},
	InteractionEmergencyStop:  {coding(systemDICOM, dicomAlert), coding(systemDICOM, "110138"), ""},
	InteractionImport:         {coding(systemDICOM, dicomImport), coding(systemOwn, "import"), ""},
	InteractionExport:         {coding(systemDICOM, dicomExport), coding(systemOwn, "export"), ""},
	InteractionStart:          {coding(systemDICOM, dicomActivity), coding(systemDICOM, "110134"), ""},
	InteractionStop:           {coding(systemDICOM, dicomActivity), coding(systemDICOM, "110133"), ""},
	InteractionAlarm:          {coding(systemDICOM, dicomAlert), coding(systemOwn, "alarm"), ""},
}

// restful are the codes of http://hl7.org/fhir/restful-interaction that are
// recorded, with their BALP profile.
var restful = map[Interaction]string{
	InteractionRead: "Read", InteractionVRead: "Read", InteractionCreate: "Create",
	InteractionUpdate: "Update", InteractionPatch: "Update", InteractionDelete: "Delete",
	InteractionSearchType: "Query", InteractionSearchSystem: "Query",
	InteractionHistoryInstance: "", InteractionHistoryType: "", InteractionHistorySystem: "",
	InteractionCapabilities: "", InteractionTransaction: "", InteractionBatch: "", InteractionOperation: "",
}

// kindOf returns the kind of the interaction on a resource type. Whoever uses
// the trail itself makes a DICOM event 110101, Audit Log Used (R20).
func kindOf(i Interaction, typ string) kind {
	if k, ok := kinds[i]; ok {
		return k
	}
	profile, ok := restful[i]
	k := kind{coding(systemEventType, "rest"), coding(systemInteraction, string(i)), profile}
	if !ok {
		k.subtype = coding(systemOwn, string(i))
	}
	if typ == "AuditEvent" {
		k.typ, k.profile = coding(systemDICOM, dicomLogUsed), ""
	}
	return k
}

// code is the code of the outcome.
func (o Outcome) code() string {
	switch o {
	case Success:
		return "0"
	case MinorFailure:
		return "4"
	case SeriousFailure:
		return "8"
	}
	return "12"
}

func (o Outcome) model() *r4.AuditEventOutcome {
	m := map[string]r4.AuditEventOutcome{"0": r4.AuditEventOutcome0, "4": r4.AuditEventOutcome4, "8": r4.AuditEventOutcome8, "12": r4.AuditEventOutcome12}[o.code()]
	return &m
}

func (a Action) model() *r4.AuditEventAction {
	m, ok := map[Action]r4.AuditEventAction{Create: r4.AuditEventActionC, Read: r4.AuditEventActionR, Update: r4.AuditEventActionU, Delete: r4.AuditEventActionD}[a]
	if !ok {
		m = r4.AuditEventActionE
	}
	return &m
}
