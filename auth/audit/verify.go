package audit

import (
	"context"
	"maps"
	"slices"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// Verify reads the log in dir, offline or while it is written, and reports what
// happened to it. Keys are the public keys that may have signed; nil trusts
// those beside the log. Outside are files of checkpoints kept elsewhere. It
// needs neither store nor index. It fails only when it cannot read.
func Verify(ctx context.Context, dir string, keys []string, outside ...string) (ledger.Report, error) {
	open := newPending()
	report, err := ledger.Verify(ctx, ledger.VerifyConfig{Dir: dir, Keys: keys, Outside: outside, Each: open.follow})
	for _, seq := range slices.Sorted(maps.Keys(open.bySeq)) {
		it := open.bySeq[seq]
		report.Add(ledger.Finding{Class: ledger.Notice, ID: "change-open", First: seq, Last: seq, After: it.Time,
			Text: fhir.T("The outcome of the change of record %d is not recorded.", "L'issue de la modification de l'enregistrement %d n'est pas enregistrée.", seq)})
	}
	return report, err
}

// follow keeps the changes whose outcome is not recorded yet.
func (p pending) follow(e ledger.Entry, report *ledger.Report) {
	it, err := Decode(e)
	switch {
	case err != nil:
		report.Add(ledger.Finding{Class: ledger.Notice, ID: "record-unknown", First: e.Seq, Last: e.Seq, After: e.Time,
			Text: fhir.T("Record %d is of a form that this version does not know.", "L'enregistrement %d est d'une forme que cette version ne connaît pas.", e.Seq)})
	case it.Kind == KindChange:
		p.add(it)
	case it.Kind != KindRequest:
		p.take(it)
	}
}

// Verify verifies the trail itself, as it stands, with the keys that it had
// when it was opened.
func (t *Trail) Verify(ctx context.Context) (ledger.Report, error) {
	var outside []string
	if t.cfg.Mirror != "" {
		outside = []string{t.cfg.Mirror}
	}
	return Verify(ctx, t.cfg.Dir, t.keys, outside...)
}

// Checkpoint signs a checkpoint of everything recorded so far: before a backup
// is taken, or when an officer asks for one.
func (t *Trail) Checkpoint() error {
	if err := t.log.Sign(); err != nil {
		return unavailable("audit.Checkpoint", err)
	}
	return nil
}

// Status is how the trail is doing.
type Status struct {
	ledger.Status
	Indexed uint64 // records that the index has taken in
	Index   error  // why the index does not follow; nil while it does
}

// Status returns how the trail is doing.
func (t *Trail) Status() Status {
	s := Status{Status: t.log.Status()}
	s.Indexed, _, s.Index = t.index.reached()
	return s
}
