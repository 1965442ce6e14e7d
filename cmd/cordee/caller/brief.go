package caller

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Brief writes what an answer says in a line or a few: the status, the type of
// a resource, what is wrong, and for a Bundle what its entries are. Links are
// shortened to what follows the FHIR base.
func (r *Response) Brief(w io.Writer) error {
	fmt.Fprintf(w, "%d %s", r.Status, http.StatusText(r.Status))
	if len(r.Body) == 0 {
		_, err := fmt.Fprintln(w)
		return err
	}
	var a resource
	if err := json.Unmarshal(r.Body, &a); err != nil {
		fmt.Fprintln(w)
		return fmt.Errorf("the answer is not FHIR: %w", err)
	}
	switch a.Type {
	case "Bundle":
		return a.bundle(w, r.base)
	case "OperationOutcome":
		fmt.Fprintln(w)
		return a.outcome(w)
	}
	_, err := fmt.Fprintf(w, ", %s\n", a)
	return err
}

// A resource is what Brief reads of one: its name, and the rest when a brief of
// its type says more.
type resource struct {
	Type, ID, Title string
	text            []byte
}

// UnmarshalJSON reads the members that mean the same in every type.
func (r *resource) UnmarshalJSON(text []byte) error {
	var head struct{ ResourceType, ID, Title string }
	err := json.Unmarshal(text, &head)
	*r = resource{Type: head.ResourceType, ID: head.ID, Title: head.Title, text: append([]byte(nil), text...)}
	return err
}

// String names a resource, with its title if it has one.
func (r resource) String() string {
	s := r.Type + "/" + r.ID
	if r.Title != "" {
		s += fmt.Sprintf(" %q", r.Title)
	}
	return s
}

// outcome writes the issues of an OperationOutcome.
func (r resource) outcome(w io.Writer) error {
	var o struct{ Issue []issue }
	err := json.Unmarshal(r.text, &o)
	for _, i := range o.Issue {
		i.brief(w)
	}
	return err
}

// event writes the line of an AuditEvent.
func (r resource) event(w io.Writer) error {
	var e event
	if err := json.Unmarshal(r.text, &e); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "  %s\n", e)
	return err
}

// bundle ends the first line and writes one for each entry.
func (r resource) bundle(w io.Writer, base string) error {
	var b struct {
		Type  string
		Total *int
		Entry []entry
	}
	if err := json.Unmarshal(r.text, &b); err != nil {
		return err
	}
	fmt.Fprintf(w, ", %s", b.Type)
	if b.Total != nil {
		fmt.Fprintf(w, " of %d", *b.Total)
	}
	fmt.Fprintln(w)
	for _, e := range b.Entry {
		if err := e.brief(w, base); err != nil {
			return err
		}
	}
	return nil
}

type entry struct {
	Resource resource
	Search   struct{ Mode string }
	Response struct {
		Status, Location string
		Outcome          resource
	}
}

func (e entry) brief(w io.Writer, base string) (err error) {
	switch {
	case e.Response.Status != "":
		fmt.Fprintf(w, "  %s  %s\n", e.Response.Status, strings.TrimPrefix(e.Response.Location, base))
		if e.Response.Outcome.text != nil {
			err = e.Response.Outcome.outcome(w)
		}
	case e.Search.Mode == "include":
		_, err = fmt.Fprintf(w, "  + %s\n", e.Resource)
	case e.Resource.Type == "OperationOutcome":
		err = e.Resource.outcome(w)
	case e.Resource.Type == "AuditEvent":
		err = e.Resource.event(w)
	default:
		_, err = fmt.Fprintf(w, "  %s\n", e.Resource)
	}
	return err
}
