package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

const eyeColour = "Patient.extension('http://example.org/eyes').value"

func searchParameter(id, code, expression, status string) fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "SearchParameter", ID: id}, Body: fmt.Appendf(nil,
		`{"resourceType":"SearchParameter","id":"%s","url":"http://example.org/%s","name":"X","status":"%s","description":"x","code":"%s","base":["Patient"],"type":"token","expression":"%s"}`,
		id, id, status, code, expression)}
}

func eyes(id, colour string) fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: id}, Body: fmt.Appendf(nil,
		`{"resourceType":"Patient","id":"%s","extension":[{"url":"http://example.org/eyes","valueCode":"%s"}]}`, id, colour)}
}

// found searches as a client would: through the language.
func found(s *store.Store, reg *search.Registry, query string) ([]string, error) {
	pairs, err := search.Pairs(query)
	if err != nil {
		return nil, err
	}
	q, _, _, err := search.Parse(reg, search.Request{Type: "Patient", Values: pairs, Strict: true})
	if err != nil {
		return nil, err
	}
	q.Within, q.Count = storetest.Everything, 1000
	page, err := s.Search(context.Background(), q)
	var ids []string
	for _, m := range page.Matches {
		ids = append(ids, m.ID)
	}
	return ids, err
}

// until waits until the custom parameters are in the state, "" for none left.
func until(t *testing.T, s *store.Store, state string) {
	t.Helper()
	for range 2000 {
		list := s.Customs()
		if state == "" && len(list) == 0 || len(list) > 0 && !slices.ContainsFunc(list, func(c store.CustomStatus) bool { return c.State != state }) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never %s: %+v", state, s.Customs())
}

func customStore(t *testing.T, e kv.Engine) (*store.Store, *search.Registry) {
	t.Helper()
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); sound(t, e, reg) })
	return s, reg
}

// TestCustomParameter follows one through its life: defined over what is there
// already, ready, changed, retired, swept.
func TestCustomParameter(t *testing.T) {
	s, reg := customStore(t, memory.Open())
	must := func(c ...fhir.Change) {
		t.Helper()
		if err := commit(s, c...); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		must(eyes(fmt.Sprintf("p%03d", i), []string{"brown", "blue"}[i%2]))
	}
	must(searchParameter("eyes", "eyes", eyeColour, "active"))
	until(t, s, "ready")
	if ids, err := found(s, reg, "eyes=blue"); err != nil || len(ids) != 100 {
		t.Errorf("%d, %v", len(ids), err)
	}
	must(eyes("p001", "green"))
	if ids, err := found(s, reg, "eyes=green&_sort=eyes"); err != nil || !slices.Equal(ids, []string{"p001"}) {
		t.Errorf("%v, %v", ids, err)
	}
	must(searchParameter("eyes", "iris", eyeColour, "active"))
	until(t, s, "ready")
	if _, err := found(s, reg, "eyes=blue"); fhir.KindOf(err) != fhir.Malformed {
		t.Errorf("the code of before is found: %v", err)
	}
	if ids, err := found(s, reg, "iris=blue"); err != nil || len(ids) != 99 {
		t.Errorf("%d, %v", len(ids), err)
	}
	must(searchParameter("eyes", "iris", eyeColour, "retired"))
	if _, err := found(s, reg, "iris=blue"); fhir.KindOf(err) != fhir.Malformed {
		t.Errorf("it is retired and found: %v", err)
	}
	until(t, s, "")
}

