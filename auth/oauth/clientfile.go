package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A ClientFile is what a client keeps to ask for tokens. It holds the private
// key: only its owner may read the file.
type ClientFile struct {
	ClientID      string         `json:"client_id"`
	Name          string         `json:"name"`
	PrivateJWK    jsontext.Value `json:"private_jwk"`
	TokenEndpoint string         `json:"token_endpoint"`
	FHIRBase      string         `json:"fhir_base"`
	Scopes        string         `json:"scopes"`
}

// NewKey makes a key pair for ES384: the private JWK for a ClientFile and the
// set with the public one for a Client. The kid is the thumbprint (RFC 7638).
func NewKey() (private, public jsontext.Value, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	jwk := jose.JSONWebKey{Key: key, Algorithm: string(jose.ES384), Use: "sig"}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, nil, err
	}
	jwk.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	if private, err = jwk.MarshalJSON(); err != nil {
		return nil, nil, err
	}
	open := jwk.Public()
	one, err := open.MarshalJSON()
	if err != nil {
		return nil, nil, err
	}
	public, err = json.Marshal(struct {
		Keys []jsontext.Value `json:"keys"`
	}{[]jsontext.Value{one}})
	return private, public, err
}

// WriteClientFile writes the file for its owner alone (0600), whole or not at
// all. It fails when there is a file of that name already.
func WriteClientFile(name string, c ClientFile) error {
	text, err := json.Marshal(c, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Clean(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(name)
	}
	return err
}

// maxClientFile bounds a client file.
const maxClientFile = 64 << 10

// ReadClientFile reads a file that WriteClientFile wrote. It refuses one that
// others than its owner may read or write, except on Windows, where the mode
// does not say.
func ReadClientFile(name string) (ClientFile, error) {
	var c ClientFile
	info, err := os.Stat(name)
	if err != nil {
		return c, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return c, fmt.Errorf("%s holds a private key and may be used by others (mode %04o): set its mode to 0600", name, mode)
	}
	if info.Size() > maxClientFile {
		return c, fmt.Errorf("%s is too long for a client file", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c, json.RejectUnknownMembers(true)); err != nil {
		return c, fmt.Errorf("%s is not a client file: %w", name, err)
	}
	return c, nil
}
