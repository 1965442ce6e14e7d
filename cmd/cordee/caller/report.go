package caller

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A Report is what became of one document, as the gateway tells it.
type Report struct {
	Document  string         `json:"document"` // name of the file
	Status    int            `json:"status"`   // of the HTTP answer
	Accepted  bool           `json:"accepted"`
	Patient   string         `json:"patient,omitempty"`
	Reference string         `json:"reference,omitempty"` // DocumentReference of the original
	Counts    map[string]int `json:"counts,omitempty"`
	Resources []Made         `json:"resources,omitempty"`
	Notes     []Note         `json:"notes,omitempty"`
}

// Made is one resource of the transaction.
type Made struct {
	Location string `json:"location"`
	Status   string `json:"status"`
}

// A Note is one issue of the gateway's OperationOutcome.
type Note struct {
	Severity string   `json:"severity"`
	Text     string   `json:"text"`
	Detail   string   `json:"detail,omitempty"`
	At       []string `json:"at,omitempty"`
}

type issue struct {
	Severity    string
	Details     struct{ Text string }
	Diagnostics string
	Expression  []string
}

func (r *Report) take(issues []issue) {
	for _, i := range issues {
		r.Notes = append(r.Notes, Note{i.Severity, i.Details.Text, i.Diagnostics, i.Expression})
	}
}

// Print writes the report for people: one line for the document, the resources
// by type, and each note.
func (r *Report) Print(w io.Writer) {
	switch {
	case !r.Accepted:
		fmt.Fprintf(w, "%s: not taken in (%d)\n", r.Document, r.Status)
	case r.Counts["created"]+r.Counts["updated"] == 0:
		fmt.Fprintf(w, "%s: nothing changed, all of it was there already\n", r.Document)
	default:
		fmt.Fprintf(w, "%s: %d created, %d updated, %d unchanged\n", r.Document, r.Counts["created"], r.Counts["updated"], r.Counts["unchanged"])
	}
	if r.Accepted {
		fmt.Fprintf(w, "  patient   %s\n  document  %s\n", r.Patient, r.Reference)
		fmt.Fprintf(w, "  mapped %d, kept as narrative %d, not understood %d\n", r.Counts["mapped"], r.Counts["narrative"], r.Counts["not-understood"])
		fmt.Fprintf(w, "  %s\n", r.byType())
	}
	for _, n := range r.Notes {
		if n.Severity == "information" {
			continue // the counts say it
		}
		fmt.Fprintf(w, "  %s: %s %s\n", n.Severity, n.Text, strings.Join(n.At, " "))
		if n.Detail != "" && !r.Accepted {
			fmt.Fprintf(w, "    %s\n", n.Detail)
		}
	}
}

// byType counts the resources by type: "Condition 3, Patient 1".
func (r *Report) byType() string {
	count := map[string]int{}
	for _, m := range r.Resources {
		typ, _, _ := strings.Cut(m.Location, "/")
		count[typ]++
	}
	var parts []string
	for _, typ := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%s %d", typ, count[typ]))
	}
	return strings.Join(parts, ", ")
}