// TestCustomParameterMissesNoWrite writes from several sides while definitions
// come and go: when all is done the index says what the bodies say, and every
// write is found.
func TestCustomParameterMissesNoWrite(t *testing.T) {
	s, reg := customStore(t, memory.Open())
	var wg sync.WaitGroup
	last := make([]string, 90)
	for w := range 3 {
		wg.Go(func() {
			for i := range 200 {
				n := w + 3*(i*7%30)
				last[n] = fmt.Sprintf("c%d", i)
				if err := commit(s, eyes(fmt.Sprintf("p%02d", n), last[n])); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 6 {
		status := []string{"active", "retired"}[i%2]
		if err := commit(s, searchParameter("a", "eyes", eyeColour, "active"), searchParameter("b", "iris", eyeColour, status)); err != nil {
			t.Error(err)
		}
		time.Sleep(3 * time.Millisecond)
	}
	wg.Wait()
	if err := commit(s, searchParameter("b", "iris", eyeColour, "active")); err != nil {
		t.Error(err)
	}
	until(t, s, "ready")
	for n, colour := range last {
		for _, code := range []string{"eyes", "iris"} {
			if ids, err := found(s, reg, code+"="+colour); err != nil || !slices.Contains(ids, fmt.Sprintf("p%02d", n)) {
				t.Errorf("%s of p%02d: %v, %v", code, n, ids, err)
			}
		}
	}
}

// TestCustomParameterResumes closes the store in the middle of indexing: a
// search is refused until all is done, by the store that is opened next too.
func TestCustomParameterResumes(t *testing.T) {
	e := &slow{Engine: memory.Open()}
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 400 {
		if err := commit(s, eyes(fmt.Sprintf("p%03d", i), "brown")); err != nil {
			t.Fatal(err)
		}
	}
	e.delay.Store(int64(20 * time.Millisecond))
	if err := commit(s, searchParameter("eyes", "eyes", eyeColour, "active")); err != nil {
		t.Fatal(err)
	}
	for s.Customs()[0].Percent == 0 {
		time.Sleep(time.Millisecond)
	}
	for _, query := range []string{"eyes=brown", "_sort=eyes", "eyes:missing=true", "_has:Observation:patient:code=x&eyes:not=x"} {
		if _, err := found(s, reg, query); err == nil || !strings.Contains(err.Error(), "search.indexing") {
			t.Errorf("%s while it is indexed: %v", query, err)
		}
	}
	if slices.ContainsFunc(reg.Params("Patient"), func(p *search.Param) bool { return p.Code == "eyes" }) {
		t.Error("it is listed before it is ready")
	}
	s.Close()
	e.delay.Store(0)
	sound(t, e, reg) // what is half done is left out
	s, reg = customStore(t, e)
	until(t, s, "ready")
	if ids, err := found(s, reg, "eyes=brown"); err != nil || len(ids) != 400 {
		t.Errorf("%d, %v", len(ids), err)
	}
}

// TestA11CustomParameterCursor: a page in the order of a parameter is not gone on
// with in the order of another of the same name.
func TestA11CustomParameterCursor(t *testing.T) {
	s, reg := customStore(t, memory.Open())
	for i := range 6 {
		if err := commit(s, eyes(fmt.Sprintf("p%d", i), []string{"brown", "blue"}[i%2])); err != nil {
			t.Fatal(err)
		}
	}
	page := func(cursor string) (fhir.Page, error) {
		pairs, _ := search.Pairs("_sort=mine")
		q, _, _, err := search.Parse(reg, search.Request{Type: "Patient", Values: pairs, Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		q.Within, q.Count, q.Cursor = storetest.Everything, 2, cursor
		return s.Search(context.Background(), q)
	}
	define := func(expression string) {
		t.Helper()
		if err := commit(s, searchParameter("mine", "mine", expression, "active")); err != nil {
			t.Fatal(err)
		}
		until(t, s, "ready")
	}
	define(eyeColour)
	first, err := page("")
	if err != nil || first.Next == "" {
		t.Fatal(err)
	}
	if next, err := page(first.Next); err != nil || len(next.Matches) != 2 {
		t.Errorf("%d, %v", len(next.Matches), err)
	}
	define("Patient.active")
	if next, err := page(first.Next); fhir.KindOf(err) != fhir.Malformed {
		t.Errorf("%d matches in another order, %v", len(next.Matches), err)
	}
	define(eyeColour)
	if next, err := page(first.Next); err != nil || len(next.Matches) != 2 {
		t.Errorf("defined as before: %d, %v", len(next.Matches), err)
	}
}

// TestCustomParameterRefusals: what a definition must not do.
func TestCustomParameterRefusals(t *testing.T) {
	s, reg := customStore(t, memory.Open())
	if err := commit(s, searchParameter("mine", "mine", "Patient.active", "active")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ code, expression, want string }{
		"published code":          {"birthdate", "Patient.birthDate", "search.custom-redefined"},
		"code of all types":       {"_tag", "Patient.active", "search.custom-definition"},
		"compartment":             {"patient", "Patient.link.other", "search.custom-redefined"},
		"another's code":          {"mine", "Patient.active", "search.custom-redefined"},
		"unknown element":         {"x", "Patient.eyes", "search.custom-expression"},
		"unsupported function":    {"x", "Patient.name.first().family", "search.custom-expression"},
		"not FHIRPath":            {"x", "Patient.((", "search.custom-expression"},
		"bare function":           {"x", "exists()", "search.custom-expression"},
		"another type":            {"x", "Observation.code", "search.custom-expression"},
		"no comparison":           {"x", "Patient.photo", "search.custom-expression"},
		"too long":                {"x", "Patient.active" + strings.Repeat(" | Patient.active", 100), "search.custom-expression"},
		"choices of choices":      {"x", "Patient" + strings.Repeat(".extension.value", 9), "search.custom-expression"},
		"time of the server":      {"x", "Patient.meta.lastUpdated", "search.custom-expression"},
		"version of the server":   {"x", "Patient.active | Resource.meta.versionId", "search.custom-expression"},
		"condition on the server": {"x", "Patient.meta.lastUpdated.exists()", "search.custom-expression"},
		"id of the server":        {"x", "Patient.id", "search.custom-expression"},
		"id of the server, bare":  {"x", "id", "search.custom-expression"},
		"id, of the resource":     {"x", "%resource.id", "search.custom-expression"},
		"code that is no name":    {"X Y", "Patient.active", "search.custom-definition"},
		"code with a dot (chain)": {"a.b", "Patient.active", "search.custom-definition"},
	} {
		t.Run(name, func(t *testing.T) {
			err := commit(s, searchParameter("other", c.code, c.expression, "active"))
			if fhir.KindOf(err) != fhir.Unprocessable || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if err := commit(s, searchParameter("other", c.code, c.expression, "draft")); err != nil {
				t.Errorf("as a draft: %v", err)
			}
		})
	}
	until(t, s, "ready")
	if _, err := found(s, reg, "mine=true"); err != nil {
		t.Error(err)
	}
}

// slow makes each transaction take a while.
type slow struct {
	kv.Engine
	delay atomic.Int64
}

func (e *slow) Update(ctx context.Context, f func(kv.Writer) error) error {
	time.Sleep(time.Duration(e.delay.Load()))
	return e.Engine.Update(ctx, f)
}

// gated stops a View whose context asks for it between what a commit extracts
// and its turn at the sequencer.
type gated struct {
	kv.Engine
	reached, open chan struct{}
}

type gate struct{}

func (e *gated) View(ctx context.Context, f func(kv.Reader) error) error {
	if ctx.Value(gate{}) != nil {
		close(e.reached)
		<-e.open
	}
	return e.Engine.View(ctx, f)
}

// TestCustomParameterKnowsLateCommits: a commit whose rows were extracted before
// the definition, and that is written after everything else was indexed, is
// indexed all the same.
func TestCustomParameterKnowsLateCommits(t *testing.T) {
	e := &gated{Engine: memory.Open(), reached: make(chan struct{}), open: make(chan struct{})}
	s, reg := customStore(t, e)
	binary := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Binary", ID: "b"}, Body: []byte(
		`{"resourceType":"Binary","id":"b","contentType":"text/plain","securityContext":{"reference":"Encounter/e"}}`)}
	done := make(chan error)
	go func() {
		_, err := s.Commit(context.WithValue(context.Background(), gate{}, true), []fhir.Change{eyes("late", "blue"), binary})
		done <- err
	}()
	<-e.reached
	if err := commit(s, searchParameter("eyes", "eyes", eyeColour, "active")); err != nil {
		t.Fatal(err)
	}
	until(t, s, "ready")
	close(e.open)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if ids, err := found(s, reg, "eyes=blue"); err != nil || !slices.Equal(ids, []string{"late"}) {
		t.Errorf("%v, %v", ids, err)
	}
}
