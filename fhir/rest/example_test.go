package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

func Example() {
	registry, err := search.New(search.Config{Base: base})
	if err != nil {
		fmt.Println(err)
		return
	}
	api, err := rest.New(rest.Config{
		Base:     base,
		Repo:     newFake(`{"resourceType":"Patient","id":"p1"}`), // in earnest: the guarded repository
		Registry: registry,
		Authenticate: func(next http.Handler) http.Handler { // in earnest: auth.Authenticate
			return next
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/fhir/Patient/p1", nil))
	fmt.Println(w.Code, w.Header().Get("ETag"))
	// Output: 200 W/"1"
}
