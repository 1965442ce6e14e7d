package rest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/search"
)

// An Operation is a named operation (R4 operations.html). It is offered where
// System, Types and Instance say, and nowhere else.
type Operation struct {
	Name       string // without the $: "validate"
	Definition string // canonical URL of its OperationDefinition
	Describes  []byte // the OperationDefinition, when it is the gateway's own to publish

	System   bool     // [base]/$name
	Type     bool     // [base]/Type/$name
	Instance bool     // [base]/Type/id/$name
	Types    []string // the types of Type and Instance; empty for all

	Safe    bool     // changes nothing, so that GET is offered too
	Accepts []string // Content-Types of the body; empty for FHIR JSON, "*/*" for all
	Limit   int64    // bytes of the body; 0 for Limits.Body

	// Content says that the answer is a Binary, which is sent as what it holds
	// to a client that asks for no FHIR format, as a read of one is.
	Content bool

	// Handle answers a call. It checks who asks by what it calls: the guarded
	// repository, never a store.
	Handle func(ctx context.Context, call Call) (Answer, error)
}

// A Call is one request of an operation.
type Call struct {
	Key         fhir.Key      // Type and ID as far as the URL names them
	Params      []search.Pair // of the URL, without _format and _pretty
	ContentType string
	Body        []byte // nil for GET
	Language    Language
	RequestID   string
}

// An Answer is what an operation returns: a resource, a page, or nothing.
type Answer struct {
	Status   int    // 200 by default, 204 without Resource and Page
	Location string // below the base, "Task/1"; empty for none
	Resource []byte // JSON
	Page     *fhir.Page
	Self     []search.Pair // parameters of the page's self and next links
}

// operations are the operations by name.
type operations map[string]*Operation

func newOperations(list []Operation) (operations, error) {
	all := operations{}
	for i := range list {
		o := &list[i]
		switch {
		case o.Name == "" || sanitise(o.Name) != o.Name || o.Definition == "" || o.Handle == nil || !o.System && !o.Type && !o.Instance:
			return nil, fmt.Errorf("rest: operation %q lacks a name, a definition, a handler or a place", o.Name)
		case all[o.Name] != nil:
			return nil, fmt.Errorf("rest: operation %q is there twice", o.Name)
		}
		for _, typ := range o.Types {
			if !tables.IsResource(typ) {
				return nil, fmt.Errorf("rest: operation %q names the type %q, which does not exist", o.Name, typ)
			}
		}
		all[o.Name] = o
	}
	return all, nil
}

// at reports whether the operation is offered for a key: of the system, of a
// type, or of an instance.
func (o *Operation) at(k fhir.Key) bool {
	switch {
	case k.Type == "":
		return o.System
	case len(o.Types) > 0 && !slices.Contains(o.Types, k.Type):
		return false
	case k.ID == "":
		return o.Type
	}
	return o.Instance
}

// names lists the operations offered for a key, with the $, sorted.
func (all operations) names(k fhir.Key) []string {
	var list []string
	for name, o := range all {
		if o.at(k) {
			list = append(list, "$"+name)
		}
	}
	slices.Sort(list)
	return list
}

// operation answers [base]/$name, [base]/Type/$name and [base]/Type/id/$name.
func (s *Server) operation(w http.ResponseWriter, r *http.Request) error {
	key := fhir.Key{Type: r.PathValue("type"), ID: r.PathValue("id")}
	if key.Type != "" {
		if err := knownType(key.Type, ""); err != nil {
			return err
		}
	}
	if key.ID != "" && !fhir.ValidID(key.ID) {
		return errInvalidID("")
	}
	o := s.operations[r.PathValue("operation")]
	if o == nil || !o.at(key) {
		return s.unknownOperation(r.PathValue("operation"), key)
	}
	if r.Method != http.MethodPost && !o.Safe {
		w.Header()["Allow"] = []string{http.MethodPost}
		return fhir.Errorf(fhir.NotAllowed, "rest", "rest.operation-method", fhir.CodeNotSupported, "",
			fhir.T("$%s changes something, so GET does not call it.", "$%s modifie quelque chose ; GET ne l'appelle pas.", o.Name),
			fhir.T("Use POST.", "Utilisez POST."))
	}
	a, err := ask(r.URL.RawQuery)
	if err != nil {
		return err
	}
	out, err := a.output(r, false)
	raw := o.Content && !out.explicit && (err == nil || fhir.KindOf(err) == fhir.NotAcceptable)
	if err != nil && !raw {
		return err
	}
	x := current(r.Context())
	call := Call{Key: key, Params: append(a.rest, a.shape...), ContentType: r.Header.Get("Content-Type"), Language: x.lang, RequestID: x.id}
	if a.cursor != "" {
		call.Params = append(call.Params, search.Pair{Name: "_cursor", Value: a.cursor})
	}
	if r.Method == http.MethodPost {
		if call.Body, err = s.readCall(w, r, o); err != nil {
			return err
		}
	}
	answer, err := o.Handle(r.Context(), call)
	if err != nil {
		return err
	}
	if raw && answer.Resource != nil {
		return s.sendContent(w, r, &fhir.Resource{Key: fhir.Key{Type: "Binary"}, Body: answer.Resource}, &out)
	}
	return s.sendAnswer(w, r, &answer, out, a.cursor)
}

// readCall reads the body of a call. An operation without parameters may be
// called without one.
func (s *Server) readCall(w http.ResponseWriter, r *http.Request, o *Operation) ([]byte, error) {
	accepted, limit := o.Accepts, o.Limit
	if len(accepted) == 0 {
		accepted = resourceMedia
	}
	if limit <= 0 {
		limit = s.cfg.Limits.Body
	}
	if r.ContentLength == 0 {
		return nil, nil
	}
	return readBody(w, r, limit, accepted)
}

func (s *Server) sendAnswer(w http.ResponseWriter, r *http.Request, a *Answer, out output, cursor string) error {
	if a.Location != "" {
		w.Header()["Location"] = []string{s.base + "/" + a.Location}
	}
	switch {
	case a.Page != nil:
		path := strings.TrimPrefix(r.URL.Path, s.path)
		self, next := s.pageLinks(path, a.Self, a.Page.Count, cursor, a.Page.Next)
		return s.sendPage(w, r, a.Page, nil, self, next, out)
	case a.Resource == nil:
		if a.Status == 0 {
			a.Status = http.StatusNoContent
		}
		w.WriteHeader(a.Status)
		return nil
	case a.Status == 0:
		a.Status = http.StatusOK
	}
	return out.send(w, a.Status, a.Resource)
}

func (s *Server) unknownOperation(name string, key fhir.Key) error {
	known := s.operations.names(key)
	hint := fhir.T("No operation is offered here.", "Aucune opération n'est proposée ici.")
	if near := tables.Nearest("$"+name, known); near != "" {
		hint = fhir.T("Did you mean %s?", "Vouliez-vous dire %s ?", near)
	} else if len(known) > 0 {
		hint = fhir.T("Offered here: %s.", "Proposées ici : %s.", strings.Join(known, ", "))
	}
	return fhir.Errorf(fhir.NotFound, "rest", "rest.unknown-operation", fhir.CodeNotSupported, "",
		fhir.T("There is no such operation here.", "Cette opération n'existe pas ici."), hint)
}
