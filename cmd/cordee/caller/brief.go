package caller

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Brief writes what an answer says in a line or a few: the status, the type of
// a resource, and for a Bundle what its entries are.
func (r *Response) Brief(w io.Writer) error {
	fmt.Fprintf(w, "%d %s", r.Status, http.StatusText(r.Status))
	if len(r.Body) == 0 {
		_, err := fmt.Fprintln(w)
		return err
	}
	var a struct {
		resource
		Type  string
		Total *int
		Issue []issue
		Entry []struct {
			Resource resource
			Search   struct{ Mode string }
			Response struct{ Status, Location string }
		}
	}
	if err := json.Unmarshal(r.Body, &a); err != nil {
		fmt.Fprintln(w)
		return fmt.Errorf("the answer is not FHIR: %w", err)
	}
	switch a.ResourceType {
	case "Bundle":
		fmt.Fprintf(w, ", %s", a.Type)
		if a.Total != nil {
			fmt.Fprintf(w, " of %d", *a.Total)
		}
		fmt.Fprintln(w)
	case "OperationOutcome":
		fmt.Fprintln(w)
	default:
		fmt.Fprintf(w, ", %s\n", a.resource)
	}
	for _, i := range a.Issue {
		fmt.Fprintf(w, "  %s: %s\n", i.Severity, i.Details.Text)
	}
	for _, e := range a.Entry {
		switch {
		case e.Response.Status != "" && e.Resource.ResourceType == "":
			fmt.Fprintf(w, "  %s %s\n", e.Response.Status, e.Response.Location)
		case e.Search.Mode == "include":
			fmt.Fprintf(w, "  + %s\n", e.Resource)
		default:
			fmt.Fprintf(w, "  %s\n", e.Resource)
		}
	}
	return nil
}

// A resource is what Brief tells of one.
type resource struct {
	ResourceType, ID, Title, Recorded, Outcome string
	Subtype                                    []struct{ Code string }
	Agent                                      []struct {
		Requestor bool
		Who       struct {
			Display    string
			Identifier struct{ Value string }
		}
	}
	Meta struct{ VersionID string }
}

// String names a resource; of an AuditEvent, who did what, and whether it was
// let through.
func (r resource) String() string {
	if r.ResourceType != "AuditEvent" {
		s := r.ResourceType + "/" + r.ID
		if r.Title != "" {
			s += " " + fmt.Sprintf("%q", r.Title)
		}
		return s
	}
	what, who, outcome := "", "", "granted"
	if len(r.Subtype) > 0 {
		what = r.Subtype[0].Code
	}
	for _, a := range r.Agent {
		if a.Requestor || who == "" {
			if who = a.Who.Display; who == "" {
				who = a.Who.Identifier.Value
			}
		}
	}
	if r.Outcome != "0" {
		outcome = "refused"
	}
	return fmt.Sprintf("%s %s by %s", outcome, what, who)
}
