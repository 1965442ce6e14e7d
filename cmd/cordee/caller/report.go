package caller

// A Report is what became of one document, as the gateway tells it.
type Report struct {
	Document   string         `json:"document"` // name of the file
	Status     int            `json:"status"`   // of the HTTP answer
	Accepted   bool           `json:"accepted"`
	DryRun     bool           `json:"dryRun,omitempty"`     // nothing was stored: what would be
	Known      bool           `json:"known,omitempty"`      // the same bytes were taken in before
	Superseded bool           `json:"superseded,omitempty"` // a later edition is there already
	Patient    string         `json:"patient,omitempty"`
	Reference  string         `json:"reference,omitempty"` // DocumentReference of the original
	Counts     map[string]int `json:"counts,omitempty"`
	Resources  []Made         `json:"resources,omitempty"`
	Notes      []Note         `json:"notes,omitempty"`
	Items      []Item         `json:"items,omitempty"` // when they were asked for
}

// Made is one resource of the transaction; of a dry run, what would be requested.
type Made struct {
	Location string `json:"location"`
	Status   string `json:"status"` // "201 Created"; "PUT" of a dry run
}

// A Note is one issue of the gateway's OperationOutcome, in both languages.
type Note struct {
	ID       string   `json:"id,omitempty"` // see docs/errors.md
	Severity string   `json:"severity"`
	EN       string   `json:"en"`
	FR       string   `json:"fr"`
	Detail   string   `json:"detail,omitempty"`
	At       []string `json:"at,omitempty"` // FHIRPath of the resource, or XPath of the document
}

// An Item is one coded value, quantity, date, name, text … of the document.
type Item struct {
	Kind     string `json:"kind"`
	Fate     string `json:"fate"`   // "mapped", "narrative" or "not-understood"
	Source   string `json:"source"` // XPath
	Line     int    `json:"line,omitempty"`
	Resource string `json:"resource,omitempty"`
	Path     string `json:"path,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

func (r *Report) note(issues []issue) {
	for _, i := range issues {
		at := i.Expression
		if len(at) == 0 {
			at = i.Location
		}
		r.Notes = append(r.Notes, Note{i.id(), i.Severity, i.text("en"), i.text("fr"), i.remedy(), at})
	}
}
