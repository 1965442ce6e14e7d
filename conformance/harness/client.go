package harness

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

// A ClientFile is what the demonstration hands to a piece of software.
type ClientFile struct {
	ID            string          `json:"client_id"`
	Key           jose.JSONWebKey `json:"private_jwk"`
	TokenEndpoint string          `json:"token_endpoint"`
	Base          string          `json:"fhir_base"`
	Scopes        string          `json:"scopes"`
}

// Client reads the client file of an actor.
func (g *Gateway) Client(name string) (ClientFile, error) {
	var c ClientFile
	text, err := os.ReadFile(filepath.Join(g.Demo, "clients", name+".json"))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	// A restart on another port leaves the files as they are.
	c.TokenEndpoint, c.Base = g.Issuer+"/oauth/token", g.FHIR
	return c, err
}
