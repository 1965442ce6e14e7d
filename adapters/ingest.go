package adapters

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// IngestDefinition is the OperationDefinition of $ingest.
//
//go:embed ingest.json
var IngestDefinition []byte

// An Ingest is the operation POST [base]/$ingest: the body is one document in
// any known format, or a multipart of several (docs/formats/README.md). Package
// rest routes to Accept.
type Ingest struct {
	Intake Intake
	Mode   Mode

	// Sender says who sends: the source that ids are derived from, and the
	// reference of the organisation. It is asked of the authenticated caller,
	// never of the request. Nil, and ok false, refuse.
	Sender func(ctx context.Context) (source, organization string, ok bool)

	// Maps are the translations of codes as they stand. Nil adds none.
	Maps func(ctx context.Context) (*conceptmap.Maps, error)

	// Status is the HTTP status of a document of several that fails. Required.
	Status func(fhir.Kind) int

	Clock func() time.Time // nil for time.Now
}

// A Delivery is one request of $ingest.
type Delivery struct {
	ContentType string // tells a multipart from one document; nothing else is concluded from it
	Body        []byte
	Every       bool // tell what became of each item of a document
	DryRun      bool // tell what would become of it, and store nothing
}

// Accept takes in what one request delivers. For one document it returns the
// Parameters to answer with; a document in quarantine is an error of Kind
// Unprocessable, whose last issue names the DocumentReference that keeps it.
//
// For several it returns a Bundle of type batch-response: an entry for each in
// their order, with the Parameters, or with the OperationOutcome of what is
// wrong. Each is taken in by itself, so one does not fail the others.
func (o *Ingest) Accept(ctx context.Context, d Delivery) ([]byte, error) {
	in := Input{Mode: o.Mode, Now: time.Now(), Every: d.Every}
	if o.Clock != nil {
		in.Now = o.Clock()
	}
	var ok bool
	if o.Sender != nil {
		in.Source, in.Organization, ok = o.Sender(ctx)
	}
	if !ok || in.Source == "" {
		return nil, fhir.Errorf(fhir.Forbidden, "adapters.Ingest", "intake.no-sender", fhir.CodeForbidden, "",
			fhir.T("It is not known on whose behalf the document is sent.", "On ne sait pas au nom de qui le document est envoyé."),
			fhir.T("Use a client that belongs to an organisation.", "Utilisez un client rattaché à une organisation."))
	}
	if o.Maps != nil {
		var err error
		if in.Maps, err = o.Maps(ctx); err != nil {
			return nil, err
		}
	}
	list, several, err := documents(d.ContentType, d.Body)
	if err != nil {
		return nil, err
	}
	if !several {
		in.Bytes = d.Body
		answer, err := o.one(ctx, in, d)
		if err != nil {
			return nil, err
		}
		return answer.JSON(), nil
	}
	b := draft.New("Bundle", "")
	b.Set("type", "batch-response")
	for _, in.Bytes = range list {
		b.Add("entry", o.entry(ctx, in, d))
	}
	return b.JSON(), nil
}

func (o *Ingest) one(ctx context.Context, in Input, d Delivery) (*draft.Resource, error) {
	if d.DryRun {
		trial, err := o.Intake.Try(ctx, in)
		if err != nil {
			return nil, err
		}
		return trial.parameters(d.Every), nil
	}
	result, err := o.Intake.Accept(ctx, in)
	if err != nil {
		return nil, err
	}
	return result.parameters(d.Every), nil
}

// entry takes one document of several in and renders what became of it.
func (o *Ingest) entry(ctx context.Context, in Input, d Delivery) *draft.Object {
	answer, err := o.one(ctx, in, d)
	if err == nil {
		return new(draft.Object).Put("resource", &answer.Object).Put("response", new(draft.Object).Set("status", status(http.StatusOK)))
	}
	outcome := draft.New("OperationOutcome", "")
	var e *fhir.Error
	if !errors.As(err, &e) { // its text may name a patient
		e = fhir.Errorf(fhir.Internal, "adapters.Ingest", "internal", fhir.CodeException, "",
			fhir.T("The gateway failed; the document was not taken in.", "La passerelle a échoué ; le document n’a pas été intégré."),
			fhir.T("Send it again.", "Envoyez-le de nouveau."))
	}
	for _, issue := range e.Issues {
		outcome.Add("issue", outcomeIssue(issue))
	}
	return new(draft.Object).Put("response", new(draft.Object).Set("status", status(o.Status(e.Kind))).Put("outcome", &outcome.Object))
}

