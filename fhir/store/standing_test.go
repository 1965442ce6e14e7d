package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// attending is a view of the records of patients who are active, until the moment
// that they say if they say one, as are all whom they link to, while the
// organisation is. It stands for that long.
type attending struct{ clock func() time.Time }

func (v attending) Now() time.Time      { return v.clock() }
func (v attending) Fingerprint() []byte { return []byte("attending") }

func (v attending) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	j, err := v.Judge(ctx, snap, facts)
	return j.Visible, err
}

func (v attending) Alike(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	j, err := v.Judge(ctx, snap, facts)
	return j.Alike, err
}

func (v attending) Judge(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) (j fhir.Judgement, err error) {
	now := v.clock()
	house, err := v.active(ctx, snap, now, "Organization/house", &j)
	if err != nil {
		return j, err
	}
	known := map[string]bool{}
	for i := range facts {
		sees := house
		for _, p := range facts[i].Patients {
			open, asked := known[p]
			if !asked {
				if open, err = v.active(ctx, snap, now, p, &j); err != nil {
					return j, err
				}
				known[p] = open
			}
			sees = sees && open
		}
		j.Visible = append(j.Visible, sees)
		j.Alike = append(j.Alike, !slices.Contains(facts[i].Labels, "each"))
	}
	return j, nil
}

func (v attending) active(ctx context.Context, snap fhir.Snapshot, now time.Time, name string, j *fhir.Judgement) (bool, error) {
	if _, err := snap.Epochs(ctx, []string{name}); err != nil {
		return false, err
	}
	resources, err := snap.Policy(ctx, name)
	if err != nil {
		return false, err
	}
	for _, r := range resources {
		var body struct {
			Active   bool      `json:"active"`
			Deceased time.Time `json:"deceasedDateTime"`
			Link     []struct {
				Other struct{ Reference string }
			} `json:"link"`
		}
		if r.Deleted() || r.Type == "Patient" && r.ID != name || json.Unmarshal(r.Body, &body) != nil || !body.Active {
			continue
		}
		if end := body.Deceased; !end.IsZero() && !now.Before(end) {
			j.Since = later(j.Since, end)
			return false, nil
		} else if !end.IsZero() && (j.Until.IsZero() || end.Before(j.Until)) {
			j.Until = end
		}
		for _, l := range body.Link {
			if open, err := v.active(ctx, snap, now, strings.TrimPrefix(l.Other.Reference, "Patient/"), j); err != nil || !open {
				return false, err
			}
		}
		return true, nil
	}
	return false, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// datesDrawn are dates of every kind that a timeline keeps in its own way.
var datesDrawn = []string{``, `,"effectiveDateTime":"2024-02-29T10:00:00Z"`, `,"effectiveDateTime":"2024-02-29T10:00:00.125Z"`,
	`,"effectiveDateTime":"2024-02-29T10:00:00.123456Z"`, `,"effectiveDateTime":"2024-02-29"`, `,"effectiveDateTime":"2024-02"`, `,"effectiveDateTime":"1850-01-01"`,
	`,"effectiveDateTime":"2025-03-30"`, `,"effectivePeriod":{"start":"2024-02-29T09:00:00Z","end":"2024-02-29T11:00:00Z"}`,
	`,"effectivePeriod":{"start":"2024-01-01","end":"2025-06-30"}`, `,"effectivePeriod":{"start":"2024-03-01"}`}

var countsDrawn = [][]fhir.Param{
	{{Code: "status", Values: []string{"final"}}},
	{{Code: "status", Values: []string{"final"}}, {Code: "date", Values: []string{"ge2024-02-29"}}},
	{{Code: "status", Values: []string{"final"}}, {Code: "date", Values: []string{"ge2024-01-01"}}, {Code: "date", Values: []string{"lt2024-03-01"}}},
	{{Code: "code", Values: []string{"s|a"}}, {Code: "date", Values: []string{"2024-02-29"}}},
	{{Code: "code", Values: []string{"s|a"}}, {Code: "date", Values: []string{"ne2024-02-29", "1850"}}},
	{{Code: "code", Values: []string{"s|a"}}, {Code: "date", Values: []string{"lt2024-02-29T10:00:00.1Z", "gt2024-12-31"}}},
	{{Code: "code", Values: []string{"s|b"}}, {Code: "date", Modifier: "missing", Values: []string{"true"}}},
	{{Code: "code", Values: []string{"s|b"}}, {Code: "date", Values: []string{"ap2024-02-29T10:00"}}},
	{{Code: "code", Values: []string{"s|b"}}},
}

// TestCountsStand: whatever is kept of lists, and of what a view has said of them,
// a count is that of a store that keeps nothing, after every change of records,
// of policies, of whom they rest on, and of the hour.
func TestCountsStand(t *testing.T) {
	reg := registry(t)
	rapid.Check(t, func(rt *rapid.T) {
		e := memory.Open()
		defer e.Close()
		hour := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		opened := func(kept int64, w fhir.Witness) *store.Store {
			s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: w, Kept: kept})
			if err != nil {
				rt.Fatal(err)
			}
			return s
		}
		first := opened(0, &witness{}) // numbers the label, which a store that is open does not learn from another
		labelled := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Basic", ID: "b"}, Body: []byte(`{"resourceType":"Basic","id":"b","meta":{"security":[{"code":"each"}]},"code":{"text":"x"}}`)}
		if err := commit(first, labelled); err != nil {
			rt.Fatal(err)
		}
		first.Close()
		stores := []*store.Store{opened(rapid.SampledFrom([]int64{0, 30_000}).Draw(rt, "kept"), &witness{}), opened(0, nil), opened(-1, nil)}
		for _, s := range stores {
			defer s.Close()
		}
		view := attending{clock: func() time.Time { return hour }}
		if err := commit(stores[0], organization("true"), drawnPatient(rt, "p0"), drawnPatient(rt, "p1"), drawnPatient(rt, "p2")); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			var changes []fhir.Change
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				hour = hour.Add(time.Duration(rapid.IntRange(-30, 60).Draw(rt, "minutes")) * time.Minute)
			case 1:
				changes = append(changes, organization(rapid.SampledFrom([]string{"true", "true", "false"}).Draw(rt, "house")))
			case 2, 3:
				changes = append(changes, drawnPatient(rt, rapid.SampledFrom([]string{"p0", "p1", "p2", "p3"}).Draw(rt, "patient")))
			default:
				for i := range rapid.IntRange(1, 3).Draw(rt, "changes") {
					changes = append(changes, drawnNote(rt, i))
				}
			}
			if len(changes) > 0 {
				if err := commit(stores[0], changes...); err != nil {
					rt.Fatal(err)
				}
			}
			asked := rapid.SampledFrom(countsDrawn).Draw(rt, "count")
			seen := rapid.SampledFrom([]fhir.View{view, view, view, storetest.Hiding("each")}).Draw(rt, "view")
			want := totalOf(rt, stores[2], seen, asked)
			for i, s := range stores {
				for range rapid.IntRange(0, 2).Draw(rt, "times") {
					if got := totalOf(rt, s, seen, asked); got != want {
						rt.Fatalf("store %d counts %d, want %d: %v", i, got, want, asked)
					}
				}
			}
		}
	})
}

