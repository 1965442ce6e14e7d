package demo

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// today is a moment at which the table of the package comment holds.
var today = time.Date(2026, 3, 18, 10, 0, 0, 0, time.UTC)

// memory is a fhir.Snapshot over what was put into it.
type memory struct {
	registry  *search.Registry
	resources []fhir.Resource
	epochs    map[string]uint64
}

func newMemory(t testing.TB) *memory {
	t.Helper()
	registry, err := search.New(search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &memory{registry: registry, epochs: map[string]uint64{}}
}

func (m *memory) Epochs(_ context.Context, patients []string) ([]uint64, error) {
	list := make([]uint64, len(patients))
	for i, p := range patients {
		list[i] = m.epochs[p]
	}
	return list, nil
}

func (m *memory) Policy(_ context.Context, patient string) (list []fhir.Resource, err error) {
	for _, r := range m.resources {
		if r.Current().String() == patient {
			return []fhir.Resource{r}, nil
		}
		switch r.Type {
		case "Patient", "CareTeam", "Consent":
			if slices.Contains(r.Facts.Patients, patient) {
				list = append(list, r)
			}
		}
	}
	return list, nil
}

// image is the resource that the node holds, as the organisation would
// contribute it.
func (m *memory) image(n fhirjson.Node, contributor string) fhir.Resource {
	key := fhir.Key{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text(), Version: "1"}
	if key.ID == "" {
		key.ID = fmt.Sprint("new-", len(m.resources))
	}
	facts := fhir.Facts{Key: key.Current(), Contributor: contributor, Patients: m.registry.Patients(key.Type, n, key.ID)}
	for label := range n.At("meta", "security").Items() {
		facts.Labels = append(facts.Labels, label.Get("code").Text())
	}
	return fhir.Resource{Key: key, Effect: fhir.Created, Body: []byte(n.Raw()), Facts: facts}
}

func (m *memory) find(key fhir.Key) *fhir.Resource {
	for i := range m.resources {
		if m.resources[i].Current() == key.Current() {
			return &m.resources[i]
		}
	}
	return nil
}

func (m *memory) put(r fhir.Resource) {
	if old := m.find(r.Key); old != nil {
		*old = r
	} else {
		m.resources = append(m.resources, r)
	}
	for _, p := range r.Facts.Patients {
		m.epochs[p]++
	}
	m.epochs[r.Current().String()]++
}

// point is a decision point over the memory.
func (m *memory) point() *consent.Point {
	return consent.New(consent.Config{Clock: func() time.Time { return today }})
}

// commit lets the principal write every entry of a transaction, and fails the
// test when the decision point refuses one.
func (m *memory) commit(t testing.TB, who auth.Principal, body []byte) {
	t.Helper()
	doc := parse(t, body)
	p := m.point()
	for e := range doc.Root().Get("entry").Items() {
		after := m.image(e.Get("resource"), who.Organization)
		if _, err := p.Write(t.Context(), who, m, m.find(after.Key), &after); err != nil {
			t.Errorf("%s may not write %s: %v", who.Client, after.Current(), err)
		}
		m.put(after)
	}
}

// loaded is the whole territory, each Bundle written by its contributor.
func loaded(t testing.TB) *memory {
	t.Helper()
	m := newMemory(t)
	for _, b := range Bundles() {
		m.commit(t, auth.Principal{Client: b.Name, Organization: b.Contributor, Purpose: auth.PurposeTreatment,
			Roles: []string{auth.RoleContributor, auth.RoleRegistrar}}, b.Body)
	}
	return m
}

func parse(t testing.TB, body []byte) *fhirjson.Doc {
	t.Helper()
	doc, err := fhirjson.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// client returns the principal of a client of the table.
func client(t testing.TB, name string) auth.Principal {
	t.Helper()
	for _, c := range Clients() {
		if c.Name == name {
			p, err := c.Principal()
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
	}
	t.Fatalf("no client %s", name)
	return auth.Principal{}
}
