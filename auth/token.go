package auth

import "context"

// A TokenSource knows the access tokens that were issued (RFC 7662, in
// process). Package oauth implements it.
type TokenSource interface {
	// Introspect returns the principal of a token that is active. For a token
	// that is unknown, revoked, of a revoked client or not an access token it
	// fails with kind Unauthenticated, for one past its life likewise with issue
	// code "expired". Any other kind is a fault: nothing is known of the token.
	Introspect(ctx context.Context, token string) (Principal, error)
}
