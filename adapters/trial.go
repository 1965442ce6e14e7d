package adapters

import (
	"context"
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// A Trial is what would become of a document.
type Trial struct {
	Changes    []fhir.Change // the transaction, which was not made
	Report     Report
	Known      bool // as in Result
	Superseded bool

	// Quarantine says why the document would be put aside. Nil when it would be
	// taken in.
	Quarantine *fhir.Error
}

// Try does all that Accept does and commits nothing: detect, convert, compare
// with what is here, validate. Errors are those of Accept, but for a document
// that would go into quarantine.
func (i *Intake) Try(ctx context.Context, in Input) (Trial, error) {
	if err := i.ready(in); err != nil {
		return Trial{}, err
	}
	t := Trial{}
	c, err := i.convert(ctx, in)
	if err == nil {
		err = i.compare(ctx, c, &t)
	}
	if err == nil {
		err = i.validate(t.Changes)
	}
	if t.Quarantine = quarantinable(err); t.Quarantine != nil {
		return t, nil
	}
	return t, err
}

// compare fills in what would be written after what is here.
func (i *Intake) compare(ctx context.Context, c Conversion, t *Trial) error {
	before, err := i.former(ctx, &c)
	if err != nil {
		return err
	}
	var result Result
	t.Changes = i.changes(c, before, &result)
	t.Report, t.Known, t.Superseded = result.Report, result.Known, result.Superseded
	return nil
}

// validate applies the rules of the store to what would be written.
func (i *Intake) validate(changes []fhir.Change) error {
	if i.Validate == nil {
		return nil
	}
	for _, change := range changes {
		if change.Method == fhir.Delete {
			continue
		}
		if err := i.Validate(change.Body); err != nil {
			return err
		}
	}
	return nil
}

// parameters renders the answer; with every, each item of the source.
func (t *Trial) parameters(every bool) *draft.Resource {
	p := draft.New("Parameters", "")
	addTrue(p, "dry-run", true)
	if t.Quarantine != nil {
		outcome := draft.New("OperationOutcome", "")
		for _, issue := range t.Quarantine.Issues {
			outcome.Add("issue", outcomeIssue(issue))
		}
		p.Add("parameter", parameter("outcome").Put("resource", &outcome.Object))
		addTrue(p, "quarantine", true)
		return p
	}
	p.Add("parameter", parameter("outcome").Put("resource", &t.Report.outcome("").Object))
	addTrue(p, "known", t.Known)
	addTrue(p, "superseded", t.Superseded)
	t.Report.addCounts(p)
	p.Add("parameter", parameter("result").Put("resource", t.bundle()))
	if every {
		t.Report.addItems(p)
	}
	return p
}

// bundle renders the transaction that would be sent.
func (t *Trial) bundle() *draft.Object {
	b := draft.New("Bundle", "")
	b.Set("type", "transaction")
	for _, change := range t.Changes {
		entry := new(draft.Object).Set("fullUrl", change.FullURL)
		request := new(draft.Object)
		switch {
		case change.Method == fhir.Delete:
			request.Set("method", "DELETE").Set("url", change.Key.String())
		case change.IfNoneExist != nil:
			entry.Literal("resource", string(fhir.Whole(change.Body, change.Content)))
			q := change.IfNoneExist
			request.Set("method", "POST").Set("url", change.Key.Type).Set("ifNoneExist", q.Params[0].Code+"="+strings.Join(q.Params[0].Values, ","))
		default:
			entry.Literal("resource", string(fhir.Whole(change.Body, change.Content)))
			request.Set("method", "PUT").Set("url", change.Key.Type+"/"+change.Key.ID)
		}
		b.Add("entry", entry.Put("request", request))
	}
	return &b.Object
}
