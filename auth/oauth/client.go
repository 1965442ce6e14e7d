package oauth

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/go-json-experiment/json/jsontext"
)

// A Client is software that may ask for tokens: a registration of RFC 7591
// names, with what the gateway needs to know besides.
type Client struct {
	ID   string `json:"client_id"`   // a FHIR id
	Name string `json:"client_name"` // for people: the trail, the patient's portal

	// Organization is the organisation the client acts for, "Organization/msp".
	Organization string `json:"organization"`

	Roles    []string    `json:"roles,omitempty"`    // auth.RoleOfficer, …
	Purposes []string    `json:"purposes"`           // purposes of use it may ask for, codes of v3-ActReason
	Scopes   auth.Scopes `json:"scope"`              // the most it may ask for
	Subjects []string    `json:"subjects,omitempty"` // persons it may speak for (hl7-b2b subject_id); "*" for any of its organisation

	JWKS jsontext.Value `json:"jwks"` // its public keys, RFC 7517

	Created time.Time `json:"created"`
	Revoked time.Time `json:"revoked,omitzero"` // zero while it is in force
}

// validate checks a registration. Every fault is reported, not the first alone.
func (c *Client) validate() error {
	var issues []fhir.Issue
	report := func(at string, text fhir.Text) {
		issues = append(issues, fhir.Issue{ID: "oauth.client", Code: fhir.CodeValue, At: at, Text: text,
			Hint: fhir.T("See the page on registering a client.", "Voir la page sur l'enregistrement d'un client.")})
	}
	if !fhir.ValidID(c.ID) {
		report("client_id", fhir.T("The client id is not 1 to 64 of A-Z a-z 0-9 - .", "L'identifiant du client n'est pas de 1 à 64 caractères parmi A-Z a-z 0-9 - ."))
	}
	if !validName(c.Name) {
		report("client_name", fhir.T("The name is empty, longer than 100 characters or holds control characters.", "Le nom est vide, dépasse 100 caractères ou contient des caractères de contrôle."))
	}
	if key, ok := fhir.ParseReference(c.Organization); !ok || key.Type != "Organization" || key.Version != "" {
		report("organization", fhir.T("The organisation is not a reference Organization/id.", "L'organisation n'est pas une référence Organization/id."))
	}
	for _, role := range c.Roles {
		if !auth.ValidRole(role) {
			report("roles", fhir.T("A role is none of officer, contributor, practice, platform, registrar, patient, representative.", "Un rôle n'est ni officer, ni contributor, ni practice, ni platform, ni registrar, ni patient, ni representative."))
		}
	}
	if len(c.Purposes) == 0 || slices.ContainsFunc(c.Purposes, func(p string) bool { return !auth.ValidPurpose(p) }) {
		report("purposes", fhir.T("There is no purpose of use, or one that the gateway does not know.", "Aucune finalité d'usage, ou une finalité inconnue de la passerelle."))
	}
	if len(c.Scopes) == 0 {
		report("scope", fhir.T("There is no scope.", "Aucun scope."))
	}
	for _, s := range c.Scopes {
		if s.Context != auth.ContextSystem {
			report("scope", fhir.T("A scope is not of system/.", "Un scope n'est pas de la forme system/."))
			break
		}
	}
	for _, subject := range c.Subjects {
		if subject == "" || len(subject) > maxSubject || hasControl(subject) {
			report("subjects", fhir.T("A subject is empty, too long or holds control characters.", "Un sujet est vide, trop long ou contient des caractères de contrôle."))
		}
	}
	if _, err := parseKeySet(c.JWKS); err != nil {
		issues = append(issues, err.(*fhir.Error).Issues...)
	}
	if len(issues) == 0 {
		return nil
	}
	return &fhir.Error{Kind: fhir.Unprocessable, Op: "oauth.Clients.Add", Issues: issues}
}

// validName accepts a name that can be shown to people as it is (O16).
func validName(name string) bool {
	return strings.TrimSpace(name) != "" && len([]rune(name)) <= 100 && !hasControl(name)
}

// hasControl reports control and formatting characters, the marks that turn
// the direction of a text among them.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	})
}

// String names the client for the log.
func (c Client) String() string { return fmt.Sprintf("client %s", c.ID) }
