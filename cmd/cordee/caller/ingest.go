package caller

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// Ingest sends one file to $ingest and returns what the gateway says became of
// it; with every, of each item of the document. The error is one of the file,
// the network or the token, never of the document.
func (c *Caller) Ingest(ctx context.Context, name string, every bool) (*Report, error) {
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	path := "$ingest"
	if every {
		path += "?mapping=full"
	}
	// What the bytes are, the gateway finds out from them.
	resp, err := c.Do(ctx, Request{Method: http.MethodPost, Path: path, ContentType: "application/octet-stream", Body: body})
	if err != nil {
		return nil, err
	}
	return readReport(filepath.Base(name), resp)
}

// parameter is one of the Parameters that $ingest answers.
type parameter struct {
	Name           string
	ValueString    string
	ValueInteger   *int
	ValueReference struct{ Reference string }
	Resource       struct {
		ResourceType string
		Issue        []issue
		Entry        []struct {
			Response Made
		}
	}
	Part []parameter
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
			r.Resources = append(r.Resources, e.Response)
		}
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
