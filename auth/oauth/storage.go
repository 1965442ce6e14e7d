package oauth

import (
	"context"
	"errors"
	"time"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/go-json-experiment/json"
	"github.com/ory/fosite"
	fositeoauth2 "github.com/ory/fosite/handler/oauth2"
)

// storage is what fosite keeps, on the engine of the server.
type storage struct{ server *Server }

var (
	_ fosite.Storage                  = storage{}
	_ fositeoauth2.AccessTokenStorage = storage{}
)

// errUnused is what fosite gets when it takes a way that the server does not:
// clients authenticate by Server.authenticate, tokens are looked up by
// Server.Introspect, and the grant that there is deletes none.
var errUnused = errors.New("oauth: fosite took a way that is not in use")

func (storage) GetClient(context.Context, string) (fosite.Client, error) { return nil, errUnused }

func (storage) ClientAssertionJWTValid(context.Context, string) error { return errUnused }

func (storage) SetClientAssertionJWT(context.Context, string, time.Time) error { return errUnused }

func (storage) GetAccessTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, errUnused
}

func (storage) DeleteAccessTokenSession(context.Context, string) error { return errUnused }

// CreateAccessTokenSession keeps the session under the signature of the token.
func (s storage) CreateAccessTokenSession(ctx context.Context, signature string, request fosite.Requester) error {
	granted, ok := request.GetSession().(*session)
	if !ok {
		return fosite.ErrServerError
	}
	value, err := json.Marshal(granted)
	if err != nil {
		return err
	}
	key := tokenKey(signature)
	err = s.server.engine.Update(ctx, func(w kv.Writer) error {
		if err := w.Put(key, value); err != nil {
			return err
		}
		return w.Put(expiryKey(granted.Expires, key), []byte{1})
	})
	if err != nil {
		return unavailable(err)
	}
	return nil
}
