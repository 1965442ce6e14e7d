package demo

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	engine "github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/profile"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

// silence is a witness of a store without trail.
type silence struct{}

func (silence) Attest([]fhir.Attestation) (uint64, error) { return 1, nil }
func (silence) Settle(uint64, error)                      {}

// opened is a store that holds nothing, and a decision point over it.
func opened(t *testing.T) (*store.Store, *consent.Point) {
	t.Helper()
	registry, err := search.New(search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return today }
	s, err := store.Open(store.Config{Engine: engine.Open(), Registry: registry, Validate: profile.Validate, Witness: silence{}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, consent.New(consent.Config{Clock: clock})
}

// transact commits a transaction Bundle as the guard would for the principal.
func transact(t *testing.T, s *store.Store, p *consent.Point, who auth.Principal, body []byte) error {
	t.Helper()
	view, err := p.View(t.Context(), who, "Bundle")
	if err != nil {
		t.Fatal(err)
	}
	var changes []fhir.Change
	for e := range parse(t, body).Root().Get("entry").Items() {
		c := fhir.Change{Method: fhir.Create, Key: fhir.Key{Type: e.At("resource", "resourceType").Text()}, Body: []byte(e.Get("resource").Raw()),
			FullURL: e.Get("fullUrl").Text(), Contributor: who.Organization, Within: view,
			Permit: func(snap fhir.Snapshot, before, after *fhir.Resource) error {
				_, err := p.Write(context.Background(), who, snap, before, after)
				return err
			}}
		if e.At("request", "method").Text() == "PUT" {
			c.Method, c.Key.ID = fhir.Update, e.At("resource", "id").Text()
		}
		changes = append(changes, c)
	}
	_, err = s.Commit(t.Context(), changes)
	return err
}

// seeded is a store that holds the territory, each Bundle judged as a write of
// its contributor.
func seeded(t *testing.T) (*store.Store, *consent.Point) {
	t.Helper()
	s, p := opened(t)
	for _, b := range Bundles() {
		who := auth.Principal{Client: "demo", Organization: b.Contributor, Purpose: auth.PurposeTreatment, Roles: []string{auth.RoleContributor, auth.RoleRegistrar}}
		if err := transact(t, s, p, who, b.Body); err != nil {
			t.Fatalf("%s: %v", b.Name, err)
		}
	}
	return s, p
}

// The territory loads into the store under the decision point, and every client
// finds there what it sees, by search as by table.
func TestTerritoryInTheStore(t *testing.T) {
	s, p := seeded(t)
	pharmacy := client(t, "pharmacy")
	if err := transact(t, s, p, pharmacy, Interview()); err != nil {
		t.Fatalf("interview: %v", err)
	}
	for range 2 {
		if err := transact(t, s, p, client(t, "loader"), loadedPatient(1)); err != nil {
			t.Fatalf("loader: %v", err)
		}
	}
	want := table(t)
	for _, c := range Clients() {
		view, err := p.View(t.Context(), client(t, c.Name), "Patient")
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Search(t.Context(), fhir.Query{Type: "Patient", Count: 100, Total: fhir.TotalAccurate, Within: view})
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		var found []string
		for _, r := range page.Matches {
			found = append(found, r.ID)
		}
		if page.Total != len(found) {
			t.Errorf("%s: total %d of %d", c.Name, page.Total, len(found))
		}
		for id, row := range want {
			sees := row[c.Name] == "team" || row[c.Name] == "consent" || row[c.Name] == "own" && contributed(c, id)
			if slices.Contains(found, id) != sees {
				t.Errorf("%s finds %s: %v; documented: %s", c.Name, id, !sees, row[c.Name])
			}
		}
	}
}

// contributed reports whether the client's organisation contributed the Patient
// itself: who sees its own records of a patient need not see the Patient.
func contributed(c Client, patient string) bool {
	for _, b := range Bundles() {
		doc, err := fhirjson.Parse(b.Body)
		if err != nil || b.Contributor != c.Organization {
			continue
		}
		for e := range doc.Root().Get("entry").Items() {
			if e.At("request", "url").Text() == "Patient/"+patient {
				return true
			}
		}
	}
	return false
}

// A revocation holds for the next search (C05).
func TestC05RevocationInTheStore(t *testing.T) {
	s, p := seeded(t)
	practice, outsider := client(t, "practice"), client(t, "outsider")
	outsider.Practitioner, outsider.Profession = "Practitioner/physician", "10"
	view, err := p.View(t.Context(), outsider, "Patient")
	if err != nil {
		t.Fatal(err)
	}
	finds := func() bool {
		page, err := s.Search(t.Context(), fhir.Query{Type: "Observation", Within: view, Count: 50})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Matches) > 0
	}
	put := func(body []byte) {
		t.Helper()
		id := parse(t, body).Root().Get("id").Text()
		text := `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT","url":"Consent/` + id + `"},"resource":` + string(body) + `}]}`
		if err := transact(t, s, p, practice, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if finds() {
		t.Error("the outsider sees Observations before the consent")
	}
	put(OutsideConsent())
	if !finds() {
		t.Error("the outsider sees no Observation with the consent")
	}
	revoked := fhirjson.Splice(parse(t, OutsideConsent()), fhirjson.Replace(parse(t, OutsideConsent()).Root().Get("status"), `"inactive"`))
	put(revoked)
	if finds() {
		t.Error("the outsider sees Observations after the consent was revoked")
	}
}
