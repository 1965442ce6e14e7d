package oauth

import (
	"context"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/google/uuid"
	"github.com/ory/fosite"
	fositeoauth2 "github.com/ory/fosite/handler/oauth2"
)

// clientCredentials is the only grant type (RFC 6749 §4.4).
const clientCredentials = "client_credentials"

// clientCredentialsGrant is fosite's handler of the grant, with what it leaves
// open: it grants no scope by itself, and takes no notice of what the client
// declared.
type clientCredentialsGrant struct {
	*fositeoauth2.ClientCredentialsGrantHandler
	server *Server
}

var _ fosite.TokenEndpointHandler = (*clientCredentialsGrant)(nil)

// HandleTokenEndpointRequest decides what is granted: the scopes asked for when
// the client is registered for each of them. Who asks for none gets none (SMART
// Backend Services: scope is required; RFC 6749 §3.3; O28).
func (h *clientCredentialsGrant) HandleTokenEndpointRequest(ctx context.Context, request fosite.AccessRequester) error {
	client, ok := request.GetClient().(*grantee)
	to, ok2 := request.GetSession().(*session)
	if !ok || !ok2 {
		return fosite.ErrServerError
	}
	scopes, err := grantedScopes(&client.Client, request.GetRequestForm().Get("scope"))
	if err != nil {
		return err
	}
	if err := client.b2b.apply(&client.Client, h.server.fhirBase, to); err != nil {
		return err
	}
	if err := client.emergency.apply(scopes, h.server.fhirBase, to); err != nil {
		return err
	}
	if err := h.ClientCredentialsGrantHandler.HandleTokenEndpointRequest(ctx, request); err != nil {
		return err
	}
	for _, scope := range scopes {
		request.GrantScope(scope.String())
	}
	now := h.server.clock().UTC()
	to.Client, to.TokenID, to.Scopes = client.ID, uuid.NewString(), scopes
	to.Issued, to.Expires = now.Truncate(time.Second), now.Add(h.server.tokenLife)
	if to.Purpose == auth.PurposeBreakTheGlass {
		return h.server.breakGlass(ctx, client.emergency.Reason, to)
	}
	return nil
}

// PopulateTokenEndpointResponse issues the token.
func (h *clientCredentialsGrant) PopulateTokenEndpointResponse(ctx context.Context, request fosite.AccessRequester, response fosite.AccessResponder) error {
	if err := h.ClientCredentialsGrantHandler.PopulateTokenEndpointResponse(ctx, request, response); err != nil {
		return err
	}
	response.SetTokenType("Bearer")
	response.SetExpiresIn(request.GetSession().GetExpiresAt(fosite.AccessToken).Sub(h.server.clock()))
	return nil
}

func grantedScopes(client *Client, requested string) (auth.Scopes, error) {
	scopes, err := auth.ParseScopes(requested)
	if err != nil {
		return nil, invalidScope("oauth.scope-form", "A scope is not of the form system/Type.cruds with a part of cruds in that order, or has a query.")
	}
	if len(scopes) == 0 {
		return nil, invalidScope("oauth.scope-missing", "scope is missing. Name the scopes that the task at hand needs.")
	}
	for _, scope := range scopes {
		if !client.Scopes.Cover(scope) {
			return nil, invalidScope("oauth.scope-unregistered", "The client is not registered for "+scope.String()+".")
		}
	}
	return scopes, nil
}

// coversScope is the scope strategy of the provider: fosite's own split at dots
// and know nothing of SMART.
func coversScope(registered []string, requested string) bool {
	var have auth.Scopes
	for _, word := range registered {
		scope, err := auth.ParseScope(word)
		if err != nil {
			return false
		}
		have = append(have, scope)
	}
	want, err := auth.ParseScope(requested)
	return err == nil && have.Cover(want)
}
