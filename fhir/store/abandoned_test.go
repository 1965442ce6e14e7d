package store_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// An abandoned is an engine whose caller goes away after so many entries and
// keys were read, and which counts what is read afterwards.
type abandoned struct {
	kv.Engine
	left   atomic.Int64 // until the caller goes away
	read   atomic.Int64
	after  atomic.Int64 // begun to be read since
	cancel context.CancelFunc
}

func (e *abandoned) View(ctx context.Context, f func(kv.Reader) error) error {
	return e.Engine.View(ctx, func(r kv.Reader) error { return f(&leaving{r, e}) })
}

func (e *abandoned) count(n int) {
	e.read.Add(int64(n))
	before := e.left.Add(int64(-n)) + int64(n)
	switch {
	case before <= 0:
		e.after.Add(int64(n))
	case before <= int64(n):
		e.cancel()
	}
}

type leaving struct {
	kv.Reader
	e *abandoned
}

func (r *leaving) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	values, err := r.Reader.Get(ctx, keys...)
	if err == nil {
		r.e.count(len(keys))
	}
	return values, err
}

func (r *leaving) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for e, err := range r.Reader.Scan(ctx, ranges...) {
			if err == nil {
				r.e.count(1)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (r *leaving) Estimate(ctx context.Context, ranges ...kv.Range) ([]int64, error) {
	return kv.Estimate(ctx, r.Reader, ranges...)
}

// Every kind of source, test, order, count, link and inclusion that reads more
// than a page.
var longQueries = []string{
	"Observation?_count=200", "Observation?status:not=amended&_count=200", // the type
	"Observation?code=http://loinc.org|8862-4", "Observation?code=http://loinc.org|8862-4&category=vital-signs&performer=Practitioner/d1", // postings, met
	"Observation?code=http://loinc.org|8862-4&value-quantity=gt70", "Observation?date=ge2024&_count=200", "Observation?_lastUpdated=gt2020&_count=200", // ranges, rows, versions
	"Observation?_sort=date&_count=200", "Observation?_sort=status,-date&_count=200", "Observation?_sort=value-string,-date", "Observation?_sort=-value-string", // walks, to their end
	"Observation?code=http://loinc.org|8862-4&_sort=value-quantity", "Observation?patient=p000001,p000002,p000003&_sort=date", // in memory
	"Observation?_sort=-_lastUpdated&_count=200", "Observation?_sort=_lastUpdated&_count=200", "?_type=Observation,Condition&_sort=-_lastUpdated,_id", "?_sort=-_lastUpdated",
	"Observation?_summary=count", "Observation?code=http://loinc.org|8862-4&_summary=count", "Observation?date=ge2024&_summary=count", "Observation?code=http://loinc.org|8862-4&value-quantity=gt70&_summary=count",
	"Observation?_total=accurate&_count=1", "?_type=Observation,Condition&_total=accurate&_count=1", "Observation?_sort=date&_total=accurate&_count=1",
	"Observation?subject:Patient.family=martin", "CarePlan?goal.subject:Patient.birthdate=lt2000", "Patient?_has:Observation:patient:status=final", // links
	"Patient?_include=Patient:general-practitioner&_revinclude=Observation:subject", "CarePlan?_include=CarePlan:*", "CarePlan?_include=CarePlan:care-team&_include:iterate=CareTeam:participant", "Patient?_revinclude=*",
	"Patient/p000002/*?_count=100", "Patient/p000002/Observation", "Patient/p000002/*?_sort=-_lastUpdated", "Practitioner/d1/*", // compartments
	"Observation?_content=heart&_count=200", "Observation?_filter=status%20eq%20final%20and%20not(code%20eq%208862-4)&_count=200",
	"Observation?_contained=both&_sort=date", "Observation?code:in=urn:vs&_count=200", "Observation?code:not-in=urn:vs&_count=200", "Observation?_list=l",
}

// TestAbandonedSearchesStop: whoever goes away at any moment of a search is not
// read for any longer, whatever the search is made of.
func TestAbandonedSearchesStop(t *testing.T) {
	reg := registry(t)
	e := &abandoned{Engine: memory.Open(), cancel: func() {}}
	s := open(t, e, reg)
	populate(t, s, 12)
	for _, body := range []string{
		`{"resourceType":"ValueSet","id":"v","url":"urn:vs","status":"active","compose":{"include":[{"system":"http://loinc.org","concept":[{"code":"8862-4"},{"code":"8863-4"}]}]}}`,
		`{"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{"item":{"reference":"Observation/p000001-o01"}},{"item":{"reference":"Observation/p000002-o02"}}]}`,
		`{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p000001"},"contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"}}],"medicationCodeableConcept":{"text":"x"}}`,
	} {
		key := fhir.Key{Type: strings.Split(body, `"`)[3], ID: strings.Split(body, `"`)[7]}
		if _, err := s.Commit(t.Context(), []fhir.Change{{Method: fhir.Update, Key: key, Body: []byte(body)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range longQueries {
		q := parse(t, reg, text)
		q.Within = storetest.Everything
		e.abandon(t, text, func(ctx context.Context) error { _, err := s.Search(ctx, q); return err })
	}
	for _, typ := range []string{"", "Observation"} {
		q := fhir.HistoryQuery{Type: typ, Within: storetest.Everything, Count: 200}
		e.abandon(t, "history of "+typ, func(ctx context.Context) error { _, err := s.History(ctx, q); return err })
	}
	e.abandon(t, "check", func(ctx context.Context) error {
		_, err := store.Check(ctx, store.CheckConfig{Engine: e, Registry: reg})
		return err
	})
}

// abandon does something whole, and then goes away at several moments of it.
func (e *abandoned) abandon(t *testing.T, what string, do func(context.Context) error) {
	t.Helper()
	const never = 1 << 40
	e.cancel = func() {}
	e.left.Store(never)
	e.read.Store(0)
	if err := do(t.Context()); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	whole := e.read.Load()
	if whole < 2 {
		t.Errorf("%s reads %d: it is not long", what, whole)
	}
	for _, at := range []int64{1, 1 + whole/3, 1 + whole*2/3} {
		ctx, cancel := context.WithCancel(t.Context())
		e.cancel = cancel
		e.left.Store(at)
		e.after.Store(0)
		err := do(ctx)
		if err != nil && !errors.Is(err, context.Canceled) || at == 1 && err == nil {
			t.Errorf("%s, left after %d of %d: %v", what, at, whole, err)
		}
		if after := e.after.Load(); after > 0 {
			t.Errorf("%s, left after %d of %d: %d read since", what, at, whole, after)
		}
		cancel()
	}
	e.cancel = func() {}
}
