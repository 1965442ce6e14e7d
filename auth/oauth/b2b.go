package oauth

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// maxSubject bounds a subject_id, in bytes.
const maxSubject = 256

// b2b is the authorization extension object hl7-b2b of a client assertion (HL7
// UDAP Security IG, B2B Authorization Extension): for whom and what for the
// client asks. Members that the gateway does not use are ignored.
type b2b struct {
	Version        string   `json:"version"`
	SubjectName    string   `json:"subject_name"`
	SubjectID      string   `json:"subject_id"`
	SubjectRole    string   `json:"subject_role"`
	OrganizationID string   `json:"organization_id"`
	Purpose        []string `json:"purpose_of_use"`
}

// The code systems of an hl7-b2b, as URI and as OID: system#code.
var (
	reasonSystems     = []string{"http://terminology.hl7.org/CodeSystem/v3-ActReason#", "urn:oid:2.16.840.1.113883.5.8#"}
	professionSystems = []string{"https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante#", "urn:oid:1.2.250.1.71.1.2.7#"}
)

// rppsSystem is the system of the national identifier of professionals.
const rppsSystem = "https://rpps.esante.gouv.fr"

// apply holds what the client declares against its registration and puts it
// into the session. Whatever is not registered is refused with invalid_grant,
// as the IG says. Without the extension the client acts by itself, for TREAT
// or its only purpose.
func (b *b2b) apply(client *Client, fhirBase string, to *session) error {
	if b == nil {
		switch {
		case slices.Contains(client.Purposes, "TREAT"):
			to.Purpose = "TREAT"
		case len(client.Purposes) == 1:
			to.Purpose = client.Purposes[0]
		default:
			return invalidGrant("oauth.purpose", "Name the purpose_of_use in the hl7-b2b extension of the client assertion.")
		}
		return nil
	}
	if b.Version != "1" {
		return invalidGrant("oauth.b2b-version", "hl7-b2b: version must be 1.")
	}
	if strings.TrimPrefix(b.OrganizationID, fhirBase+"/") != client.Organization {
		return invalidGrant("oauth.b2b-organization", "hl7-b2b: organization_id is not the organisation that the client is registered for.")
	}
	if len(b.Purpose) != 1 {
		return invalidGrant("oauth.purpose", "hl7-b2b: purpose_of_use must be exactly one code.")
	}
	to.Purpose = code(b.Purpose[0], reasonSystems)
	if !slices.Contains(client.Purposes, to.Purpose) {
		return invalidGrant("oauth.purpose", "hl7-b2b: the client is not registered for this purpose_of_use.")
	}
	return b.applySubject(client, fhirBase, to)
}

// applySubject takes over the person. A reference names Practitioner or
// PractitionerRole, eleven digits an RPPS number, system|value any identifier.
func (b *b2b) applySubject(client *Client, fhirBase string, to *session) error {
	if b.SubjectID == "" {
		if b.SubjectName != "" || b.SubjectRole != "" {
			return invalidGrant("oauth.b2b-subject", "hl7-b2b: subject_name and subject_role need a subject_id.")
		}
		return nil
	}
	subject := strings.TrimPrefix(b.SubjectID, fhirBase+"/")
	if !slices.Contains(client.Subjects, "*") && !slices.Contains(client.Subjects, subject) {
		return invalidGrant("oauth.b2b-subject", "hl7-b2b: the client is not registered to speak for this subject_id.")
	}
	key, isReference := fhir.ParseReference(subject)
	system, value, isIdentifier := strings.Cut(subject, "|")
	switch {
	case slices.Contains(client.Roles, auth.RolePatient) || slices.Contains(client.Roles, auth.RoleRepresentative):
		if !isReference || !b.applyPatient(client, key, to) {
			return invalidGrant("oauth.b2b-subject", "hl7-b2b: a client for patients names Patient/id, one for representatives RelatedPerson/id, and no subject_role.")
		}
	case isReference && key.Type == "Practitioner" && key.Version == "":
		to.Practitioner = subject
	case isReference && key.Type == "PractitionerRole" && key.Version == "":
		to.Role = subject
	case len(subject) == 11 && strings.Trim(subject, "0123456789") == "":
		to.Identifier = rppsSystem + "|" + subject
	case isIdentifier && system != "" && value != "" && len(subject) <= maxSubject && !hasControl(subject):
		to.Identifier = subject
	default:
		return invalidGrant("oauth.b2b-subject", "hl7-b2b: subject_id is neither Practitioner/id, PractitionerRole/id, an RPPS number nor system|value.")
	}
	if b.SubjectName != "" {
		if !validName(b.SubjectName) {
			return invalidGrant("oauth.b2b-subject", "hl7-b2b: subject_name is too long or holds control characters.")
		}
		to.Name = b.SubjectName
	}
	if b.SubjectRole != "" {
		to.Profession = code(b.SubjectRole, professionSystems)
		if len(to.Profession) != 2 || strings.Trim(to.Profession, "0123456789") != "" {
			return invalidGrant("oauth.b2b-role", "hl7-b2b: subject_role is no code of TRE_G15-ProfessionSante.")
		}
	}
	return nil
}

// applyPatient takes over the patient who asks, or who asks for one. What the
// client is registered as decides which.
func (b *b2b) applyPatient(client *Client, subject fhir.Key, to *session) bool {
	switch {
	case subject.Version != "" || b.SubjectRole != "":
		return false
	case slices.Contains(client.Roles, auth.RoleRepresentative):
		to.Related = subject.String()
		return subject.Type == "RelatedPerson"
	}
	to.Patient = subject.ID
	return subject.Type == "Patient"
}

// code returns the code of system#code for one of the systems, and a bare code
// as it is.
func code(coded string, systems []string) string {
	for _, system := range systems {
		if c, ok := strings.CutPrefix(coded, system); ok {
			return c
		}
	}
	return coded
}
