package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// samples are records of every sort.
func samples() map[string]Record {
	base := aRead()
	with := func(change func(*Record)) Record {
		r := base
		r.Entries = slices.Clone(base.Entries)
		change(&r)
		return r
	}
	entry := func(typ, id, version string, effect fhir.Effect, patients ...string) Entry {
		return Entry{Key: fhir.Key{Type: typ, ID: id, Version: version}, Effect: effect, Hash: base.Entries[0].Hash, Patients: patients}
	}
	backend := func(r *Record) { r.Agent, r.AgentID, r.AgentName, r.Role = "", "", "", "" }
	return map[string]Record{
		"read":                    base,
		"read-of-two-patients":    with(func(r *Record) { r.Entries = []Entry{entry("Group", "g", "1", 0, "p1", "p2")} }),
		"read-of-no-patient":      with(func(r *Record) { r.Entries = []Entry{entry("Organization", "msp", "1", 0)} }),
		"read-by-backend":         with(backend),
		"read-refused":            with(func(r *Record) { r.Outcome, r.Reason, r.Entries[0].Hash = MinorFailure, "auth.scope", [32]byte{} }),
		"read-by-patient-herself": with(func(r *Record) { r.Agent, r.AgentID, r.Role, r.Purpose = "Patient/p1", "", "", "PATRQT" }),
		"create": with(func(r *Record) {
			r.Interaction, r.Entries = InteractionCreate, []Entry{entry("Observation", "o1", "1", fhir.Created, "p1")}
		}),
		"update": with(func(r *Record) {
			r.Interaction, r.Entries = InteractionUpdate, []Entry{entry("Observation", "o1", "2", fhir.Updated, "p1")}
		}),
		"delete": with(func(r *Record) {
			r.Interaction, r.Entries = InteractionDelete, []Entry{{Key: fhir.Key{Type: "Observation", ID: "o1", Version: "3"}, Effect: fhir.Deleted, Patients: []string{"p1"}}}
		}),
		"search": with(func(r *Record) {
			r.Interaction, r.Query = InteractionSearchType, Query{Clean: "Observation?code=1234-5", Raw: "code=1234-5&_count=10"}
			r.Entries = []Entry{entry("Observation", "o1", "3", 0, "p1"), entry("Observation", "o2", "1", 0, "p2"), entry("Organization", "msp", "1", 0)}
		}),
		"search-without-result": with(func(r *Record) {
			r.Interaction, r.Entries, r.Query = InteractionSearchType, nil, Query{Clean: "Observation?code=1234-5", Raw: "code=1234-5"}
		}),
		"create-unchanged": with(func(r *Record) {
			r.Interaction, r.Entries = InteractionCreate, []Entry{entry("Observation", "o1", "1", fhir.Unchanged, "p1")}
		}),
		"history": with(func(r *Record) { r.Interaction = InteractionHistoryInstance }),
		"transaction": with(func(r *Record) {
			r.Interaction, r.Type = InteractionTransaction, ""
			r.Entries = []Entry{entry("Patient", "p1", "1", fhir.Created, "p1"), entry("Observation", "o1", "2", fhir.Updated, "p1"),
				entry("Organization", "msp", "1", fhir.Unchanged)}
		}),
		"operation": with(func(r *Record) {
			r.Interaction, r.Operation, r.Query = InteractionOperation, "$everything", Query{Clean: "Patient/p1/$everything", Raw: "Patient/p1/$everything"}
		}),
		"token": with(func(r *Record) {
			backend(r)
			r.Interaction, r.Type, r.Entries, r.Query = InteractionToken, "", nil, Query{Clean: "system/Observation.rs", Raw: "grant_type=client_credentials&scope=system%2FObservation.rs"}
		}),
		"login-refused": {Request: "req-1", Address: "peer.example.fr", Interaction: InteractionLogin, Outcome: MinorFailure, Reason: "auth.token"},
		"officer-search": with(func(r *Record) {
			r.Interaction, r.Type, r.Query = InteractionSearchType, "AuditEvent", Query{Clean: "AuditEvent?date=ge2026", Raw: "date=ge2026"}
			r.Entries = []Entry{{Key: fhir.Key{Type: "AuditEvent", ID: "7-0", Version: "1"}, Patients: []string{"p1", "p2"}}}
		}),
		"emergency": with(func(r *Record) {
			r.Interaction, r.Type, r.Entries, r.Patients, r.Purpose = InteractionEmergencyStart, "", nil, []string{"p1"}, "ETREAT"
		}),
		"start": {Interaction: InteractionStart, Query: Query{Clean: "key gw+1234"}},
		"alarm": {Interaction: InteractionAlarm, Outcome: MajorFailure, Reason: "trail.store-lost", Entries: []Entry{{Key: fhir.Key{Type: "Observation", ID: "o1", Version: "4"}}}},
	}
}

