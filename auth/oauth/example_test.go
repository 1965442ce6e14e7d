package oauth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/go-chi/chi/v5"
)

// A client is registered with its public key, and asks for a token with the
// private one.
func Example() {
	ctx := context.Background()
	router := chi.NewRouter()
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { router.ServeHTTP(w, r) }))
	defer gateway.Close()
	server, err := oauth.New(ctx, oauth.Config{Engine: memory.Open(), Trail: &trail{}, Issuer: gateway.URL, FHIRBase: gateway.URL + "/fhir"})
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Routes(router)

	private, public, _ := oauth.NewKey()
	scopes, _ := auth.ParseScopes("system/CarePlan.rs system/Patient.r")
	_, err = server.Clients().Add(ctx, oauth.Client{ID: "platform", Name: "Plateforme", Organization: "Organization/dac",
		Purposes: []string{auth.PurposeTreatment}, Scopes: scopes, JWKS: public})
	if err != nil {
		fmt.Println(err)
		return
	}

	file := oauth.ClientFile{ClientID: "platform", PrivateJWK: private, TokenEndpoint: gateway.URL + oauth.TokenPath}
	token, err := oauth.Exchange(ctx, file, "system/CarePlan.rs")
	fmt.Println(token.Type, token.ExpiresIn, token.Scope, err)
	who, err := server.Introspect(ctx, token.AccessToken)
	fmt.Println(who.Client, who.Organization, who.Purpose, err)
	// Output:
	// Bearer 300 system/CarePlan.rs <nil>
	// platform Organization/dac TREAT <nil>
}
