package rest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// batch performs each entry by itself, as if it had been sent alone, and
// answers with the status of each (R4 http.html#batch). One that fails leaves
// the others alone (A20).
func (s *Server) batch(w http.ResponseWriter, r *http.Request, entries []entry, out output) error {
	s.cfg.Trail.Envelope(r.Context(), "batch", len(entries))
	b := s.newBundle("batch-response", out)
	for i := range entries {
		if err := r.Context().Err(); err != nil {
			return err
		}
		b.perform(r, &entries[i])
	}
	return b.send(w)
}

// maxAnswer bounds the answers to all entries together; those that come after
// are not performed.
const maxAnswer = 64 << 20

// perform routes an entry like a request and writes the entry that answers it.
// What the entry does not say, language and preference, is that of the
// Bundle's request.
func (b *bundle) perform(r *http.Request, e *entry) {
	part := b.server.cfg.Trail.Part(r.Context())
	answer, sub := b.ask(r.WithContext(part), e)
	if err := b.server.cfg.Trail.Done(part, sub, answer.status); err != nil {
		answer = newAnswer()
		Error(answer, r, e.locate(err))
	}
	b.answer(answer)
}

// ask performs an entry and returns the request that it stands for; of one that
// stands for none, no more than its method.
func (b *bundle) ask(r *http.Request, e *entry) (*answer, *http.Request) {
	answer := newAnswer()
	err := e.check()
	if len(b.b) > maxAnswer {
		err = fhir.Errorf(fhir.TooLarge, "rest", "bundle.answer", fhir.CodeTooCostly, e.at,
			fhir.T("The answers to the entries before are too large: this one was not performed.", "Les réponses aux entrées précédentes sont trop volumineuses : celle-ci n'a pas été exécutée."),
			fhir.T("Send it again in another Bundle, with a smaller _count.", "Renvoyez-la dans un autre Bundle, avec un _count plus petit."))
	}
	var sub *http.Request
	if err == nil {
		sub, err = b.server.request(r, e)
	}
	if err != nil {
		Error(answer, r, e.locate(err))
		return answer, (&http.Request{Method: safeMethod(e.method)}).WithContext(within(r.Context()))
	}
	b.server.route(answer, sub)
	return answer, sub
}

// request makes the request that an entry stands for.
func (s *Server) request(r *http.Request, e *entry) (*http.Request, error) {
	u, err := url.Parse(e.url)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil {
		return nil, fhir.Errorf(fhir.Malformed, "rest", "bundle.url", fhir.CodeValue, e.at+".request.url",
			fhir.T("The URL of the entry cannot be read.", "L'URL de l'entrée est illisible."),
			fhir.T("Write it as Patient/1 or Patient?name=value.", "Écrivez Patient/1 ou Patient?nom=valeur."))
	}
	if u.RawPath != "" {
		u.RawPath = s.path + "/" + u.RawPath
	}
	u.Path = s.path + "/" + u.Path
	h := http.Header{"Accept": {"application/fhir+json"}, "Prefer": {"return=" + wanted(r.Header)}}
	if handling := prefer(r.Header).handling; handling != "" {
		h.Add("Prefer", "handling="+handling)
	}
	for name, value := range map[string]string{"If-Match": e.ifMatch, "If-None-Match": e.ifNoneMatch, "If-None-Exist": e.ifNoneExist} {
		if value != "" {
			h[name] = []string{value}
		}
	}
	sub := &http.Request{Method: e.method, URL: u, Header: h, Body: http.NoBody, Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor, RemoteAddr: r.RemoteAddr}
	if e.method == http.MethodPost || e.method == http.MethodPut {
		body := e.resource.Raw()
		h["Content-Type"] = fhirJSON
		sub.Body, sub.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	return sub.WithContext(within(r.Context())), nil
}

// wanted is what entries return of what they write: nothing unless the client
// asks, since it has just sent it.
func wanted(h http.Header) string {
	if p := prefer(h); p.returns != "" {
		return p.returns
	}
	return "minimal"
}

// An answer is the response to one entry.
type answer struct {
	header http.Header
	status int
	body   []byte
	at     time.Time // meta.lastUpdated, of which Last-Modified has the seconds only
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.body = append(a.body, p...)
	return len(p), nil
}

// answer writes the entry of a batch-response.
func (b *bundle) answer(a *answer) {
	r := response{status: itoa(a.status) + " " + http.StatusText(a.status), location: a.header.Get("Location"), at: a.at}
	if r.location == "" {
		r.location = a.header.Get("Content-Location")
	}
	if tags := a.header["Etag"]; len(tags) > 0 {
		r.version = opaque(tags[0])
	}
	if r.at.IsZero() && len(a.header["Last-Modified"]) > 0 {
		r.at, _ = http.ParseTime(a.header["Last-Modified"][0])
	}
	b.open("", "")
	if len(a.body) > 0 {
		if a.status >= http.StatusBadRequest || isOutcome(a.body) {
			r.outcome = a.body
		} else {
			b.b = append(b.b, `"resource":`...)
			b.b = append(append(b.b, a.body...), ',')
		}
	}
	b.b = append(b.b, `"response":{`...)
	b.response(r)
	b.b = append(b.b, `}}`...)
}

// isOutcome reports whether a body of our own is an OperationOutcome.
func isOutcome(body []byte) bool {
	const head = `{"resourceType":"OperationOutcome"`
	return len(body) >= len(head) && string(body[:len(head)]) == head
}
