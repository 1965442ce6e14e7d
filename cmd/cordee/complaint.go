package main

import (
	"errors"
	"strings"

	"github.com/cordee-sante/cordee/cmd/cordee/caller"
	"github.com/cordee-sante/cordee/fhir"
)

// complaint is what a failed command tells, line by line: each issue of an
// error of ours with its remedy, or the text of any other error.
func complaint(err error) []string {
	var e *fhir.Error
	if !errors.As(err, &e) {
		return strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' })
	}
	var lines []string
	for _, i := range e.Issues {
		lines = append(lines, strings.TrimSpace(spoken(i.Text)+" "+spoken(i.Hint)))
	}
	return lines
}

// spoken is a text in the language of the terminal.
func spoken(t fhir.Text) string {
	if caller.Language() == "fr" {
		return t.FR
	}
	return t.EN
}
