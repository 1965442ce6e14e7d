package caller

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/adapters"
)

// A Quarantined is a document that the gateway could not take in, and keeps.
type Quarantined struct {
	ID          string    `json:"id"` // of the DocumentReference
	Since       time.Time `json:"since"`
	ContentType string    `json:"contentType,omitempty"`
	Size        int       `json:"size,omitempty"` // bytes
	Reasons     []Reason  `json:"reasons"`

	original string // reference of the Binary
}

// A Reason is one of why a document could not be taken in.
type Reason struct {
	ID   string `json:"id"` // see docs/errors.md
	Text string `json:"text"`
}

// held is what is read of a DocumentReference.
type held struct {
	ID       string
	Meta     struct{ LastUpdated time.Time }
	Category []struct {
		Coding []struct{ System, Code string }
	}
	Extension []struct {
		URL                  string
		ValueCodeableConcept struct {
			Coding []struct{ Code string }
			Text   string
		}
	}
	Content []struct {
		Attachment struct {
			ContentType, URL string
			Size             int
		}
	}
}

// inQuarantine reports whether the document waits there.
func (h *held) inQuarantine() bool {
	for _, category := range h.Category {
		for _, c := range category.Coding {
			if c.System == adapters.IntakeSystem && c.Code == adapters.QuarantineCode {
				return true
			}
		}
	}
	return false
}

func (h *held) quarantined() Quarantined {
	q := Quarantined{ID: h.ID, Since: h.Meta.LastUpdated, Reasons: []Reason{}}
	for _, e := range h.Extension {
		if e.URL != adapters.Canonical+"/StructureDefinition/quarantine-reason" || len(e.ValueCodeableConcept.Coding) == 0 {
			continue
		}
		q.Reasons = append(q.Reasons, Reason{ID: e.ValueCodeableConcept.Coding[0].Code, Text: e.ValueCodeableConcept.Text})
	}
	if len(h.Content) > 0 {
		a := h.Content[0].Attachment
		q.ContentType, q.Size, q.original = a.ContentType, a.Size, a.URL
	}
	return q
}

// A Refusal is what the gateway answered instead.
type Refusal struct{ Response *Response }

// Error tells the status and the issues.
func (r *Refusal) Error() string {
	var b strings.Builder
	if err := r.Response.Brief(&b); err != nil {
		return fmt.Sprintf("the gateway answered %d", r.Response.Status)
	}
	return strings.TrimSpace(b.String())
}

// get reads what is at a path below the FHIR base.
func (c *Caller) get(ctx context.Context, path, accept string) ([]byte, error) {
	resp, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path, Accept: accept})
	if err == nil && resp.Status != http.StatusOK {
		err = &Refusal{resp}
	}
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// Quarantine lists the documents in quarantine that the client may see, page by
// page, the oldest first.
func (c *Caller) Quarantine(ctx context.Context) ([]Quarantined, error) {
	path := "DocumentReference?" + url.Values{"category": {adapters.IntakeSystem + "|" + adapters.QuarantineCode}, "_sort": {"_lastUpdated"}}.Encode()
	var list []Quarantined
	for path != "" {
		body, err := c.get(ctx, path, "")
		if err != nil {
			return nil, err
		}
		var page struct {
			Link  []struct{ Relation, URL string }
			Entry []struct{ Resource held }
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, fmt.Errorf("the answer is not FHIR: %w", err)
		}
		for i := range page.Entry {
			list = append(list, page.Entry[i].Resource.quarantined())
		}
		path = ""
		for _, l := range page.Link {
			if l.Relation == "next" {
				path = strings.TrimPrefix(l.URL, c.client.FHIRBase+"/")
			}
		}
	}
	return list, nil
}

// Held returns one document in quarantine. It fails for one that is not there,
// be it that it was taken in since.
func (c *Caller) Held(ctx context.Context, id string) (Quarantined, error) {
	body, err := c.get(ctx, "DocumentReference/"+url.PathEscape(id), "")
	if err != nil {
		return Quarantined{}, err
	}
	var h held
	if err := json.Unmarshal(body, &h); err != nil {
		return Quarantined{}, fmt.Errorf("the answer is not FHIR: %w", err)
	}
	if !h.inQuarantine() {
		return Quarantined{}, fmt.Errorf("DocumentReference/%s is not in quarantine", id)
	}
	return h.quarantined(), nil
}

// Original returns the bytes of a document in quarantine, as they came.
func (c *Caller) Original(ctx context.Context, q Quarantined) ([]byte, error) {
	if !strings.HasPrefix(q.original, "Binary/") {
		return nil, fmt.Errorf("DocumentReference/%s names no Binary", q.ID)
	}
	body, err := c.get(ctx, q.original, "")
	if err != nil {
		return nil, err
	}
	var binary struct{ Data []byte }
	if err := json.Unmarshal(body, &binary); err != nil {
		return nil, fmt.Errorf("the answer is not a Binary: %w", err)
	}
	return binary.Data, nil
}

// Drop deletes a document in quarantine, its bytes with it. The history keeps
// both for the trail.
func (c *Caller) Drop(ctx context.Context, q Quarantined) error {
	type request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	type entry struct {
		Request request `json:"request"`
	}
	body, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": "transaction", "entry": []entry{
		{request{http.MethodDelete, q.original}}, {request{http.MethodDelete, "DocumentReference/" + q.ID}}}})
	if err != nil {
		return err
	}
	resp, err := c.Do(ctx, Request{Method: http.MethodPost, Body: body})
	if err == nil && resp.Status != http.StatusOK {
		err = &Refusal{resp}
	}
	return err
}
