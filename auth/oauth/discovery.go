package oauth

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json"
)

// jwksPath is where the keys of the server lie under the issuer.
const jwksPath = "/oauth/jwks"

// A document is what discovery publishes. The members are those of RFC 8414
// and of SMART App Launch 2.2 (conformance.html); both documents are made from
// it, so that they agree. It promises nothing that the server does not do:
// there is no authorization_endpoint, hence no launch, and no id_token, hence
// no openid-configuration.
type document struct {
	Issuer         string   `json:"issuer,omitzero"`
	JWKS           string   `json:"jwks_uri,omitzero"`
	TokenEndpoint  string   `json:"token_endpoint"`
	GrantTypes     []string `json:"grant_types_supported"`
	AuthMethods    []string `json:"token_endpoint_auth_methods_supported"`
	AuthAlgorithms []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	Scopes         []string `json:"scopes_supported"`
	Revocation     string   `json:"revocation_endpoint"` // RFC 7009
	RevokeMethods  []string `json:"revocation_endpoint_auth_methods_supported"`
	RevokeAlgs     []string `json:"revocation_endpoint_auth_signing_alg_values_supported"`
	ResponseTypes  []string `json:"response_types_supported"`
	ChallengeTypes []string `json:"code_challenge_methods_supported"` // mandatory in SMART, whether or not there is a code
	Capabilities   []string `json:"capabilities,omitzero"`
}

func (s *Server) document() document {
	methods, algs := []string{"private_key_jwt"}, []string{string(algorithms[0]), string(algorithms[1])}
	return document{
		TokenEndpoint:  s.tokenURL,
		GrantTypes:     []string{clientCredentials},
		AuthMethods:    methods,
		AuthAlgorithms: algs,
		Revocation:     s.issuer + RevokePath,
		RevokeMethods:  methods,
		RevokeAlgs:     algs,
		Scopes:         []string{"system/*.cruds", "system/*.rs", "system/*.read", "system/*.write"},
		ResponseTypes:  []string{},
		ChallengeTypes: []string{"S256"},
	}
}

// smart is the SMART configuration. issuer and jwks_uri are absent from it as
// long as there is no sso-openid-connect.
func (s *Server) smart() document {
	d := s.document()
	d.Capabilities = []string{"client-confidential-asymmetric", "permission-v1", "permission-v2"}
	return d
}

// metadata is the authorization server metadata of RFC 8414.
func (s *Server) metadata() document {
	d := s.document()
	d.Issuer, d.JWKS = s.issuer, s.issuer+jwksPath
	return d
}

// Routes adds the endpoints of the server to the router of its origin. They
// authenticate by themselves: the door is told that they need no token, see
// Public.
func (s *Server) Routes(r chi.Router) {
	r.Post(TokenPath, s.token)
	r.Post(RevokePath, s.revoke)
	smart, metadata := publish(s.smart()), publish(s.metadata())
	for _, base := range []string{"", s.fhirPath()} {
		r.Get(base+"/.well-known/smart-configuration", smart)
	}
	r.Get("/.well-known/oauth-authorization-server", metadata)
	// The server signs nothing yet: its tokens are opaque.
	r.Get(jwksPath, publish(struct {
		Keys []any `json:"keys"`
	}{[]any{}}))
}

// Public reports whether the request is for one of the Routes, which need no
// access token. The token and revocation endpoints write their own audit records;
// the documents need none.
func (s *Server) Public(r *http.Request) bool {
	switch path := strings.TrimPrefix(r.URL.Path, s.fhirPath()); path {
	case "/.well-known/smart-configuration":
		return true
	case "/.well-known/oauth-authorization-server", TokenPath, RevokePath, jwksPath:
		return path == r.URL.Path
	}
	return false
}

// fhirPath is the path of the FHIR base, which lies under the issuer; that has none.
func (s *Server) fhirPath() string { return strings.TrimPrefix(s.fhirBase, s.issuer) }

// publish serves a document that never changes, to any origin (SMART App
// Launch: CORS on discovery) and whatever the request accepts.
func publish(v any) http.HandlerFunc {
	body, err := json.Marshal(v)
	return func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cache-Control", "public, max-age=300")
		w.Write(body)
	}
}
