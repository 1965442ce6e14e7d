package caller

import (
	"fmt"
	"io"
	"regexp"
)

// An issue is what is read of OperationOutcome.issue.
type issue struct {
	Severity string
	Details  struct {
		Coding []struct{ Code string }
		Text   string
		Other  translations `json:"_text"`
	}
	Diagnostics          string
	Expression, Location []string
}

// translations are those of a string element
// (http://hl7.org/fhir/StructureDefinition/translation).
type translations struct {
	Extension []struct {
		Extension []struct {
			URL         string
			ValueCode   string
			ValueString string
		}
	}
}

// text is details.text in a language: as it stands when there is no other.
func (i issue) text(language string) string {
	for _, t := range i.Details.Other.Extension {
		code, content := "", ""
		for _, part := range t.Extension {
			switch part.URL {
			case "lang":
				code = part.ValueCode
			case "content":
				content = part.ValueString
			}
		}
		if code == language && content != "" {
			return content
		}
	}
	return i.Details.Text
}

// id is the stable name of docs/errors.md.
func (i issue) id() string {
	if len(i.Details.Coding) == 0 {
		return ""
	}
	return i.Details.Coding[0].Code
}

var requestID = regexp.MustCompile(` ?\[X-Request-Id [^\]]*\]$`)

// remedy is what diagnostics say, without the id of the request, which is in a
// header too.
func (i issue) remedy() string { return requestID.ReplaceAllString(i.Diagnostics, "") }

func (i issue) brief(w io.Writer) {
	fmt.Fprintf(w, "  %s: %s\n", i.Severity, i.Details.Text)
	if remedy := i.remedy(); remedy != "" {
		fmt.Fprintf(w, "    %s\n", remedy)
	}
}
