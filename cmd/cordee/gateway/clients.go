package gateway

import (
	"context"
	"fmt"
	"strings"

	"github.com/cordee-sante/cordee/auth/oauth"
)

// A ClientFile says where the private half of a new client goes.
type ClientFile struct {
	Path string
	Base string // FHIR base, "http://127.0.0.1:8080/fhir"
}

// Register makes a key pair, registers the client with the public key and
// writes a client file with the private one. The file comes first, so that no
// client is left whose key nobody has.
func Register(ctx context.Context, clients *oauth.Clients, c oauth.Client, f ClientFile) error {
	private, public, err := oauth.NewKey()
	if err != nil {
		return fmt.Errorf("client %s: %w", c.ID, err)
	}
	origin, _, _ := strings.Cut(f.Base, "/fhir")
	err = oauth.WriteClientFile(f.Path, oauth.ClientFile{ClientID: c.ID, Name: c.Name, PrivateJWK: private,
		TokenEndpoint: origin + oauth.TokenPath, FHIRBase: f.Base, Scopes: c.Scopes.String()})
	if err != nil {
		return fmt.Errorf("client %s: %w", c.ID, err)
	}
	c.JWKS = public
	_, err = clients.Add(ctx, c)
	return err
}
