package consent

// class is how resources of a type are treated when they name no patient.
type class uint8

// The classes. A type that is not in the table is clinical.
const (
	clinical  class = iota // they must name a patient
	directory              // the offer of care: every care principal sees them
	knowledge              // conformance and terminology: likewise, and they are not written by practices
	bare                   // they may do without a patient, and stay with their contributor
	trail                  // audit events: for security officers, written by the gateway alone
)

// classes by resource type (R4 resourcelist.html). Device and Task hold patients
// outside the Patient compartment, so Facts cannot tell whether they name one:
// they are bare, not directory.
var classes = map[string]class{
	"Endpoint":                directory,
	"HealthcareService":       directory,
	"InsurancePlan":           directory,
	"Location":                directory,
	"Medication":              directory,
	"MedicationKnowledge":     directory,
	"Organization":            directory,
	"OrganizationAffiliation": directory,
	"Practitioner":            directory,
	"PractitionerRole":        directory,
	"Schedule":                directory,
	"Slot":                    directory,
	"Substance":               directory,
	"DeviceDefinition":        directory,
	"CatalogEntry":            directory,
	"ActivityDefinition":      knowledge,
	"CapabilityStatement":     knowledge,
	"ChargeItemDefinition":    knowledge,
	"CodeSystem":              knowledge,
	"CompartmentDefinition":   knowledge,
	"ConceptMap":              knowledge,
	"EventDefinition":         knowledge,
	"ExampleScenario":         knowledge,
	"GraphDefinition":         knowledge,
	"ImplementationGuide":     knowledge,
	"Library":                 knowledge,
	"Measure":                 knowledge,
	"MessageDefinition":       knowledge,
	"NamingSystem":            knowledge,
	"ObservationDefinition":   knowledge,
	"OperationDefinition":     knowledge,
	"PlanDefinition":          knowledge,
	"Questionnaire":           knowledge,
	"SearchParameter":         knowledge,
	"SpecimenDefinition":      knowledge,
	"StructureDefinition":     knowledge,
	"StructureMap":            knowledge,
	"TerminologyCapabilities": knowledge,
	"ValueSet":                knowledge,
	"Appointment":             bare,
	"AppointmentResponse":     bare,
	"Basic":                   bare,
	"Binary":                  bare,
	"Bundle":                  bare,
	"Communication":           bare,
	"CommunicationRequest":    bare,
	"Device":                  bare,
	"DocumentReference":       bare,
	"Group":                   bare,
	"List":                    bare,
	"MeasureReport":           bare,
	"MessageHeader":           bare,
	"OperationOutcome":        bare,
	"Parameters":              bare,
	"Person":                  bare,
	"Provenance":              bare,
	"Task":                    bare,
	"AuditEvent":              trail,
}
