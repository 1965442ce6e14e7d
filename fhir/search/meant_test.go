package search

import (
	"errors"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
)

// B14: what was probably meant is told of the parameters of every search, of
// modifiers and of the types of a chain as well.
func TestParseDidYouMeanElse(t *testing.T) {
	for query, near := range map[string]string{
		"_coutn=1":                               "_count",
		"_sumary=count":                          "_summary",
		"_srot=name":                             "_sort",
		"_filtr=name eq a":                       "_filter",
		"_includ=Patient:link":                   "_include",
		"_lst=42":                                "_list",
		"_hsa:Observation:patient:code=a":        "_has",
		"_contnt=a":                              "_content",
		"_lastupdated=2026":                      "_lastUpdated",
		"name:exat=a":                            ":exact",
		"identifier:oftype=a":                    ":of-type",
		"birthdate:mising=true":                  ":missing",
		"general-practitioner:Practicioner=1":    ":Practitioner",
		"general-practitioner:Pratitioner.name=": "Practitioner",
		"link:Patent.name=a":                     "Patient",
		"link:patient.name=a":                    "Patient",
		"_elements=nam":                          "name",
		"_elements=id,deceasedBoolean":           "deceased",
	} {
		_, _, _, err := parse(t, "Patient", query, true)
		var e *fhir.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if hint := e.Issues[0].Hint; !strings.HasPrefix(hint.EN, "Did you mean "+near+"? ") || !strings.HasPrefix(hint.FR, "Vouliez-vous dire "+near+" ? ") || len(hint.EN) < 40 {
			t.Errorf("%s: %+v", query, hint)
		}
	}
}

// What takes no modifier says so, and what would be read of it is told.
func TestParseModifierOfNothing(t *testing.T) {
	for _, query := range []string{"_content:missing=true", "_filter:not=a", "_list:not=a", "_count:exact=1"} {
		_, _, _, err := parse(t, "Patient", query, true)
		var e *fhir.Error
		if !errors.As(err, &e) || e.Issues[0].ID != "search.unknown-modifier" || !strings.Contains(e.Issues[0].Text.EN+e.Issues[0].Hint.EN, "takes no modifier") {
			t.Errorf("%s: %+v", query, e)
		}
	}
}
