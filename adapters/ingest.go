package adapters

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// IngestDefinition is the OperationDefinition of $ingest.
//
//go:embed ingest.json
var IngestDefinition []byte

// An Ingest is the operation POST [base]/$ingest: the body is one document in
// any known format, the answer a Parameters with the mapping report and the
// transaction-response (docs/formats/README.md). Package rest routes to Accept.
type Ingest struct {
	Intake Intake
	Mode   Mode

	// Sender says who sends: the source that ids are derived from, and the
	// reference of the organisation. It is asked of the authenticated caller,
	// never of the request. Nil, and ok false, refuse.
	Sender func(ctx context.Context) (source, organization string, ok bool)

	Clock func() time.Time // nil for time.Now
}

// Accept takes in the body of one request and returns the Parameters to answer
// with; with every, it has each item of the document. A document in quarantine
// is an error of Kind Unprocessable, whose last issue names the
// DocumentReference that keeps it.
func (o *Ingest) Accept(ctx context.Context, body []byte, every bool) ([]byte, error) {
	in := Input{Bytes: body, Mode: o.Mode, Now: time.Now()}
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
	result, err := o.Intake.Accept(ctx, in)
	if err != nil {
		return nil, err
	}
	return result.parameters(every).JSON(), nil
}

// parameters renders the answer; with every, each item of the source.
func (r *Result) parameters(every bool) *draft.Resource {
	p := draft.New("Parameters", "")
	add := func(name string) *draft.Object { return new(draft.Object).Set("name", name) }
	p.Add("parameter", add("outcome").Put("resource", &r.Report.outcome("").Object))
	p.Add("parameter", add("document").Put("value|Reference", new(draft.Object).Set("reference", r.Report.Reference)))
	for _, state := range []struct {
		name string
		is   bool
	}{{"known", r.Known}, {"superseded", r.Superseded}} {
		if state.is {
			p.Add("parameter", add(state.name).Literal("value|Boolean", "true"))
		}
	}
	for i := range r.Resources {
		if r.Resources[i].Type == "Patient" {
			p.Add("parameter", add("patient").Put("value|Reference", new(draft.Object).Set("reference", r.Resources[i].Current().String())))
		}
	}
	for _, effect := range []fhir.Effect{fhir.Created, fhir.Updated, fhir.Deleted, fhir.Unchanged} {
		p.Add("parameter", add(effect.String()).Literal("value|Integer", strconv.Itoa(r.Count(effect))))
	}
	counts := r.Report.Counts()
	p.Add("parameter", add("mapped").Literal("value|Integer", strconv.Itoa(counts.Mapped)))
	p.Add("parameter", add("narrative").Literal("value|Integer", strconv.Itoa(counts.Narrative)))
	p.Add("parameter", add("not-understood").Literal("value|Integer", strconv.Itoa(counts.NotUnderstood)))
	p.Add("parameter", add("result").Put("resource", r.bundle()))
	if every {
		for i := range r.Report.Items {
			p.Add("parameter", r.Report.Items[i].parameter())
		}
	}
	return p
}

// bundle renders the transaction-response (R4 http.html#transaction-response).
func (r *Result) bundle() *draft.Object {
	b := draft.New("Bundle", "")
	b.Set("type", "transaction-response")
	for i := range r.Resources {
		resource := &r.Resources[i]
		status := "200 OK"
		switch resource.Effect {
		case fhir.Created:
			status = "201 Created"
		case fhir.Deleted:
			status = "204 No Content"
		}
		b.Add("entry", new(draft.Object).Put("response", new(draft.Object).Set("status", status).
			Set("location", resource.Key.String()).Set("etag", `W/"`+resource.Version+`"`).
			Set("lastModified", resource.LastUpdated.UTC().Format("2006-01-02T15:04:05.000Z"))))
	}
	return &b.Object
}

func (i *Item) parameter() *draft.Object {
	p := new(draft.Object).Set("name", "item")
	for _, part := range []struct{ name, value string }{{"kind", string(i.Kind)}, {"fate", i.Fate.String()}, {"source", i.Source},
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
