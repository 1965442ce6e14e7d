package adaptertest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Records is a repository in memory for what reads: by key, by _id, by
// identifier and by the patient whom subject or patient names. What is Withheld
// is absent.
type Records struct {
	List     []fhir.Resource
	Withheld map[fhir.Key]bool
}

// NewRecords returns a repository of the resources.
func NewRecords(t testing.TB, bodies ...string) *Records {
	t.Helper()
	records := &Records{Withheld: map[fhir.Key]bool{}}
	for _, body := range bodies {
		doc, err := fhirjson.Parse([]byte(body))
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		key := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text(), Version: "1"}
		records.List = append(records.List, fhir.Resource{Key: key, Body: []byte(body), Facts: fhir.Facts{Key: key.Current()}})
	}
	return records
}

// Read returns a resource.
func (m *Records) Read(_ context.Context, key fhir.Key) (fhir.Resource, error) {
	for _, r := range m.List {
		if r.Current() == key.Current() && !m.Withheld[r.Current()] {
			return r, nil
		}
	}
	return fhir.Resource{}, fhir.Errorf(fhir.NotFound, "adaptertest", "resource.not-found", fhir.CodeNotFound, "", fhir.Text{}, fhir.Text{})
}

// Search returns everything that matches, on one page.
func (m *Records) Search(_ context.Context, q fhir.Query) (page fhir.Page, err error) {
	for _, r := range m.List {
		if m.Withheld[r.Current()] || q.Type != "" && r.Type != q.Type || len(q.Types) > 0 && !slices.Contains(q.Types, r.Type) {
			continue
		}
		doc, err := fhirjson.Parse(r.Body)
		if err != nil {
			return page, err
		}
		if within(r, doc.Root(), q) {
			page.Matches = append(page.Matches, r)
		}
	}
	return page, nil
}

func within(r fhir.Resource, root fhirjson.Node, q fhir.Query) bool {
	if q.Compartment.ID != "" && root.At("subject", "reference").Text() != q.Compartment.String() &&
		root.At("patient", "reference").Text() != q.Compartment.String() && r.Current() != q.Compartment {
		return false
	}
	for _, p := range q.Params {
		switch p.Code {
		case "_id":
			if !slices.Contains(p.Values, r.ID) {
				return false
			}
		case "identifier":
			found := false
			for i := range root.Get("identifier").Items() {
				found = found || slices.Contains(p.Values, strings.Join([]string{i.Get("system").Text(), i.Get("value").Text()}, "|"))
			}
			if !found {
				return false
			}
		}
	}
	return true
}
