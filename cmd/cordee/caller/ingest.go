package caller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// IngestOptions are the parameters of $ingest.
type IngestOptions struct {
	Every  bool // tell what became of each item of the document
	DryRun bool // store nothing
}

// Ingest sends one document to $ingest and returns what the gateway says became
// of it; name is for the report alone. The error is one of the network or the
// token, never of the document.
func (c *Caller) Ingest(ctx context.Context, name string, document []byte, o IngestOptions) (*Report, error) {
	params := url.Values{}
	if o.Every {
		params.Set("mapping", "full")
	}
	if o.DryRun {
		params.Set("dry-run", "true")
	}
	path := "$ingest"
	if len(params) > 0 {
		path += "?" + params.Encode()
	}
	// What the bytes are, the gateway finds out from them.
	resp, err := c.Do(ctx, Request{Method: http.MethodPost, Path: path, ContentType: "application/octet-stream", Body: document})
	if err != nil {
		return nil, err
	}
	return readReport(name, resp)
}

// Transient reports whether sending the same document again may end otherwise:
// nobody answered, or the gateway said that it could not at present.
func Transient(r *Report, err error) bool {
	if err != nil {
		var network *url.Error
		return errors.As(err, &network) && !errors.Is(err, context.Canceled)
	}
	switch r.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusInsufficientStorage:
		return true
	}
	return false
}

// parameter is one of the Parameters that $ingest answers.
type parameter struct {
	Name           string
	ValueString    string
	ValueInteger   *int
	ValueBoolean   bool
	ValueReference struct{ Reference string }
	Resource       struct {
		ResourceType string
		Issue        []issue
		Entry        []entryMade
	}
	Part []parameter
}

// entryMade is an entry of a transaction-response or, in a dry run, of the
// transaction.
type entryMade struct {
	Response Made
	Request  struct{ Method, URL string }
}

// readReport reads the answer of $ingest, a Parameters or an OperationOutcome.
func readReport(document string, resp *Response) (*Report, error) {
	var a struct {
		Issue     []issue
		Parameter []parameter
	}
	if err := json.Unmarshal(resp.Body, &a); err != nil {
		return nil, fmt.Errorf("the gateway answered %d with something that is not FHIR", resp.Status)
	}
	r := &Report{Document: document, Status: resp.Status, Accepted: resp.Status < 300, Counts: map[string]int{}}
	r.note(a.Issue)
	for _, p := range a.Parameter {
		r.take(p)
	}
	return r, nil
}

func (r *Report) take(p parameter) {
	switch {
	case p.ValueInteger != nil:
		r.Counts[p.Name] = *p.ValueInteger
	case p.ValueBoolean:
		r.flag(p.Name)
	case p.Name == "document":
		r.Reference = p.ValueReference.Reference
	case p.Name == "patient":
		r.Patient = p.ValueReference.Reference
	case p.Name == "item":
		r.Items = append(r.Items, p.item())
	case p.Resource.ResourceType == "OperationOutcome":
		r.note(p.Resource.Issue)
	case p.Resource.ResourceType == "Bundle":
		for _, e := range p.Resource.Entry {
			if e.Request.Method != "" {
				e.Response = Made{Location: e.Request.URL, Status: e.Request.Method}
			}
			r.Resources = append(r.Resources, e.Response)
		}
	}
}

// flag notes a state that the gateway names.
func (r *Report) flag(name string) {
	switch name {
	case "dry-run":
		r.DryRun = true
	case "known":
		r.Known = true
	case "superseded":
		r.Superseded = true
	case "quarantine":
		r.Accepted = false
	}
}

func (p parameter) item() Item {
	values := map[string]string{}
	line := 0
	for _, part := range p.Part {
		values[part.Name] = part.ValueString
		if part.Name == "line" && part.ValueInteger != nil {
			line = *part.ValueInteger
		}
	}
	return Item{Kind: values["kind"], Fate: values["fate"], Source: values["source"], Line: line,
		Resource: values["resource"], Path: values["path"], Reason: values["reason"]}
}