func status(code int) string { return strconv.Itoa(code) + " " + http.StatusText(code) }

// parameters renders the answer; with every, each item of the source.
func (r *Result) parameters(every bool) *draft.Resource {
	p := draft.New("Parameters", "")
	add := parameter
	p.Add("parameter", add("outcome").Put("resource", &r.Report.outcome("").Object))
	p.Add("parameter", add("document").Put("value|Reference", new(draft.Object).Set("reference", r.Report.Reference)))
	addTrue(p, "known", r.Known)
	addTrue(p, "superseded", r.Superseded)
	for i := range r.Resources {
		if r.Resources[i].Type == "Patient" {
			p.Add("parameter", add("patient").Put("value|Reference", new(draft.Object).Set("reference", r.Resources[i].Current().String())))
		}
	}
	for _, effect := range []fhir.Effect{fhir.Created, fhir.Updated, fhir.Deleted, fhir.Unchanged} {
		p.Add("parameter", add(effect.String()).Literal("value|Integer", strconv.Itoa(r.Count(effect))))
	}
	r.Report.addCounts(p)
	p.Add("parameter", add("result").Put("resource", r.bundle()))
	if every {
		r.Report.addItems(p)
	}
	return p
}

func parameter(name string) *draft.Object { return new(draft.Object).Set("name", name) }

// addTrue adds a flag that is set; one that is not goes without saying.
func addTrue(p *draft.Resource, name string, is bool) {
	if is {
		p.Add("parameter", parameter(name).Literal("value|Boolean", "true"))
	}
}

func (r *Report) addCounts(p *draft.Resource) {
	counts := r.Counts()
	p.Add("parameter", parameter("mapped").Literal("value|Integer", strconv.Itoa(counts.Mapped)))
	p.Add("parameter", parameter("narrative").Literal("value|Integer", strconv.Itoa(counts.Narrative)))
	p.Add("parameter", parameter("not-understood").Literal("value|Integer", strconv.Itoa(counts.NotUnderstood)))
}

func (r *Report) addItems(p *draft.Resource) {
	for i := range r.Items {
		p.Add("parameter", r.Items[i].parameter())
	}
}

// bundle renders the transaction-response (R4 http.html#transaction-response).
func (r *Result) bundle() *draft.Object {
	b := draft.New("Bundle", "")
	b.Set("type", "transaction-response")
	for i := range r.Resources {
		resource := &r.Resources[i]
		met := status(http.StatusOK)
		switch resource.Effect {
		case fhir.Created:
			met = status(http.StatusCreated)
		case fhir.Deleted:
			met = status(http.StatusNoContent)
		}
		b.Add("entry", new(draft.Object).Put("response", new(draft.Object).Set("status", met).
			Set("location", resource.Key.String()).Set("etag", `W/"`+resource.Version+`"`).
			Set("lastModified", resource.LastUpdated.UTC().Format("2006-01-02T15:04:05.000Z"))))
	}
	return &b.Object
}

func (i *Item) parameter() *draft.Object {
	p := new(draft.Object).Set("name", "item")
	for _, part := range []struct{ name, value string }{{"kind", i.Kind.String()}, {"fate", i.Fate.String()}, {"source", i.Source},
		{"resource", i.Resource}, {"path", i.Path}, {"reason", i.Reason}} {
		if part.value != "" {
			p.Add("part", new(draft.Object).Set("name", part.name).Set("value|String", part.value))
		}
	}
	if i.Line > 0 {
		p.Add("part", new(draft.Object).Set("name", "line").Literal("value|Integer", strconv.Itoa(i.Line)))
	}
	return p
}
