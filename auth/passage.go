package auth

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/cordee-sante/cordee/auth/audit"
)

// A passage is one request on its way through the door. It is the context of
// the request, so that opening it costs little.
type passage struct {
	context.Context // of the request, with its audit.Request
	door            *Door
	r               *http.Request
	principal       Principal
	recorded        atomic.Bool            // somebody made a record durable
	refused         atomic.Bool            // and one of a refusal or failure
	missing         atomic.Pointer[string] // scope that the guard wanted in vain
	refusal         string                 // rule by which the door refused
	done            bool                   // the handler returned

	bundle  audit.Interaction // batch or transaction, when the request is one
	entries int
}

type passageKey struct{}

// Value finds the passage and its principal without further contexts.
func (p *passage) Value(key any) any {
	switch key.(type) {
	case passageKey:
		return p
	case principalKey:
		if p.principal.Client != "" {
			return &p.principal
		}
	}
	return p.Context.Value(key)
}

func passageOf(ctx context.Context) *passage {
	p, _ := ctx.Value(passageKey{}).(*passage)
	return p
}

// open notes the facts of the request. Whoever stands around the door may have
// named it in X-Request-Id of the answer already; otherwise its id is the
// client's when that is harmless, and a new one when not. The id never serves
// to recognise anybody.
func (p *passage) open(w http.ResponseWriter, r *http.Request) {
	id := w.Header().Get("X-Request-Id")
	if id == "" {
		if id = r.Header.Get("X-Request-Id"); !harmless(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
	}
	request := audit.Request{ID: id, Trace: traceID(r.Header.Get("Traceparent")), Address: p.door.RemoteAddr(r), Method: r.Method, Start: p.door.Clock()}
	if p.door.Route != nil {
		request.Route = p.door.Route(r)
	}
	p.Context = audit.WithRequest(r.Context(), request)
}

// harmless accepts 1 to 64 characters that no log and no page can misread.
func harmless(id string) bool {
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return id != "" && len(id) <= 64
}

// traceID takes the trace id out of a traceparent (W3C Trace Context 1).
func traceID(traceparent string) string {
	if len(traceparent) < 55 || traceparent[2] != '-' || traceparent[35] != '-' {
		return ""
	}
	id := traceparent[3:35]
	if strings.Trim(id, "0123456789abcdef") != "" || strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}

// ensureRecorded records the request unless a guard or the store has: what was
// refused at the door, what ended before anything was asked of a guard, and
// what failed although the guard let it pass.
func (p *passage) ensureRecorded(status int) error {
	if p.recorded.Load() && (status < http.StatusBadRequest || p.refused.Load()) {
		return nil
	}
	record := audit.Record{Interaction: audit.InteractionOther, Reason: p.refusal}
	switch {
	case p.refusal != "":
		record.Interaction = audit.InteractionLogin
	case p.bundle != "":
		record.Interaction = p.bundle
	}
	record.Query.Clean = p.asked()
	identify(&record, &p.principal)
	switch {
	case status >= http.StatusInternalServerError:
		record.Outcome = audit.SeriousFailure
	case status >= http.StatusBadRequest:
		record.Outcome = audit.MinorFailure
	}
	if record.Reason == "" && record.Outcome != audit.Success {
		record.Reason = "http." + strconv.Itoa(status)
	}
	if err := p.door.Trail.Record(p, record); err != nil {
		return err
	}
	p.recorded.Store(true)
	return nil
}
