package audit

import (
	"context"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// Read returns one AuditEvent. An AuditEvent has one version, "1". A change is
// found once its outcome is known.
func (t *Trail) Read(ctx context.Context, key fhir.Key) (fhir.Resource, error) {
	seq, n, ok := parseID(key.ID)
	if key.Type != "AuditEvent" || !ok || key.Version != "" && key.Version != "1" {
		return fhir.Resource{}, errNotFound()
	}
	t.index.catchUp(ctx)
	w, ok, err := t.index.placeOf(ctx, seq)
	if err != nil {
		return fhir.Resource{}, err
	}
	if !ok {
		return fhir.Resource{}, errNotFound()
	}
	log := t.log.Reader()
	defer log.Close()
	h, err := recall(log, w)
	if err != nil {
		return fhir.Resource{}, err
	}
	events := h.events()
	if n >= len(events) {
		return fhir.Resource{}, errNotFound()
	}
	return t.gateway().render(events[n])
}

// History is refused: an AuditEvent never changes.
func (t *Trail) History(context.Context, fhir.HistoryQuery) (fhir.Page, error) {
	return fhir.Page{}, errReadOnly("audit.History")
}

// Commit is refused: the trail is written by what happens, and by nobody.
func (t *Trail) Commit(context.Context, []fhir.Change) ([]fhir.Resource, error) {
	return nil, errReadOnly("audit.Commit")
}

// recall reads a record of the log.
func recall(log *ledger.Reader, w where) (*happened, error) {
	e, err := log.Read(w.place)
	if err != nil {
		return nil, damaged("audit.recall", err)
	}
	it, err := Decode(e)
	if err != nil {
		return nil, damaged("audit.recall", err)
	}
	return &happened{it, w.ending}, nil
}

func (t *Trail) gateway() gateway {
	return gateway{server: t.cfg.Server, base: t.cfg.Base, site: t.cfg.Site}
}
