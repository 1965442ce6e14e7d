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
// it. The error is one of the file, the network or the token, never of the
// document.
func (c *Caller) Ingest(ctx context.Context, name string) (*Report, error) {
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	// What the bytes are, the gateway finds out from them.
	resp, err := c.Do(ctx, Request{Method: http.MethodPost, Path: "$ingest", ContentType: "application/octet-stream", Body: body})
	if err != nil {
		return nil, err
	}
	return readReport(filepath.Base(name), resp.Status, resp.Body)
}

// readReport reads the answer of $ingest, a Parameters or an OperationOutcome.
func readReport(document string, status int, answer []byte) (*Report, error) {
	var a struct {
		ResourceType string
		Issue        []issue
		Parameter    []struct {
			Name           string
			ValueInteger   *int
			ValueReference struct{ Reference string }
			Resource       struct {
				ResourceType string
				Issue        []issue
				Entry        []struct {
					Response struct{ Status, Location string }
				}
			}
		}
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("the gateway answered %d with something that is not FHIR", status)
	}
	r := &Report{Document: document, Status: status, Accepted: status < 300, Counts: map[string]int{}}
	r.take(a.Issue)
	for _, p := range a.Parameter {
		switch {
		case p.ValueInteger != nil:
			r.Counts[p.Name] = *p.ValueInteger
		case p.Name == "document":
			r.Reference = p.ValueReference.Reference
		case p.Name == "patient":
			r.Patient = p.ValueReference.Reference
		case p.Resource.ResourceType == "OperationOutcome":
			r.take(p.Resource.Issue)
		case p.Resource.ResourceType == "Bundle":
			for _, e := range p.Resource.Entry {
				r.Resources = append(r.Resources, Made{Location: e.Response.Location, Status: e.Response.Status})
			}
		}
	}
	return r, nil
}
