package oauth

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// secretBytes is the length of the secret that signs tokens. fosite wants at
// least 32 bytes and uses no more.
const secretBytes = 32

// loadSecret returns the secret of the engine and makes it once, so that tokens
// outlive a restart.
func loadSecret(ctx context.Context, engine kv.Engine) ([]byte, error) {
	var secret []byte
	err := engine.Update(ctx, func(w kv.Writer) error {
		values, err := w.Get(ctx, []byte{famSecret})
		if err != nil {
			return err
		}
		if secret = values[0]; secret != nil {
			return nil
		}
		secret = make([]byte, secretBytes)
		if _, err := rand.Read(secret); err != nil {
			return err
		}
		return w.Put([]byte{famSecret}, secret)
	})
	if err == nil && len(secret) != secretBytes {
		return nil, errors.New("oauth: the stored secret has the wrong length")
	}
	return secret, err
}
