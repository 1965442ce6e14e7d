package rest

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cordee-sante/cordee/fhir"
)

// ErrorSystem is the code system of issue.details.coding: the stable names of
// docs/errors.md.
const ErrorSystem = "https://github.com/cordee-sante/cordee/blob/main/docs/errors.md"

// translation is the FHIR extension for a string in another language.
const translation = "http://hl7.org/fhir/StructureDefinition/translation"

// maxIssues bounds the faults in an OperationOutcome; a last issue says how many
// were left out. What is told for information was asked for, and is told whole.
const maxIssues = 100

// appendOutcome appends an OperationOutcome with every issue: severity, code,
// the stable name, what failed and how to put it right in the language of the
// client, with the other language beside, the request id and where in the input
// (R4 operationoutcome.html). It is written by hand because it must not fail.
func appendOutcome(b []byte, issues []fhir.Issue, kind fhir.Kind, lang Language, requestID string) []byte {
	b = append(b, `{"resourceType":"OperationOutcome","issue":[`...)
	for i, issue := range issues {
		last := i == maxIssues && issue.Severity != fhir.SeverityInformation
		if last {
			rest := strconv.Itoa(len(issues) - maxIssues)
			issue = fhir.Issue{ID: "rest.more-issues", Severity: fhir.SeverityInformation, Code: fhir.CodeIncomplete,
				Text: fhir.T("%s more issues are not listed.", "%s autres problèmes ne sont pas énumérés.", rest),
				Hint: fhir.T("Put these right first.", "Corrigez d'abord ceux-ci.")}
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = appendIssue(b, issue, kind, lang, requestID)
		if last {
			break
		}
	}
	return append(b, `]}`...)
}

func appendIssue(b []byte, issue fhir.Issue, kind fhir.Kind, lang Language, requestID string) []byte {
	preset := kinds[fhir.Internal]
	if int(kind) < len(kinds) {
		preset = kinds[kind]
	}
	if issue.Code == "" {
		issue.Code = preset.code
	}
	if issue.Text == (fhir.Text{}) {
		issue.Text = preset.text
	}
	if issue.Hint == (fhir.Text{}) {
		issue.Hint = preset.hint
	}
	b = append(b, `{"severity":"`...)
	b = append(b, issue.Severity.String()...)
	b = append(b, `","code":"`...)
	b = append(b, issue.Code...)
	b = append(b, `","details":{`...)
	if issue.ID != "" {
		b = append(b, `"coding":[{"system":"`+ErrorSystem+`","code":`...)
		b = appendString(b, issue.ID)
		b = append(b, `}],`...)
	}
	b = append(b, `"text":`...)
	b = appendString(b, lang.say(issue.Text))
	b = append(b, `,"_text":{"extension":[{"url":"`+translation+`","extension":[{"url":"lang","valueCode":"`...)
	b = append(b, lang.other()...)
	b = append(b, `"},{"url":"content","valueString":`...)
	b = appendString(b, lang.other().say(issue.Text))
	b = append(b, `}]}]}},"diagnostics":`...)
	b = appendString(b, diagnostics(issue.Hint, lang, requestID))
	if issue.At != "" {
		if strings.ContainsAny(issue.At, "/ ") { // XPath, "line 3, column 7": no FHIRPath
			b = append(b, `,"location":[`...)
		} else {
			b = append(b, `,"expression":[`...)
		}
		b = appendString(b, issue.At)
		b = append(b, ']')
	}
	return append(b, '}')
}

// diagnostics is the remedy with the id by which the request is found in logs
// and trail.
func diagnostics(hint fhir.Text, lang Language, requestID string) string {
	s := lang.say(hint)
	if requestID == "" {
		return s
	}
	return s + " [X-Request-Id " + requestID + "]"
}

// appendString appends a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
