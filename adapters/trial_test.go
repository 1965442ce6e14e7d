package adapters_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// TestTryTellsWhatAcceptDoes: a trial stores nothing, and names the transaction
// and the fate that Accept then has.
func TestTryTellsWhatAcceptDoes(t *testing.T) {
	s := newShelf()
	for _, step := range []struct {
		name              string
		data              []byte
		known, superseded bool
	}{
		{"new", further(t, "2"), false, false},
		{"the same", further(t, "2"), true, false},
		{"late", document(t, "vsm-complet"), false, true},
		{"later", further(t, "3"), false, false},
	} {
		in := adaptertest.Input(step.data)
		before, commits := len(s.kept), s.commits
		trial, err := s.intake().Try(context.Background(), in)
		if err != nil || len(s.kept) != before || s.commits != commits {
			t.Fatalf("%s: %v, %d commits", step.name, err, s.commits-commits)
		}
		result := s.accept(t, step.data)
		if trial.Known != step.known || trial.Superseded != step.superseded || result.Known != step.known || result.Superseded != step.superseded {
			t.Errorf("%s: known %v, superseded %v", step.name, trial.Known, trial.Superseded)
		}
		if trial.Report.Counts() != result.Report.Counts() || !step.known && len(trial.Changes) != len(result.Resources) {
			t.Errorf("%s: %d changes became %d resources", step.name, len(trial.Changes), len(result.Resources))
		}
	}
}

func TestTryTellsOfQuarantine(t *testing.T) {
	b := newBook()
	refusing := intake(b)
	refusing.Validate = func([]byte) error {
		return fhir.Errorf(fhir.Unprocessable, "test", "test.refused", fhir.CodeProcessing, "", fhir.T("no", "non"), fhir.Text{})
	}
	for _, c := range []struct {
		name string
		i    *adapters.Intake
		data []byte
		id   string
	}{
		{"unknown format", intake(b), []byte("MSH|^~\\&|"), "intake.unknown-format"},
		{"not valid", refusing, document(t, "vsm-complet"), "test.refused"},
	} {
		trial, err := c.i.Try(context.Background(), adaptertest.Input(c.data))
		if err != nil || trial.Quarantine == nil || trial.Quarantine.Issues[0].ID != c.id || len(b.kept) > 0 {
			t.Errorf("%s: %v, %v, %d kept", c.name, trial.Quarantine, err, len(b.kept))
		}
	}
	if _, err := (&adapters.Intake{}).Try(context.Background(), adaptertest.Input([]byte("x"))); fhir.KindOf(err) != fhir.Internal {
		t.Errorf("the zero Intake: %v", err)
	}
}

// TestDryRun: the answer holds the transaction that a client could send itself.
func TestDryRun(t *testing.T) {
	b := newBook()
	for data, want := range map[string]string{string(document(t, "vsm-complet")): "transaction", "MSH|^~\\&|": ""} {
		answer, err := operation(b).Accept(context.Background(), adapters.Delivery{Body: []byte(data), DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		doc := parse(answer)
		if issues := profile.Validate(doc); len(issues) > 0 {
			t.Errorf("the answer is not valid: %+v", issues)
		}
		var names []string
		bundle := ""
		for p := range doc.Root().Get("parameter").Items() {
			names = append(names, p.Get("name").Text())
			bundle += p.At("resource", "type").Text()
		}
		if names[0] != "dry-run" || bundle != want || strings.Contains(strings.Join(names, " "), "quarantine") != (want == "") {
			t.Errorf("got %v with a Bundle %q", names, bundle)
		}
	}
	if b.commits > 0 {
		t.Error("something was stored")
	}
}
