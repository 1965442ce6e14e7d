package auth

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
)

// A Door is what Authenticate needs. Tokens, Trail and Error are mandatory.
type Door struct {
	Tokens TokenSource
	Trail  audit.Recorder

	// Error writes the answer for an error: rest.Error.
	Error func(http.ResponseWriter, *http.Request, error)

	// Public names the requests that need no token and no record: metadata,
	// discovery, health, and the token endpoint, which records by itself. Nil
	// names none.
	Public func(*http.Request) bool

	// Route names the interaction for the trail by its pattern,
	// "/fhir/{type}/{id}", without values. Nil leaves it empty.
	Route func(*http.Request) string

	// RemoteAddr is the address of the client; nil for that of the peer. Behind
	// a proxy the operator says which header to believe.
	RemoteAddr func(*http.Request) string

	Clock func() time.Time // nil for time.Now
}

// Authenticate is the door: a request passes with a principal in its context,
// or is answered 401 (RFC 6750). It opens the audit event of the request
// (audit.FromContext), and sees to it that no byte of an answer leaves before a
// record of the request is durable: what no guard has recorded it records
// itself, and answers 503 when it cannot. It panics when something mandatory is
// missing, because a door that is not there must not be noticed later.
func Authenticate(d Door) func(http.Handler) http.Handler {
	if d.Tokens == nil || d.Trail == nil || d.Error == nil {
		panic("auth.Authenticate: a door needs Tokens, Trail and Error")
	}
	if d.RemoteAddr == nil {
		d.RemoteAddr = peer
	}
	if d.Clock == nil {
		d.Clock = time.Now
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.serve(next, w, r) })
	}
}

func (d *Door) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	p := &passage{door: d}
	p.open(w, r)
	r = r.WithContext(p)
	if d.Public != nil && d.Public(r) {
		next.ServeHTTP(w, r)
		return
	}
	p.r = r
	a := &answer{ResponseWriter: w, passage: p}
	defer a.close()
	if err := d.identify(p, r); err != nil {
		p.refusal = issueID(err)
		challenge(w.Header(), err)
		d.Error(a, r, err)
	} else {
		next.ServeHTTP(a, r)
	}
	p.done = true
}

// identify finds out who asks.
func (d *Door) identify(p *passage, r *http.Request) error {
	token, err := bearer(r)
	if err != nil {
		return err
	}
	principal, err := d.Tokens.Introspect(p, token)
	if err != nil {
		return err
	}
	if principal.Client == "" || !d.Clock().Before(principal.Expires) {
		return errNobody(opDoor)
	}
	p.principal = principal
	return nil
}

// bearer returns the token of the request, which only the Authorization header
// may carry: a URL ends up in logs and histories (RFC 9700 §4.3.2, O37).
func bearer(r *http.Request) (string, error) {
	if strings.Contains(r.URL.RawQuery, "access_token") {
		return "", fhir.Errorf(fhir.Unauthenticated, opDoor, "auth.token-in-url", fhir.CodeLogin, "http.access_token",
			fhir.T("An access token does not belong in the URL.", "Un jeton d'accès n'a pas sa place dans l'URL."),
			fhir.T("Send it as Authorization: Bearer …, and have this one revoked.", "Envoyez-le dans Authorization: Bearer …, et faites révoquer celui-ci."))
	}
	values := r.Header["Authorization"]
	if len(values) == 0 {
		return "", errNobody(opDoor)
	}
	scheme, token, found := strings.Cut(values[0], " ")
	if len(values) > 1 || !found || !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t,") {
		return "", fhir.Errorf(fhir.Unauthenticated, opDoor, "auth.not-bearer", fhir.CodeLogin, "http.Authorization",
			fhir.T("The Authorization header holds no single bearer token.", "L'en-tête Authorization ne contient pas un jeton porteur unique."),
			fhir.T("Send Authorization: Bearer … once.", "Envoyez une seule fois Authorization: Bearer …"))
	}
	return token, nil
}

// challenge adds WWW-Authenticate to a 401 (RFC 6750 §3). A request without
// any token gets no error code, as §3.1 wants.
func challenge(h http.Header, err error) {
	if fhir.KindOf(err) != fhir.Unauthenticated {
		return
	}
	value := `Bearer realm="FHIR", scope="system/*.rs"`
	switch issueID(err) {
	case "auth.no-principal":
	case "auth.token-in-url", "auth.not-bearer":
		value += `, error="invalid_request"`
	case "auth.token-expired":
		value += `, error="invalid_token", error_description="The access token expired"`
	default:
		value += `, error="invalid_token"`
	}
	h.Set("WWW-Authenticate", value)
}

func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