func totalOf(t rapid.TB, s *store.Store, view fhir.View, params []fhir.Param) int {
	page, err := s.Search(context.Background(), fhir.Query{Type: "Observation", Within: view, Summary: "count", Params: params})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

func organization(active string) fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Organization", ID: "house"}, Body: fmt.Appendf(nil, `{"resourceType":"Organization","id":"house","active":%s}`, active)}
}

func drawnPatient(t *rapid.T, id string) fhir.Change {
	body := fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":%v`, id, rapid.IntRange(0, 3).Draw(t, "active") > 0)
	if rapid.Bool().Draw(t, "ends") {
		body += fmt.Sprintf(`,"deceasedDateTime":"2026-01-01T00:%02d:00Z"`, rapid.IntRange(0, 59).Draw(t, "end"))
	}
	if other := rapid.SampledFrom([]string{"", "", "p0", "p1", "p3"}).Draw(t, "link"); other > id { // no rings
		body += fmt.Sprintf(`,"link":[{"other":{"reference":"Patient/%s"},"type":"seealso"}]`, other)
	}
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: id}, Body: []byte(body + "}")}
}

func drawnNote(t *rapid.T, i int) fhir.Change {
	c := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: fmt.Sprint("o", i, "-", rapid.IntRange(0, 3).Draw(t, "id"))}}
	if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
		c.Method = fhir.Delete
		return c
	}
	label := rapid.SampledFrom([]string{``, ``, ``, `"meta":{"security":[{"code":"each"}]},`}).Draw(t, "label")
	c.Body = fmt.Appendf(nil, `{"resourceType":"Observation","id":%q,%s"status":%q,"code":{"coding":[{"system":"s","code":%q}]},"subject":{"reference":"Patient/p%d"}%s}`,
		c.Key.ID, label, rapid.SampledFrom([]string{"final", "final", "amended"}).Draw(t, "status"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "code"),
		rapid.IntRange(0, 2).Draw(t, "of"), rapid.SampledFrom(datesDrawn).Draw(t, "date"))
	return c
}
