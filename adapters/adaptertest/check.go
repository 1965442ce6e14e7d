package adaptertest

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// Now is the time at which tests receive documents.
var Now = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// Input returns the input for a document of a test.
func Input(data []byte) adapters.Input {
	return adapters.Input{Bytes: data, Source: "test", Organization: "Organization/sender", Now: Now, Mode: adapters.Integration, Every: true}
}

// Check converts a document and reports every rule that is broken. It returns
// the conversion, and the error of a document that is refused, which must be a
// *fhir.Error of kind Unprocessable or TooLarge with a place.
func Check(t testing.TB, a adapters.Adapter, in adapters.Input) (adapters.Conversion, error) {
	t.Helper()
	c, err := a.Convert(context.Background(), in)
	if err != nil {
		checkRefusal(t, err)
		return c, err
	}
	docs := parse(t, c.Changes)
	checkChanges(t, c.Changes, docs)
	checkReferences(t, c.Changes, docs, in)
	checkReport(t, &c.Report, c.Changes, docs)
	checkOriginal(t, c.Changes, docs, in)
	checkRepeatable(t, a, in, c)
	return c, nil
}

func checkRefusal(t testing.TB, err error) {
	t.Helper()
	e, ok := err.(*fhir.Error)
	switch {
	case !ok:
		t.Errorf("refused with %T, want *fhir.Error: %v", err, err)
	case e.Kind != fhir.Unprocessable && e.Kind != fhir.TooLarge:
		t.Errorf("refused as %s", e.Kind)
	case len(e.Issues) == 0 || e.Issues[0].ID == "" || e.Issues[0].At == "" || e.Issues[0].Text.EN == "" || e.Issues[0].Text.FR == "":
		t.Errorf("the refusal lacks name, place or text: %+v", e.Issues)
	}
}

// parse reads and validates every body.
func parse(t testing.TB, changes []fhir.Change) []*fhirjson.Doc {
	t.Helper()
	docs := make([]*fhirjson.Doc, len(changes))
	for i, c := range changes {
		body := fhir.Whole(c.Body, c.Content)
		doc, err := fhirjson.ParseLimits(body, fhirjson.Limits{Bytes: 100 << 20})
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.FullURL, err, body)
		}
		docs[i] = doc
		if c.Key.Type == "Binary" && len(body) > 1<<20 {
			continue
		}
		for _, issue := range profile.Validate(doc) {
			if issue.Severity == fhir.SeverityError {
				t.Errorf("%s: %s at %s: %s", c.FullURL, issue.ID, issue.At, issue.Text.EN)
			}
		}
	}
	return docs
}

// checkChanges: one fullUrl each, ids that are ids, updates with an id, creates
// with a condition.
func checkChanges(t testing.TB, changes []fhir.Change, docs []*fhirjson.Doc) {
	t.Helper()
	seen := map[string]bool{}
	for i, c := range changes {
		if c.FullURL == "" || seen[c.FullURL] {
			t.Errorf("fullUrl %q is missing or taken", c.FullURL)
		}
		seen[c.FullURL] = true
		root := docs[i].Root()
		if root.Get("resourceType").Text() != c.Key.Type || root.Get("id").Text() != c.Key.ID && c.Method == fhir.Update {
			t.Errorf("%s: key %v does not fit the body", c.FullURL, c.Key)
		}
		switch c.Method {
		case fhir.Update:
			if !fhir.ValidID(c.Key.ID) || c.FullURL != c.Key.String() {
				t.Errorf("%s: update of %v", c.FullURL, c.Key)
			}
		case fhir.Create:
			if c.IfNoneExist == nil || c.IfNoneExist.Type != c.Key.Type || len(c.IfNoneExist.Params) == 0 {
				t.Errorf("%s: a create that would be repeated", c.FullURL)
			}
		default:
			t.Errorf("%s: method %s", c.FullURL, c.Method)
		}
	}
}

// checkReferences: every reference leads to a resource of the transaction, to a
// contained one, or to the sender.
func checkReferences(t testing.TB, changes []fhir.Change, docs []*fhirjson.Doc, in adapters.Input) {
	t.Helper()
	known := map[string]bool{in.Organization: true}
	for _, c := range changes {
		known[c.FullURL] = true
	}
	for i, doc := range docs {
		for node := range fhirjson.References(doc) {
			to := node.Text()
			if strings.HasPrefix(to, "#") || node.Name() != "reference" || known[to] {
				continue
			}
			t.Errorf("%s refers to %s, which is nowhere", changes[i].FullURL, to)
		}
	}
}

// checkOriginal: a Binary holds the bytes, a DocumentReference describes it, one
// Provenance names every resource that belongs to the document.
func checkOriginal(t testing.TB, changes []fhir.Change, docs []*fhirjson.Doc, in adapters.Input) {
	t.Helper()
	kept, described, targets, provenances := false, false, map[string]bool{}, 0
	for i, c := range changes {
		root := docs[i].Root()
		switch c.Key.Type {
		case "Binary":
			data, err := base64.StdEncoding.DecodeString(root.Get("data").Text())
			kept = kept || err == nil && bytes.Equal(data, in.Bytes)
			if !strings.HasPrefix(root.Get("securityContext").Get("reference").Text(), "DocumentReference/") {
				t.Errorf("%s: readers are not those of a document", c.FullURL)
			}
		case "DocumentReference":
			described = true
		case "Provenance":
			provenances++
			for target := range root.Get("target").Items() {
				targets[target.Get("reference").Text()] = true
			}
		}
	}
	if !kept || !described || provenances != 1 {
		t.Errorf("original kept %t, described %t, %d Provenance", kept, described, provenances)
	}
	for _, c := range changes {
		if c.Method == fhir.Update && !targets[c.FullURL] {
			t.Errorf("%s has no Provenance", c.FullURL)
		}
	}
}

// checkRepeatable: received again, another day, the document gives the same
// changes but for the time in Provenance, which is only created once.
func checkRepeatable(t testing.TB, a adapters.Adapter, in adapters.Input, c adapters.Conversion) {
	t.Helper()
	in.Now = in.Now.Add(30 * 24 * time.Hour)
	again, err := a.Convert(context.Background(), in)
	if err != nil || len(again.Changes) != len(c.Changes) {
		t.Fatalf("received again: %d changes instead of %d, %v", len(again.Changes), len(c.Changes), err)
	}
	for i := range c.Changes {
		before, after := c.Changes[i], again.Changes[i]
		if before.FullURL != after.FullURL || before.Key != after.Key {
			t.Errorf("received again, %s is %s", before.FullURL, after.FullURL)
		}
		if before.Key.Type != "Provenance" && (!bytes.Equal(before.Body, after.Body) || !bytes.Equal(before.Content, after.Content)) {
			t.Errorf("received again, %s differs\n%s\n%s", before.FullURL, before.Body, after.Body)
		}
	}
}
