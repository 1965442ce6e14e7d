package audit

import "github.com/cordee-sante/cordee/fhir"

// An Interaction says what was asked. The first ones are the codes of
// http://hl7.org/fhir/restful-interaction; the others are the gateway's own.
// Others may be recorded: they count as an execution.
type Interaction string

// The interactions.
const (
	InteractionRead            Interaction = "read"
	InteractionVRead           Interaction = "vread"
	InteractionUpdate          Interaction = "update"
	InteractionPatch           Interaction = "patch"
	InteractionDelete          Interaction = "delete"
	InteractionHistoryInstance Interaction = "history-instance"
	InteractionHistoryType     Interaction = "history-type"
	InteractionHistorySystem   Interaction = "history-system"
	InteractionCreate          Interaction = "create"
	InteractionSearchType      Interaction = "search-type"
	InteractionSearchSystem    Interaction = "search-system"
	InteractionCapabilities    Interaction = "capabilities"
	InteractionTransaction     Interaction = "transaction"
	InteractionBatch           Interaction = "batch"
	InteractionOperation       Interaction = "operation"

	InteractionToken          Interaction = "token"           // Get Access Token, IHE IUA ITI-71
	InteractionLogin          Interaction = "login"           // a token or a session was presented: mostly recorded when refused
	InteractionLogout         Interaction = "logout"          //
	InteractionUserSecurity   Interaction = "user-security"   // rights of a user or client were changed
	InteractionEmergencyStart Interaction = "emergency-start" // break-glass begins
	InteractionEmergencyStop  Interaction = "emergency-stop"
	InteractionImport         Interaction = "import"
	InteractionExport         Interaction = "export"
	InteractionStart          Interaction = "start" // the gateway starts to record
	InteractionStop           Interaction = "stop"
	InteractionAlarm          Interaction = "alarm" // Reason says which: "trail.clock-back", "trail.store-lost"
	InteractionOther          Interaction = "other" // a request that was none of these
)

// action is what the interaction is by default (R4 AuditEvent.action; BALP
// makes searches an execution).
func (i Interaction) action() Action {
	switch i {
	case InteractionCreate, InteractionImport:
		return Create
	case InteractionRead, InteractionVRead, InteractionHistoryInstance, InteractionExport:
		return Read
	case InteractionUpdate, InteractionPatch, InteractionUserSecurity:
		return Update
	case InteractionDelete:
		return Delete
	}
	return Execute
}

// ofEffect is the interaction that one entry of a transaction or batch amounts to.
func (i Interaction) ofEffect(e Entry) Interaction {
	if !isBundle(i) {
		return i
	}
	switch e.Effect {
	case fhir.Created:
		return InteractionCreate
	case fhir.Updated:
		return InteractionUpdate
	case fhir.Deleted:
		return InteractionDelete
	}
	return InteractionRead
}
