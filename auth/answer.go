package auth

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// An answer holds the first byte back until the request is recorded. It passes
// on what is safe to pass on: flushing, io.ReaderFrom and deadlines. There is no
// Hijack and no Unwrap, which would lead around it; informational responses
// are swallowed.
type answer struct {
	http.ResponseWriter
	passage *passage
	wrote   bool // the status has left
	failed  bool // the record could not be made: a 503 has left instead
}

var (
	_ http.Flusher  = (*answer)(nil)
	_ io.ReaderFrom = (*answer)(nil)
)

// errUnanswered is what a handler gets that goes on writing after the 503.
var errUnanswered = errors.New("auth: the request could not be recorded, its answer is dropped")

// WriteHeader records the request if nobody has, then lets the status go.
func (a *answer) WriteHeader(status int) {
	if a.wrote || status < http.StatusOK {
		return
	}
	a.wrote = true
	if err := a.passage.ensureRecorded(status); err != nil {
		a.failed = true
		a.unavailable(err)
		return
	}
	if scope := a.passage.missing.Load(); status == http.StatusForbidden && scope != nil {
		a.Header().Set("WWW-Authenticate", `Bearer realm="FHIR", error="insufficient_scope", scope="`+*scope+`"`)
	}
	a.ResponseWriter.WriteHeader(status)
}

// unavailable answers 503 in place of the handler, whose headers may tell what
// its body would.
func (a *answer) unavailable(err error) {
	h := a.Header()
	for name := range h {
		if name != "X-Request-Id" && name != "X-Correlation-Id" && name != "Vary" && !strings.HasPrefix(name, "Access-Control-") {
			delete(h, name)
		}
	}
	h.Set("Retry-After", "1")
	a.passage.door.Error(a.ResponseWriter, a.passage.r, errUnrecorded(opDoor, err))
}

func (a *answer) ready() bool {
	if !a.wrote {
		a.WriteHeader(http.StatusOK)
	}
	return !a.failed
}

func (a *answer) Write(b []byte) (int, error) {
	if !a.ready() {
		return 0, errUnanswered
	}
	return a.ResponseWriter.Write(b)
}

// ReadFrom lets the connection use sendfile.
func (a *answer) ReadFrom(src io.Reader) (int64, error) {
	if !a.ready() {
		return 0, errUnanswered
	}
	return io.Copy(a.ResponseWriter, src)
}

// Flush sends the status if none has left.
func (a *answer) Flush() { _ = a.FlushError() }

func (a *answer) FlushError() error {
	if !a.ready() {
		return errUnanswered
	}
	return http.NewResponseController(a.ResponseWriter).Flush()
}

func (a *answer) SetReadDeadline(t time.Time) error {
	return http.NewResponseController(a.ResponseWriter).SetReadDeadline(t)
}

func (a *answer) SetWriteDeadline(t time.Time) error {
	return http.NewResponseController(a.ResponseWriter).SetWriteDeadline(t)
}

func (a *answer) EnableFullDuplex() error {
	return http.NewResponseController(a.ResponseWriter).EnableFullDuplex()
}

// close records what ended without an answer: an empty 200, or a panic on its
// way up. Whoever catches the panic writes past the answer, so that one that
// cannot be recorded ends the connection without a byte.
func (a *answer) close() {
	switch {
	case a.wrote:
	case a.passage.done:
		a.WriteHeader(http.StatusOK)
	default:
		if err := a.passage.ensureRecorded(http.StatusInternalServerError); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}
