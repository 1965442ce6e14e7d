package oauth

import (
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/ory/fosite"
)

// A session is what an access token stands for, as it is kept. What belongs to
// the client (organisation, roles, name) is read from its registration when the
// token is used.
type session struct {
	Client  string      `json:"client_id"`
	TokenID string      `json:"token_id"` // names the token in the trail (BALP jti); opens nothing
	Scopes  auth.Scopes `json:"scope"`
	Purpose string      `json:"purpose"`

	Practitioner string `json:"practitioner,omitempty"`
	Role         string `json:"role,omitempty"`
	Identifier   string `json:"identifier,omitempty"`
	Profession   string `json:"profession,omitempty"`
	Name         string `json:"name,omitempty"`

	Patient string `json:"patient,omitempty"` // id of the patient in context
	Related string `json:"related,omitempty"` // who represents a patient, RelatedPerson/id

	Emergency auth.Emergency `json:"emergency,omitzero"` // whose patient is Patient
	reason    string         // of the emergency, when this token begins it; for the trail alone
	prior     *override      // the one before it

	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
}

// principal is who asks with the token of the session.
func (s *session) principal(c *Client) auth.Principal {
	return auth.Principal{
		Client: c.ID, ClientName: c.Name, Organization: c.Organization, Roles: c.Roles,
		Practitioner: s.Practitioner, Role: s.Role, Identifier: s.Identifier, Profession: s.Profession, Name: s.Name,
		Patient: s.Patient, Related: s.Related, Emergency: s.Emergency,
		Purpose: s.Purpose, Scopes: s.Scopes, TokenID: s.TokenID, Expires: s.Expires,
	}
}

var _ fosite.Session = (*session)(nil)

// SetExpiresAt is left without effect: fosite reads the machine's clock, the
// grant sets Expires by the clock of the server.
func (s *session) SetExpiresAt(fosite.TokenType, time.Time) {}

func (s *session) GetExpiresAt(fosite.TokenType) time.Time { return s.Expires }
func (s *session) GetUsername() string                     { return "" }
func (s *session) GetSubject() string                      { return s.Client }
func (s *session) Clone() fosite.Session                   { c := *s; return &c }

// A grantee is an authenticated client, as fosite wants to see it, with what it
// declared in its assertion.
type grantee struct {
	Client
	b2b       *b2b
	emergency *emergency
}

var _ fosite.Client = (*grantee)(nil)

func (g *grantee) GetID() string                      { return g.ID }
func (g *grantee) GetHashedSecret() []byte            { return nil }
func (g *grantee) GetRedirectURIs() []string          { return nil }
func (g *grantee) GetGrantTypes() fosite.Arguments    { return fosite.Arguments{clientCredentials} }
func (g *grantee) GetResponseTypes() fosite.Arguments { return nil }
func (g *grantee) GetScopes() fosite.Arguments        { return g.Scopes.Strings() }
func (g *grantee) IsPublic() bool                     { return false }
func (g *grantee) GetAudience() fosite.Arguments      { return nil }
