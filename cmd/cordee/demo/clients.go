package demo

import "github.com/cordee-sante/cordee/auth"

// A Client is software that is registered with the demonstration.
type Client struct {
	Name         string   // short, for commands: "practice"
	Title        string   // for people
	Organization string   // on whose behalf it acts
	Roles        []string // see package auth
	Purpose      string   // purpose of use of its tokens
	Scopes       string   // SMART scopes, the most that it may ask for
}

// The scopes that several clients have.
const (
	readDirectory = "system/Organization.rs system/Practitioner.rs system/PractitionerRole.rs system/Location.rs system/HealthcareService.rs system/Questionnaire.rs"
	readCare      = "system/Patient.rs system/RelatedPerson.rs system/CareTeam.rs system/CarePlan.rs system/Goal.rs system/Task.rs system/Condition.rs system/AllergyIntolerance.rs system/Observation.rs system/MedicationStatement.rs system/MedicationRequest.rs system/ServiceRequest.rs system/DocumentReference.rs"
	writeNotes    = "system/DocumentReference.cruds system/Binary.crs system/Provenance.crs system/Communication.cruds system/Task.cruds system/Observation.cruds system/QuestionnaireResponse.cruds system/Encounter.cruds system/Consent.cruds"
)

// Clients returns the software of the territory.
func Clients() []Client {
	care, practice := auth.PurposeTreatment, []string{auth.RolePractice, auth.RoleContributor}
	return []Client{
		{"practice", "Logiciel de la Maison de santé des Tilleuls", "Organization/msp-tilleuls", practice, care, "system/*.cruds"},
		{"pharmacy", "Logiciel de la Pharmacie du Vieux-Pont", "Organization/pharmacie-vieux-pont", practice, care,
			readDirectory + " " + readCare + " " + writeNotes + " system/Goal.cruds system/CarePlan.cruds system/AdverseEvent.cruds system/DetectedIssue.cruds system/MedicationStatement.cruds system/MedicationDispense.cruds system/Flag.cruds"},
		{"physio", "Logiciel du Cabinet de kinésithérapie du Lavoir", "Organization/kine-lavoir", practice, care,
			readDirectory + " " + readCare + " " + writeNotes + " system/Goal.cruds system/Procedure.cruds"},
		{"hospital", "Dossier patient du Centre hospitalier de Saint-Aubin", "Organization/ch-saint-aubin", practice, care, "system/*.cruds"},
		{"platform", "Outil de coordination du DAC des Deux-Rives", "Organization/dac-deux-rives", []string{auth.RolePlatform}, care, readDirectory + " " + readCare},
		{"outsider", "Logiciel du Cabinet médical de la Gare", "Organization/cabinet-gare", practice, care, "system/*.cruds"},
		{"officer", "Console de sécurité de la CPTS des Deux-Rives", "Organization/cpts-deux-rives", []string{auth.RoleOfficer}, auth.PurposeAdministration, "system/AuditEvent.rs"},
		{"loader", "Banc de charge", "Organization/banc-de-charge", []string{auth.RoleContributor}, care, "system/*.cruds"},
	}
}

// Principal is who asks with a token of the client.
func (c Client) Principal() (auth.Principal, error) {
	scopes, err := auth.ParseScopes(c.Scopes)
	return auth.Principal{Client: c.Name, ClientName: c.Title, Organization: c.Organization, Roles: c.Roles, Purpose: c.Purpose, Scopes: scopes}, err
}
