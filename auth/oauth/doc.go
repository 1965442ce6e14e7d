// Package oauth is the authorization server of the gateway (RFC 6749; IHE IUA
// actor Authorization Server): SMART Backend Services, that is the grant
// client_credentials with private_key_jwt (RFC 7523, SMART App Launch 2.2
// client-confidential-asymmetric), opaque access tokens of five minutes,
// discovery, the registry of clients, and the client's side of the exchange.
//
// It wraps github.com/ory/fosite, which no other package sees. Where fosite is
// laxer than SMART the package decides itself: client assertions, scopes and
// the life of a token. It issues no tokens to people yet, and discovery says so.
package oauth
