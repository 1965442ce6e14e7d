package store_test

import (
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv/counting"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// roundTrips is what a page of a search may take, and one more for each link of
// its chains, each further step of an :iterate (docs/adr/0011), and to find the
// systems of codes (docs/adr/0020).
const roundTrips = 3

// further are queries beside the workloads, each with the links and steps that
// may cost one more.
var further = []workload{
	{"id", "Patient?_id=p000003", 1, 0},
	{"id-and-test", "Patient?_id=p000003,p000004&gender=female", 1, 0},
	{"type", "Patient?_count=10", 2, 0},
	{"type-total", "Patient?_count=10&_total=accurate", 2, 0},
	{"last-updated", "Observation?_lastUpdated=gt2020&_count=10", 2, 0},
	{"newest-first", "Observation?_sort=-_lastUpdated&_count=10", 2, 0},
	{"codes", "Observation?code=http://loinc.org|8862-4,http://loinc.org|8863-4&_count=10", 2, 0},
	{"codes-and", "Observation?code=http://loinc.org|8862-4&category=vital-signs&_count=10", 2, 1},
	{"code-not", "Observation?code=http://loinc.org|8862-4&status:not=final", 1, 0},
	{"code-value", "Observation?code=http://loinc.org|8862-4&value-quantity=gt70&_count=5", 2, 0},
	{"code-sorted", "Observation?code=http://loinc.org|8862-4&_sort=-date&_count=5", 2, 0},
	{"string", "Patient?family=mart&_count=5", 2, 0},
	{"string-sorted", "Patient?family=mart&_sort=birthdate&_count=5", 2, 0},
	{"patients", "Observation?patient=p000001,p000002,p000003&_count=10", 2, 0},
	{"patient-elsewhere", "Observation?performer=Practitioner/d1&_count=10", 2, 0},
	{"compartment", "Patient/p000002/Condition?_count=5", 2, 0},
	{"compartment-all", "Patient/p000002/*?_count=10", 2, 0},
	{"two-types", "?_type=Goal,CareTeam&_sort=-_lastUpdated&_count=5", 1, 1}, // one scan for each type
	{"include", "Observation?patient=p000002&_include=Observation:performer&_count=5", 2, 0},
	{"include-all", "CarePlan?patient=p000002&_include=CarePlan:*", 1, 0},
	{"include-after-code", "CarePlan?status=active&_include=CarePlan:goal&_count=5", 2, 0},
	{"revinclude-after-code", "CareTeam?status=active&_revinclude=CarePlan:care-team&_count=5", 2, 1}, // the scan for what refers to them
	{"include-iterate", "CarePlan?patient=p000002&_include=CarePlan:care-team&_include:iterate=CareTeam:participant", 1, 2},
	{"chain", "Observation?subject:Patient.family=martin&_count=5", 1, 1},
	{"chain-two", "CarePlan?goal.subject:Patient.identifier=urn:ins|000002", 1, 2},
	{"has", "Patient?_has:Observation:patient:code=http://loinc.org|8862-4&_count=5", 1, 1},
	{"count-missing", "Observation?date:missing=true&_summary=count", 1, 0},
}

// TestRoundTrips holds the pages of searches to their number of round trips.
func TestRoundTrips(t *testing.T) {
	reg := registry(t)
	e := counting.New(memory.Open())
	s := open(t, e, reg)
	populate(t, s, 30) // 900 Observations: a walk pays, and they are one batch of a scan
	for _, w := range append(workloads, further...) {
		q := w.ask(t, reg, 2)
		for range 2 { // with the epochs unknown, and known
			e.Reset()
			pages := walkPages(t, s, q, w.pages)
			if got, most := e.Trips(), (roundTrips+w.links)*len(pages); got > most {
				t.Errorf("%s: %d round trips for %d pages, want at most %d", w.name, got, len(pages), most)
			}
			if len(pages[0].Matches) == 0 && pages[0].Total < 1 && w.name != "code-not" && w.name != "count-missing" {
				t.Errorf("%s finds nothing", w.name)
			}
		}
	}
}