func aHappened(r Record, ended ending) *happened {
	it := Item{Seq: 42, Time: time.Date(2026, 11, 21, 22, 0, 0, 123e6, time.UTC), Kind: KindRequest, Record: r.normal()}
	return &happened{it, ended}
}

var testGateway = gateway{server: "gw.example.fr", base: testBase, site: "gateway"}

// Every sort of record renders as the events that IHE BALP wants, byte for
// byte, and as valid R4 AuditEvents.
func TestRenderedEvents(t *testing.T) {
	for name, r := range samples() {
		t.Run(name, func(t *testing.T) {
			goldenEvents(t, name, aHappened(r, asRecorded))
		})
	}
	for name, ended := range map[string]ending{"not-applied": notApplied, "found-taken": foundTaken, "found-failed": foundFailed} {
		t.Run(name, func(t *testing.T) {
			goldenEvents(t, name, aHappened(samples()["create"], ended))
		})
	}
}

func goldenEvents(t *testing.T, name string, h *happened) {
	t.Helper()
	var all bytes.Buffer
	for i, e := range h.events() {
		if e.n != i {
			t.Errorf("event %d has number %d", i, e.n)
		}
		r, err := testGateway.render(e)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhirjson.Parse(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, issue := range profile.Validate(doc) {
			if issue.Severity == fhir.SeverityError {
				t.Errorf("event %d is no valid AuditEvent: %s %s", i, issue.At, issue.Text.EN)
			}
		}
		if want, _ := registry(); want != nil {
			if got := want.Patients("AuditEvent", doc.Root(), r.ID); fmt.Sprint(got) != fmt.Sprint(r.Facts.Patients) {
				t.Errorf("event %d lies in the compartments of %v, its facts say %v", i, got, r.Facts.Patients)
			}
		}
		if err := json.Indent(&all, r.Body, "", "  "); err != nil {
			t.Fatal(err)
		}
		all.WriteByte('\n')
	}
	golden(t, "events/"+name+".json", all.Bytes())
}

// BALP: one event for each patient whom a query found something of.
func TestOneQueryEventPerPatient(t *testing.T) {
	h := aHappened(samples()["search"], asRecorded)
	var about []string
	for _, e := range h.events() {
		about = append(about, e.patient)
	}
	if got := strings.Join(about, ","); got != "p1,p2," {
		t.Errorf("events about %q, want p1, p2 and one about nobody", got)
	}
}

// What may not leave: nothing of a token but its id, no secret of a request.
func TestRenderedEventsHoldNoSecret(t *testing.T) {
	r := samples()["token"]
	for _, e := range aHappened(r, asRecorded).events() {
		res, err := testGateway.render(e)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(res.Body, []byte(`"entity"`)); n > 1 || bytes.Contains(res.Body, []byte("XrequestId")) {
			t.Errorf("IUA.71 has room for the token request alone: %s", res.Body)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	h := aHappened(aRead(), asRecorded)
	for b.Loop() {
		for _, e := range h.events() {
			if _, err := testGateway.render(e); err != nil {
				b.Fatal(err)
			}
		}
	}
}
