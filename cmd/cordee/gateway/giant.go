package gateway

import (
	"context"
	"runtime/debug"

	"github.com/cordee-sante/cordee/fhir"
)

// From giant on, a body is taken in alone, and what it leaves behind is collected
// when it is a tenth of the heap, not twice as much: a document of 50 MB is a dozen
// megabytes of somebody's scans, and four of them at once would be all the memory
// there is. Collecting often costs little then, since scans hold no pointers.
const (
	giant       = 8 << 20
	giantGrowth = 10 // GOGC
)

// giants are the large bodies that are being taken in: one.
type giants chan struct{}

func newGiants() giants { return make(giants, 1) }

// enter waits until a body of that size may be taken in; leave is to be called when
// it was.
func (g giants) enter(ctx context.Context, size int) (leave func(), err error) {
	if size < giant {
		return func() {}, nil
	}
	select {
	case g <- struct{}{}:
	case <-ctx.Done():
		return nil, fhir.Errorf(fhir.Unavailable, "gateway.ingest", "intake.interrupted", fhir.CodeTransient, "",
			fhir.T("The request ended before its turn came.", "La requête s’est terminée avant son tour."),
			fhir.T("Send large documents one after the other.", "Envoyez les documents volumineux l’un après l’autre.")).Wrap(ctx.Err())
	}
	before := debug.SetGCPercent(giantGrowth)
	return func() {
		debug.SetGCPercent(before)
		<-g
	}, nil
}
