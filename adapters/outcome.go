package adapters

import (
	"encoding/json"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// outcomeIssues bounds the places that an OperationOutcome names one by one;
// the report as JSON has them all.
const outcomeIssues = 200

// JSON returns the whole report, one object per item.
func (r *Report) JSON() ([]byte, error) {
	type warning struct {
		ID   string    `json:"id"`
		At   string    `json:"at,omitempty"`
		Text fhir.Text `json:"text"`
	}
	warnings := make([]warning, len(r.Warnings))
	for i, w := range r.Warnings {
		warnings[i] = warning{w.ID, w.At, w.Text}
	}
	return json.Marshal(struct {
		*Report
		Counts   Counts    `json:"counts"`
		Warnings []warning `json:"warnings,omitempty"`
	}{r, r.Counts(), warnings})
}

// Outcome returns the report as an OperationOutcome: one issue that counts,
// the warnings, a warning for every place that was not understood, and an
// information that names the elements which hold narrative.
func (r *Report) Outcome() []byte { return r.outcome("").JSON() }

func (r *Report) contained() *draft.Object { return &r.outcome("report").Object }

func (r *Report) outcome(id string) *draft.Resource {
	o := draft.New("OperationOutcome", id)
	for _, issue := range r.Issues() {
		o.Add("issue", outcomeIssue(issue))
	}
	if len(r.texts) > 0 {
		o.Add("issue", r.narrative())
	}
	return o
}

// Issues returns the report as issues, in the order of Outcome, but for the last.
func (r *Report) Issues() []fhir.Issue {
	counts := r.Counts()
	issues := []fhir.Issue{{ID: "mapping.counts", Severity: fhir.SeverityInformation, Code: fhir.CodeInformational,
		Text: fhir.T("%d items mapped, %d kept as narrative, %d not understood.",
			"%d éléments convertis, %d gardés en texte, %d non compris.", counts.Mapped, counts.Narrative, counts.NotUnderstood)}}
	issues = append(issues, r.Warnings...)
	more := 0
	for i := range r.Items {
		item := &r.Items[i]
		if item.Fate != NotUnderstood {
			continue
		}
		if len(issues) >= outcomeIssues {
			more++
			continue
		}
		issues = append(issues, item.issue())
	}
	if more > 0 {
		issues = append(issues, fhir.Issue{ID: "mapping.more", Severity: fhir.SeverityWarning, Code: fhir.CodeIncomplete,
			Text: fhir.T("%d more items were not understood.", "%d autres éléments n’ont pas été compris.", more)})
	}
	return issues
}

// issue says that an item was not understood. It names the kind and the place,
// never the value.
func (i *Item) issue() fhir.Issue {
	issue := fhir.Issue{ID: i.Reason, Severity: fhir.SeverityWarning, Code: fhir.CodeNotSupported, At: i.Source,
		Text: fhir.T("No element was made of this item (%s).", "Aucun élément n’a été fait de cette donnée (%s).", i.Kind)}
	if issue.ID == "" {
		issue.ID = "mapping.no-place"
	}
	if i.Line > 0 {
		issue.Hint = fhir.T("Line %d of the source; the original keeps it.", "Ligne %d de la source ; l’original la conserve.", i.Line)
	}
	return issue
}

// narrative says which elements hold what is kept as text.
func (r *Report) narrative() *draft.Object {
	o := outcomeIssue(fhir.Issue{ID: "mapping.narrative", Severity: fhir.SeverityInformation, Code: fhir.CodeInformational,
		Text: fhir.T("%d texts are kept as narrative.", "%d textes sont gardés en texte lisible.", r.counts.Narrative)})
	for _, path := range r.texts {
		o.AddText("expression", path)
	}
	return o
}

// outcomeIssue writes an issue as package rest does: the stable name, French
// with English beside it, and the place as XPath or FHIRPath.
func outcomeIssue(i fhir.Issue) *draft.Object {
	translation := new(draft.Object).Set("url", "http://hl7.org/fhir/StructureDefinition/translation").
		Add("extension", new(draft.Object).Set("url", "lang").Set("value|Code", "en")).
		Add("extension", new(draft.Object).Set("url", "content").Set("value|String", i.Text.EN))
	details := new(draft.Object).
		Add("coding", new(draft.Object).Set("system", "https://github.com/cordee-sante/cordee/blob/main/docs/errors.md").Set("code", i.ID)).
		Set("text", i.Text.FR).Put("_text", new(draft.Object).Add("extension", translation))
	o := new(draft.Object).Set("severity", i.Severity.String()).Set("code", string(i.Code)).
		Put("details", details).Set("diagnostics", i.Hint.FR)
	switch {
	case i.At == "":
	case i.At[0] == '/':
		o.AddText("location", i.At)
	default:
		o.AddText("expression", i.At)
	}
	return o
}
