package adaptertest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/fhir"
)

// broken is an adapter that breaks a rule.
type broken struct {
	cda.Adapter
	spoil func(*adapters.Conversion)
	err   error
}

func (b broken) Convert(ctx context.Context, in adapters.Input) (adapters.Conversion, error) {
	if b.err != nil {
		return adapters.Conversion{}, b.err
	}
	c, err := b.Adapter.Convert(ctx, in)
	b.spoil(&c)
	return c, err
}

// listener hears what a check reports instead of failing.
type listener struct {
	testing.TB
	heard []string
}

func (l *listener) Helper() {}
func (l *listener) Errorf(format string, args ...any) {
	l.heard = append(l.heard, fmt.Sprintf(format, args...))
}
func (l *listener) Fatalf(format string, args ...any) { l.Errorf(format, args...); panic(l) }

func (l *listener) check(a adapters.Adapter, in adapters.Input) {
	defer func() {
		if r := recover(); r != nil && r != any(l) {
			panic(r)
		}
	}()
	adaptertest.Check(l, a, in)
}

func change(c *adapters.Conversion, resourceType string) *fhir.Change {
	for i := range c.Changes {
		if c.Changes[i].Key.Type == resourceType {
			return &c.Changes[i]
		}
	}
	return nil
}

func replace(resourceType, from, to string) func(*adapters.Conversion) {
	return func(c *adapters.Conversion) {
		at := change(c, resourceType)
		at.Body = bytes.Replace(at.Body, []byte(from), []byte(to), 1)
	}
}

// TestCheckHears: each rule is told apart from its breach, and a conversion
// that keeps them all is left in peace.
func TestCheckHears(t *testing.T) {
	data, err := os.ReadFile("../cda/testdata/vsm-minimal.xml")
	if err != nil {
		t.Fatal(err)
	}
	in := adaptertest.Input(data)
	toggle := false
	for name, test := range map[string]struct {
		adapter broken
		want    string
	}{
		"good":             {broken{spoil: func(*adapters.Conversion) {}}, ""},
		"no JSON":          {broken{spoil: func(c *adapters.Conversion) { c.Changes[0].Body = []byte("{") }}, "{"},
		"not valid":        {broken{spoil: replace("Composition", `"status":"`, `"status":"x`)}, "Composition.status"},
		"unknown element":  {broken{spoil: replace("Composition", `"status"`, `"statuss"`)}, "profile."},
		"dangling":         {broken{spoil: replace("Composition", `"subject":{"reference":"urn:uuid:`, `"subject":{"reference":"urn:uuid:0`)}, "nowhere"},
		"no fullUrl":       {broken{spoil: func(c *adapters.Conversion) { change(c, "Composition").FullURL = "" }}, "fullUrl"},
		"other key":        {broken{spoil: func(c *adapters.Conversion) { change(c, "Composition").Key.ID = "other" }}, "does not fit"},
		"no condition":     {broken{spoil: func(c *adapters.Conversion) { change(c, "Patient").IfNoneExist = nil }}, "repeated"},
		"a delete":         {broken{spoil: func(c *adapters.Conversion) { change(c, "Composition").Method = fhir.Delete }}, "method"},
		"other bytes kept": {broken{spoil: func(c *adapters.Conversion) { change(c, "Binary").Content = []byte("other") }}, "original"},
		"item twice":       {broken{spoil: func(c *adapters.Conversion) { c.Report.Items[1].Source = c.Report.Items[0].Source }}, "item"},
		"no place":         {broken{spoil: func(c *adapters.Conversion) { c.Report.Items[0].Path = "Composition.nothing" }}, "nothing"},
		"not the same":     {broken{spoil: func(c *adapters.Conversion) { toggle = !toggle; c.Changes[0].FullURL += fmt.Sprint(toggle) }}, ""},
		"plain error":      {broken{err: errors.New("no")}, "want *fhir.Error"},
		"our fault":        {broken{err: &fhir.Error{Kind: fhir.Internal}}, "refused as"},
		"no reason":        {broken{err: &fhir.Error{Kind: fhir.Unprocessable}}, "lacks name"},
	} {
		l := &listener{TB: t}
		l.check(test.adapter, in)
		heard := strings.Join(l.heard, "\n")
		if (name == "good") != (heard == "") || !strings.Contains(heard, test.want) {
			t.Errorf("%s: heard %q, want %q", name, heard, test.want)
		}
	}
}
