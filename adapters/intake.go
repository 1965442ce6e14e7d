package adapters

import (
	"context"
	"errors"

	"github.com/cordee-sante/cordee/fhir"
)

// A Committer is all that an Intake needs of the guarded repository.
type Committer interface {
	Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error)
}

// An Intake takes documents in. The zero Intake refuses everything.
type Intake struct {
	Adapters []Adapter // asked in this order
	Repo     Committer

	// Validate says what the store would say of a resource, for trials. Nil
	// leaves that to the store.
	Validate func(body []byte) error
}

// A Result is what became of a document.
type Result struct {
	Resources []fhir.Resource // in the order of the transaction; Effect says what happened
	FullURLs  []string        // of the changes
	Report    Report

	// Known: these bytes were taken in before. What people changed or deleted
	// since then stays as they left it.
	Known bool

	// Superseded: a later edition of the document is here already. One that
	// comes late is kept as a document, with an empty report, and nothing is
	// taken from it.
	Superseded bool

	// Quarantine is the reference of the DocumentReference under which a
	// document is kept that could not be taken in. Empty otherwise.
	Quarantine string
}

// Count returns how many resources met the effect.
func (r *Result) Count(effect fhir.Effect) int {
	n := 0
	for i := range r.Resources {
		if r.Resources[i].Effect == effect {
			n++
		}
	}
	return n
}

// Accept takes one document in: detect, convert, commit, all or nothing.
//
// A document that is of no known format, cannot be read, whose patient cannot
// be identified or which does not become valid FHIR is kept in quarantine: the
// error is then of Kind Unprocessable, with the reasons, and Result.Quarantine
// says where. Every other error means that nothing was stored and that the
// document may be sent again.
func (i *Intake) Accept(ctx context.Context, in Input) (Result, error) {
	if err := i.ready(in); err != nil {
		return Result{}, err
	}
	conversion, err := i.convert(ctx, in)
	if err == nil {
		var result Result
		if result, err = i.commit(ctx, conversion); err == nil {
			return result, nil
		}
	}
	if reasons := quarantinable(err); reasons != nil {
		return i.quarantine(ctx, in, reasons)
	}
	return Result{}, err
}

// ready refuses what nothing can be done with.
func (i *Intake) ready(in Input) error {
	if i.Repo == nil || len(i.Adapters) == 0 || in.Source == "" || in.Now.IsZero() {
		return fhir.Errorf(fhir.Internal, "adapters.Accept", "intake.not-configured", fhir.CodeException, "",
			fhir.T("The intake is not configured.", "L’entrée des documents n’est pas configurée."), fhir.Text{})
	}
	if len(in.Bytes) == 0 {
		return fhir.Errorf(fhir.Malformed, "adapters.Accept", "intake.empty", fhir.CodeRequired, "",
			fhir.T("There is no document in the request.", "La requête ne contient pas de document."),
			fhir.T("Send the document itself as the body.", "Envoyez le document lui-même comme corps."))
	}
	return nil
}

// convert has the first adapter that knows the format convert.
func (i *Intake) convert(ctx context.Context, in Input) (Conversion, error) {
	data := unmarked(in.Bytes)
	for _, a := range i.Adapters {
		if !a.Detect(data) {
			continue
		}
		c, err := a.Convert(ctx, in)
		if err == nil {
			err = c.Unidentified
		}
		return c, err
	}
	name := string(Sniff(in.Bytes))
	if name == "" {
		name = "?"
	}
	return Conversion{}, fhir.Errorf(fhir.Unprocessable, "adapters.Accept", "intake.unknown-format", fhir.CodeNotSupported, "",
		fhir.T("No adapter reads this format (%s).", "Aucun adaptateur ne lit ce format (%s).", name),
		fhir.T("Send a format that docs/formats lists.", "Envoyez un format que docs/formats énumère."))
}

// commit writes what is to be written after what was there before.
func (i *Intake) commit(ctx context.Context, c Conversion) (Result, error) {
	before, err := i.former(ctx, &c)
	if err != nil {
		return Result{}, err
	}
	var result Result
	changes := i.changes(c, before, &result)
	committed, err := i.Repo.Commit(ctx, changes)
	if err != nil {
		return Result{}, err
	}
	for n := range changes {
		result.add(changes[n].FullURL, committed[n])
	}
	if result.Known {
		before.left(&result, c.Changes)
	}
	return result, nil
}

// changes returns what is to be written of a conversion after what was there
// before, and says in the result what kind of a sending it is.
func (i *Intake) changes(c Conversion, before *former, result *Result) []fhir.Change {
	result.Report = c.Report
	switch {
	case before == nil:
		return c.Changes
	case before.known:
		result.Known = true
		return shared(c.Changes)
	case before.overtaken, c.edition.number > 0 && before.number > c.edition.number:
		result.Superseded = true
		result.Report.clear()
		return c.late()
	}
	return append(c.Changes[:len(c.Changes):len(c.Changes)], before.withdrawn(c.Changes)...)
}

func (r *Result) add(fullURL string, resource fhir.Resource) {
	r.FullURLs = append(r.FullURLs, fullURL)
	r.Resources = append(r.Resources, resource)
}

// quarantinable returns the error when the document is the cause, so that
// sending it again would not help: it is not understood, or several patients
// answer to its identifiers.
func quarantinable(err error) *fhir.Error {
	var e *fhir.Error
	if errors.As(err, &e) && (e.Kind == fhir.Unprocessable || e.Kind == fhir.PreconditionFailed) && len(e.Issues) > 0 {
		return e
	}
	return nil
}
