package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// filled is a trail with one record of every sort, an hour apart, and the ids
// of the events that each made.
func filled(t *testing.T) (*Trail, map[string][]string) {
	cfg := testConfig(t)
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	cfg.Clock = func() time.Time { return now }
	tr := open(t, cfg)
	ids := map[string][]string{}
	all := samples()
	for _, name := range slices.Sorted(mapKeys(all)) {
		now = now.Add(time.Hour)
		seq := tr.log.Next()
		record(t, tr, all[name])
		for i := range aHappened(all[name], asRecorded).events() {
			ids[name] = append(ids[name], fmt.Sprintf("%d-%d", seq, i))
		}
	}
	return tr, ids
}

func mapKeys(m map[string]Record) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestSearchParameters(t *testing.T) {
	tr, ids := filled(t)
	tests := []struct {
		query string
		want  []string // names of samples, "name/n" for one event of them
	}{
		{"date=ge2026-11-01&patient=Patient/p2", []string{"search/1", "read-of-two-patients/1"}},
		{"date=ge2026-11-01&patient=p2", []string{"search/1", "read-of-two-patients/1"}},
		{"date=ge2026-11-01&patient=" + testBase + "/Patient/p2", []string{"search/1", "read-of-two-patients/1"}},
		{"date=ge2026-11-01&patient=p2&patient=p1", nil},
		{"date=ge2026-11-01&patient=nobody", nil},
		{"date=ge2026-11-01&subtype=transaction", []string{"transaction/0"}},
		{"date=ge2026-11-01&subtype=http://hl7.org/fhir/restful-interaction|delete", []string{"delete"}},
		{"date=ge2026-11-01&subtype=http://example.org/other|delete", nil},
		{"date=ge2026-11-01&action=D", []string{"delete"}},
		{"date=ge2026-11-01&action:not=E,R,C,U", []string{"delete"}},
		{"date=ge2026-11-01&outcome=4", []string{"read-refused", "login-refused"}},
		{"date=ge2026-11-01&outcome=http://hl7.org/fhir/audit-event-outcome|12", []string{"alarm"}},
		{"date=ge2026-11-01&outcome=4,12&patient=p1", []string{"read-refused"}},
		{"date=ge2026-11-01&type=http://dicom.nema.org/resources/ontology/DCM|110101", []string{"officer-search"}},
		{"date=ge2026-11-01&entity=Observation/o2", []string{"search/1"}},
		{"date=ge2026-11-01&entity=Patient/p2", []string{"search/1", "read-of-two-patients/1"}},
		{"date=ge2026-11-01&entity=Patient/p2,Group/g", []string{"search/1", "read-of-two-patients"}},
		{"date=ge2026-11-01&entity:Patient=p2", []string{"search/1", "read-of-two-patients/1"}},
		{"date=ge2026-11-01&entity=Group/g", []string{"read-of-two-patients"}},
		{"date=ge2026-11-01&entity=Observation/o1/_history/1", []string{"create", "create-unchanged"}},
		{"date=ge2026-11-01&entity:identifier=req-1", []string{"login-refused"}},
		{"date=ge2026-11-01&address=peer", []string{"login-refused"}},
		{"date=ge2026-11-01&agent=Patient/p1", []string{"read-by-patient-herself"}},
		{"date=ge2026-11-01&agent:identifier=89990000001&action=D", []string{"delete"}},
		{"date=ge2026-11-01&agent:identifier=https://rpps.esante.gouv.fr|89990000001&action=D", []string{"delete"}},
		{"date=ge2026-11-01&agent:identifier=app-1&action=D", []string{"delete"}},
		{"date=ge2026-11-01&altid=app-1&action=D", []string{"delete"}},
		{"date=ge2026-11-01&agent=Organization/msp&action=D", []string{"delete"}},
		{"date=ge2026-11-01&agent-name=dr%20test&action=D", []string{"delete"}},
		{"date=ge2026-11-01&policy=CareTeam/ct/_history/2&action=D", []string{"delete"}},
		{"date=ge2026-11-01&policy=urn:cordee:rule:consent.care-team&action=D", []string{"delete"}},
		{"date=ge2026-11-01&entity-role=24&patient=p2", []string{"search/1"}},
		{"date=ge2026-11-01&source:identifier=gw.example.fr&action=D", []string{"delete"}},
		{"date=ge2026-11-01&site=gateway", nil},
		{"date=2026-11-01T01", nil}, // refused below: not a date
		{"date=lt2026-11-01T01:30:00Z&action=E&outcome=12", []string{"alarm"}},
		{"date=lt2026-11-01T00:59:00Z&outcome=12", nil},
		{"date=ge2026-11-01&date=lt2026-11-01T01:30:00Z&outcome=12", []string{"alarm"}},
		{"date=ge2099", nil},
		{"date=lt1950", nil},
		{"date=ne2026-11-01&action=D", nil},
		{"date=ge2026-11-01&_id=1-0", []string{"alarm"}},
	}
	for _, tt := range tests {
		q, err := parse(tr, tt.query)
		if tt.query == "date=2026-11-01T01" {
			if err == nil {
				t.Errorf("%s: an hour without minutes is no date", tt.query)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		q.Within, q.Total = everything{}, fhir.TotalAccurate
		page := found(t, tr, q)
		var want []string
		for _, name := range tt.want {
			name, n, one := strings.Cut(name, "/")
			for i, id := range ids[name] {
				if !one || fmt.Sprint(i) == n {
					want = append(want, id)
				}
			}
		}
		got := idsOf(page)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || page.Total != len(want) {
			t.Errorf("%s\n found %v, total %d\n want  %v %v", tt.query, got, page.Total, want, tt.want)
		}
	}
}

func parse(tr *Trail, query string) (fhir.Query, error) {
	var pairs []search.Pair
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, search.Pair{Name: name, Value: strings.ReplaceAll(value, "%20", " ")})
	}
	q, _, _, err := search.Parse(tr.cfg.Registry, search.Request{Type: "AuditEvent", Values: pairs, Strict: true})
	return q, err
}

