package profile

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// TestExamples validates a selection of the official examples (CC0-1.0, see
// NOTICE of package r4); not one has an error.
func TestExamples(t *testing.T) {
	validateFiles(t, nil, filepath.Join("testdata", "r4", "*.json"))
}

// TestPackageExamples validates every resource of the published package, the
// definitions included.
func TestPackageExamples(t *testing.T) {
	dir := os.Getenv("FHIR_R4_PACKAGE")
	if dir == "" {
		t.Skip("FHIR_R4_PACKAGE does not name the unpacked npm package hl7.fhir.r4.examples 4.0.1 (see fhir/r4/gen/README.md)")
	}
	if testing.Short() {
		t.Skip("some 5,300 files take a while")
	}
	validateFiles(t, map[string]string{
		"SearchParameter-codesystem-extensions-*.json":                                             "no base",
		"SearchParameter-valueset-extensions-*.json":                                               "no base",
		"SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": "an id of more than 64 characters",
		"package.json": "is no resource",
		"ig-r4.json":   "is no resource",

		"ActivityDefinition-blood-tubes-supply.json":        "empty narrative (txt-2)",
		"ActivityDefinition-heart-valve-replacement.json":   "empty narrative (txt-2)",
		"EventDefinition-example.json":                      "empty narrative (txt-2)",
		"Questionnaire-zika-virus-exposure-assessment.json": "empty narrative (txt-2)",
		"DeviceMetric-example.json":                         "parent refers to a DeviceDefinition",
		"DeviceUseStatement-example.json":                   "reasonReference refers to a type that is not among the targets",
		"MedicationRequest-medrx0301.json":                  "dispenseRequest.performer refers to a Practitioner",
		"Observation-clinical-gender.json":                  "performer refers to an Encounter",
		"Questionnaire-qs1.json":                            "items without linkId",
		"ImplementationGuide-fhir.json":                     "no name, no status, an id of more than 64 characters",
	}, filepath.Join(dir, "*.json"))
}

// TestSamples validates the FHIR that others published, when it lies beside
// the project. What fails is at fault itself.
func TestSamples(t *testing.T) {
	root := sharedSamples(t)
	validateFiles(t, map[string]string{
		"Organization-pp19dp-organization-eg-cab.json":          "an address line that is an object",
		"Bundle-cds-bundle-transaction-creation-example.json":   "no type; managingOrganization is not an array",
		"CareTeam-cds-careteam-example.json":                    "managingOrganization is not an array",
		"DocumentReference-exemple-pdsm-documentreference.json": "a contained resource with meta.lastUpdated (dom-4)",
		"List-ExampleSubmissionSet.json":                        "contained resources with meta.versionId and lastUpdated (dom-4)",
		"Subscription-sub1.json":                                "reason is an array",
		"Bundle-Presc-Capecitabine-Dose-Calculee.json":          "a reference to what another entry contains (ref-1)",
		"csv-condition-bundle.json":                             "YYYY-MM-DD for a dateTime; statuses of no value set",
		"csv-medication-request-bundle.json":                    "YYYY-MM-DD for a dateTime; codes of no value set",
		"bundle-questionnaire.json":                             "items without linkId",
		"devicemetric-example.json":                             "parent refers to a DeviceDefinition",
		"deviceusestatement-example.json":                       "reasonReference refers to a type that is not among the targets",
		"medicationrequest0301.json":                            "dispenseRequest.performer refers to a Practitioner",
	}, filepath.Join(root, "fhir", "*", "*.json"))
}

// sharedSamples finds the samples beside the module's root.
func sharedSamples(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			samples := filepath.Join(dir, "..", "shared", "samples")
			if _, err := os.Stat(samples); err == nil {
				return samples
			}
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Skip("../shared/samples is not there")
	return ""
}

// validateFiles validates the files of a pattern. Those that a pattern in
// faulty matches must have an error and all others none.
func validateFiles(t *testing.T, faulty map[string]string, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file %s: %v", pattern, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		doc, err := fhirjson.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		issues := slices.DeleteFunc(Validate(doc), func(i fhir.Issue) bool { return i.Severity != fhir.SeverityError })
		why, known := faultOf(faulty, name)
		switch {
		case known && len(issues) == 0:
			t.Errorf("%s has no error, but it should: %s", name, why)
		case !known && len(issues) > 0:
			t.Errorf("%s:\n%s", name, describe(issues))
		}
	}
}

func faultOf(faulty map[string]string, name string) (why string, known bool) {
	for pattern, why := range faulty {
		if ok, _ := filepath.Match(pattern, name); ok {
			return why, true
		}
	}
	return "", false
}

func describe(issues []fhir.Issue) string {
	var lines []string
	for _, i := range issues[:min(len(issues), 5)] {
		lines = append(lines, i.ID+" "+i.At)
	}
	return strings.Join(lines, "\n")
}
