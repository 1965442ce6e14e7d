package audit

import "context"

// A Recorder keeps records of requests.
type Recorder interface {
	// Record returns nil once the record is durable. Otherwise it fails with an
	// *fhir.Error, of kind Unavailable or TooLarge, and nothing may be disclosed.
	// It does not give up when ctx ends: a client that went away is recorded all
	// the same.
	Record(ctx context.Context, r Record) error
}

var _ Recorder = (*Trail)(nil)

// Record makes a record of a request durable.
func (t *Trail) Record(ctx context.Context, r Record) error {
	body, err := encode(Item{Kind: KindRequest, Record: r.of(ctx)})
	if err != nil {
		return unavailable("audit.Record", err)
	}
	if _, err := t.log.Append(body); err != nil {
		return unavailable("audit.Record", err)
	}
	return nil
}