func idsOf(p fhir.Page) (ids []string) {
	for _, m := range p.Matches {
		ids = append(ids, m.ID)
	}
	return ids
}

// Pages hold every event once, newest first, whatever their size, also when
// events are added while somebody pages.
func TestPagingIsStableUnderAppends(t *testing.T) {
	tr, _ := filled(t)
	all := found(t, tr, ask(t, tr, "date", "ge2020", "_count", "1000"))
	for _, size := range []string{"1", "2", "3", "7"} {
		var got []string
		q := ask(t, tr, "date", "ge2020", "_count", size)
		for {
			page := found(t, tr, q)
			got = append(got, idsOf(page)...)
			record(t, tr, aRead())
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if want := idsOf(all); !slices.Equal(got[len(got)-len(want):], want) {
			t.Errorf("pages of %s: %v\nwant the last to be %v", size, got, want)
		}
		if s := slices.Sorted(slices.Values(got)); len(slices.Compact(s)) != len(got) {
			t.Errorf("pages of %s: an event came twice: %v", size, got)
		}
		all = found(t, tr, ask(t, tr, "date", "ge2020", "_count", "1000"))
	}
}

func TestOrder(t *testing.T) {
	tr, _ := filled(t)
	down := found(t, tr, ask(t, tr, "date", "ge2020", "_sort", "-date"))
	up := found(t, tr, ask(t, tr, "date", "ge2020", "_sort", "date"))
	for _, p := range []struct {
		page fhir.Page
		sign int
	}{{down, -1}, {up, 1}} {
		if !slices.IsSortedFunc(p.page.Matches, func(a, b fhir.Resource) int { return p.sign * a.LastUpdated.Compare(b.LastUpdated) }) {
			t.Errorf("not in order: %v", idsOf(p.page))
		}
	}
	var pages []string
	q := ask(t, tr, "date", "ge2020", "_sort", "date", "_count", "4")
	for {
		page := found(t, tr, q)
		pages = append(pages, idsOf(page)...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if !slices.Equal(pages, idsOf(up)) {
		t.Errorf("pages upwards: %v\nwant %v", pages, idsOf(up))
	}
	for _, sort := range []string{"patient", "-action"} {
		if _, err := tr.Search(t.Context(), ask(t, tr, "date", "ge2020", "_sort", sort)); kindOfError(err) != fhir.Malformed {
			t.Errorf("_sort=%s: %v", sort, err)
		}
	}
}

// A11: a cursor is of one caller and one question.
func TestA11CursorIsBound(t *testing.T) {
	tr, _ := filled(t)
	q := ask(t, tr, "date", "ge2020", "_count", "2")
	next := found(t, tr, q).Next
	other := ask(t, tr, "date", "ge2020", "action", "R", "_count", "2")
	patient := q
	patient.Within = about("p1")
	for name, tampered := range map[string]func() (fhir.Query, string){
		"of another question": func() (fhir.Query, string) { return other, next },
		"of another caller":   func() (fhir.Query, string) { return patient, next },
		"edited":              func() (fhir.Query, string) { return q, next[:10] + "A" + next[11:] + "" },
		"cut":                 func() (fhir.Query, string) { return q, next[:20] },
		"invented":            func() (fhir.Query, string) { return q, "page2" },
	} {
		q, cursor := tampered()
		if cursor == next && name == "edited" {
			continue
		}
		q.Cursor = cursor
		if _, err := tr.Search(context.Background(), q); kindOfError(err) != fhir.Malformed {
			t.Errorf("a cursor %s: %v, want Malformed", name, err)
		}
	}
	q.Cursor = next
	found(t, tr, q)
}

// The view decides inside the search: totals, pages and reads are those of a
// trail that holds nothing else.
func TestViewIsHonoured(t *testing.T) {
	tr, _ := filled(t)
	q := ask(t, tr, "date", "ge2020", "_total", "accurate", "_count", "3")
	q.Within = about("p2")
	var got []string
	for {
		page := found(t, tr, q)
		if page.Total != 2 {
			t.Errorf("total %d, want the 2 events about p2", page.Total)
		}
		for _, m := range page.Matches {
			if !slices.Equal(m.Facts.Patients, []string{"p2"}) {
				t.Errorf("%s is about %v", m.ID, m.Facts.Patients)
			}
			got = append(got, m.ID)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if len(got) != 2 {
		t.Errorf("found %v", got)
	}
	q.Cursor, q.Within = "", failing{}
	if _, err := tr.Search(t.Context(), q); err == nil {
		t.Error("a view that failed let something be seen")
	}
	q.Within = short{}
	if _, err := tr.Search(t.Context(), q); err == nil {
		t.Error("a view that answered for fewer events let something be seen")
	}
}

// failing asks for policies, and there is no snapshot.
type failing struct{ everything }

func (failing) Sees(ctx context.Context, snap fhir.Snapshot, _ []fhir.Facts) ([]bool, error) {
	_, err := snap.Epochs(ctx, []string{"p1"})
	return nil, err
}

type short struct{ everything }

func (short) Sees(context.Context, fhir.Snapshot, []fhir.Facts) ([]bool, error) {
	return []bool{true}, nil
}

func TestSummaryCount(t *testing.T) {
	tr, _ := filled(t)
	page := found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p2", "_summary", "count"))
	if len(page.Matches) != 0 || page.Total != 2 {
		t.Errorf("%d matches, total %d; want none and 2", len(page.Matches), page.Total)
	}
}

func TestCompartmentSearch(t *testing.T) {
	tr, _ := filled(t)
	q := ask(t, tr, "date", "ge2020")
	q.Compartment = fhir.Key{Type: "Patient", ID: "p2"}
	if page := found(t, tr, q); len(page.Matches) != 2 {
		t.Errorf("found %v, want the 2 events about p2", idsOf(page))
	}
	q.Compartment = fhir.Key{Type: "Encounter", ID: "e"}
	if _, err := tr.Search(t.Context(), q); kindOfError(err) != fhir.Malformed {
		t.Errorf("compartment of an encounter: %v", err)
	}
}

// ITI-81 asks by patient.identifier: the store knows whose it is.
func TestChainIsResolvedByTheStore(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	q := ask(t, tr, "date", "ge2020", "patient.identifier", "urn:oid:1.2.250.1.213.1.4.10|1")
	if _, err := tr.Search(t.Context(), q); kindOfError(err) != fhir.Malformed {
		t.Errorf("a chain with nobody to resolve it: %v", err)
	}
	tr.cfg.Resolve = func(_ context.Context, types []string, p fhir.Param) ([]fhir.Key, error) {
		if !slices.Equal(types, []string{"Patient"}) || p.Code != "identifier" {
			t.Errorf("asked for %v of %v", p, types)
		}
		if p.Values[0] != "urn:oid:1.2.250.1.213.1.4.10|1" {
			return nil, nil
		}
		return []fhir.Key{{Type: "Patient", ID: "p1"}}, nil
	}
	record(t, tr, aRead())
	if page := found(t, tr, q); len(page.Matches) != 1 {
		t.Errorf("found %v, want the read of p1", idsOf(page))
	}
	q = ask(t, tr, "date", "ge2020", "patient.identifier", "unknown")
	if page := found(t, tr, q); len(page.Matches) != 0 {
		t.Errorf("found %v for an unknown patient", idsOf(page))
	}
}

func TestReadFindsWhatSearchFound(t *testing.T) {
	tr, _ := filled(t)
	for _, m := range found(t, tr, ask(t, tr, "date", "ge2020", "_count", "1000")).Matches {
		r, err := tr.Read(t.Context(), m.Key)
		if err != nil || string(r.Body) != string(m.Body) || !slices.Equal(r.Facts.Patients, m.Facts.Patients) {
			t.Errorf("Read(%s) differs from what was found (%v)", m.Key, err)
		}
	}
	for _, id := range []string{"1", "1-", "-1", "01-0", "1-00", "1-99", "99999-0", "x-y", "1--1", "18446744073709551616-0"} {
		if _, err := tr.Read(t.Context(), fhir.Key{Type: "AuditEvent", ID: id}); kindOfError(err) != fhir.NotFound {
			t.Errorf("Read(%q) = %v, want NotFound", id, err)
		}
	}
	if _, err := tr.Read(t.Context(), fhir.Key{Type: "AuditEvent", ID: "1-0", Version: "2"}); kindOfError(err) != fhir.NotFound {
		t.Errorf("Read of version 2 = %v, want NotFound", err)
	}
}
