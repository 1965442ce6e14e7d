package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

func putting(typ, id, rest string) fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Within: storetest.Hiding("secret"),
		Body: []byte(`{"resourceType":"` + typ + `","id":"` + id + `"` + rest + `}`)}
}

func binaryOf(id, context, data string) fhir.Change {
	return putting("Binary", id, `,"contentType":"text/plain","securityContext":{"reference":"`+context+`"},"data":"`+data+`"`)
}

// TestA19BinaryFollowsItsContext: what becomes of the document becomes of the
// Binary that belongs to it, without another word about the Binary.
func TestA19BinaryFollowsItsContext(t *testing.T) {
	doc := func(rest string) fhir.Change { return putting("DocumentReference", "d", rest) }
	masked := doc(`,"meta":{"security":[{"code":"secret"}]},"subject":{"reference":"Patient/p"}`)
	tests := []struct {
		name   string
		then   fhir.Change
		facts  string // of the Binary afterwards
		hidden bool   // from who may not see what is secret
	}{
		{"masked", masked, "[p] [secret]", true},
		{"moved", doc(`,"subject":{"reference":"Patient/q"}`), "[q] []", false},
		{"about nobody", doc(`,"status":"current"`), "[] []", false},
		{"deleted", fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: "DocumentReference", ID: "d"}}, "[] []", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := memory.Open()
			s := newStore(t, e, &scripted{})
			for _, c := range [][]fhir.Change{{doc(`,"subject":{"reference":"Patient/p"}`)}, {binaryOf("b", "DocumentReference/d", "AAAA")},
				{binaryOf("b", "DocumentReference/d", "BBBB")}, {test.then}} {
				if err := commit(s, c...); err != nil {
					t.Fatal(err)
				}
			}
			for _, version := range []string{"", "1", "2"} {
				r, err := s.Read(context.Background(), fhir.Key{Type: "Binary", ID: "b", Version: version})
				if got := fmt.Sprint(r.Facts.Patients, r.Facts.Labels); err != nil || got != test.facts {
					t.Errorf("version %q: %s %v, want %s", version, got, err, test.facts)
				}
			}
			for name, n := range ways(t, s, storetest.Hiding("secret")) {
				if n > 0 && test.hidden || n == 0 && !test.hidden {
					t.Errorf("%s finds %d", name, n)
				}
			}
			report, err := store.Check(context.Background(), store.CheckConfig{Engine: e, Registry: registry(t)})
			if err != nil || !report.Sound() {
				t.Errorf("check: %+v %v", report.Findings, err)
			}
		})
	}
}

// TestA19BinaryOfAnother: where one contributed the document and another its
// Binary, nothing that becomes of the document opens the Binary.
func TestA19BinaryOfAnother(t *testing.T) {
	by := func(organization string, c fhir.Change) fhir.Change {
		c.Contributor = organization
		return c
	}
	doc := func(rest string) fhir.Change { return by("Organization/a", putting("DocumentReference", "d", rest)) }
	binary := by("Organization/b", binaryOf("b", "DocumentReference/d", "AAAA"))
	first := doc(`,"meta":{"security":[{"code":"R"}]},"subject":{"reference":"Patient/p"}`)
	moved := doc(`,"meta":{"security":[{"code":"R"}]},"subject":{"reference":"Patient/q"}`)
	gone := fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: "DocumentReference", ID: "d"}}
	tests := []struct {
		name  string
		then  []fhir.Change
		facts string // of the Binary afterwards
	}{
		{"left alone", nil, "[p] [R]"},
		{"written in other words", []fhir.Change{doc(`,"meta":{"security":[{"code":"R"}]},"status":"current","subject":{"reference":"Patient/p"}`)}, "[p] [R]"},
		{"moved", []fhir.Change{moved}, "[] []"},
		{"moved and back", []fhir.Change{moved, first}, "[p] [R]"},
		{"without its label", []fhir.Change{doc(`,"subject":{"reference":"Patient/p"}`)}, "[] []"},
		{"with a label more", []fhir.Change{doc(`,"meta":{"security":[{"code":"N"},{"code":"R"}]},"subject":{"reference":"Patient/p"}`)}, "[] []"},
		{"deleted", []fhir.Change{gone}, "[] []"},
		{"made anew by a third", []fhir.Change{gone, by("Organization/c", moved)}, "[] []"},
		{"moved, and the Binary written again", []fhir.Change{moved, binary}, "[q] [R]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := memory.Open()
			s := newStore(t, e, &scripted{})
			for _, c := range append([]fhir.Change{first, binary}, test.then...) {
				if err := commit(s, c); err != nil {
					t.Fatal(err)
				}
			}
			r, err := s.Read(context.Background(), fhir.Key{Type: "Binary", ID: "b"})
			if got := fmt.Sprint(r.Facts.Patients, r.Facts.Labels); err != nil || got != test.facts {
				t.Errorf("%s %v, want %s", got, err, test.facts)
			}
			report, err := store.Check(context.Background(), store.CheckConfig{Engine: e, Registry: registry(t)})
			if err != nil || !report.Sound() {
				t.Errorf("check: %+v %v", report.Findings, err)
			}
		})
	}
}

// ways counts what each way to the Binary brings.
func ways(t *testing.T, s *store.Store, view fhir.View) map[string]int {
	t.Helper()
	n := map[string]int{}
	note := func(name string, page fhir.Page, err error) {
		if err != nil && fhir.KindOf(err) != fhir.NotFound {
			t.Fatal(name, err)
		}
		for _, r := range append(page.Matches, page.Included...) {
			if r.Type == "Binary" {
				n[name]++
			}
		}
		n[name] += 0
	}
	ctx := context.Background()
	for name, q := range map[string]fhir.HistoryQuery{"instance history": {Type: "Binary", ID: "b"}, "type history": {Type: "Binary"}, "system history": {}} {
		q.Within = view
		page, err := s.History(ctx, q)
		note(name, page, err)
	}
	for _, text := range []string{"Binary", "Binary?_sort=-_lastUpdated", "Binary?_lastUpdated=gt2020", "Binary?_id=b"} {
		q := parse(t, registry(t), text)
		q.Within = view
		page, err := s.Search(ctx, q)
		note(text, page, err)
	}
	counted := parse(t, registry(t), "Binary?_summary=count")
	counted.Within = view
	page, err := s.Search(ctx, counted)
	if err != nil {
		t.Fatal(err)
	}
	n["count"] = page.Total
	return n
}

// TestA19BinaryBesideItsContext: both in one commit, whose guard is told what
// the Binary will be; and a label of the writer's own is no context.
func TestA19BinaryBesideItsContext(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	var told string
	b := binaryOf("b", "DocumentReference/d", "AAAA")
	b.Permit = func(_ fhir.Snapshot, _, after *fhir.Resource) error {
		told = fmt.Sprint(after.Facts.Patients, after.Facts.Labels)
		return nil
	}
	if err := commit(s, b, putting("DocumentReference", "d", `,"meta":{"security":[{"code":"R"}]},"subject":{"reference":"Patient/p"}`)); err != nil || told != "[p] [R]" {
		t.Errorf("the guard was told %s, %v", told, err)
	}
	forged := putting("Binary", "f", `,"meta":{"security":[{"code":"context=DocumentReference/d"},{"code":"context-label=R"}]},"contentType":"text/plain"`)
	chained := binaryOf("c", "Binary/b", "AAAA")
	if err := commit(s, forged, chained); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"f", "c"} {
		r, err := s.Read(context.Background(), fhir.Key{Type: "Binary", ID: id})
		if got := fmt.Sprint(r.Facts.Patients, r.Facts.Labels); err != nil || got != "[] []" {
			t.Errorf("%s: %s %v", id, got, err)
		}
	}
}

// A19: where the context has moved to another patient, $everything of the former
// does not tell the one of the other's Binary. The index has it under the patient
// of the time when it was written (docs/adr/0013), so that the other's lacks it
// until it is written again.
func TestA19MovedBinaryInSearchesByPatient(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	do := func(c fhir.Change) {
		t.Helper()
		if err := commit(s, c); err != nil {
			t.Fatal(err)
		}
	}
	found := func(patient string) (n int) {
		t.Helper()
		q := fhir.Query{Compartment: fhir.Key{Type: "Patient", ID: patient}, Care: fhir.Care{All: true}, Count: 10, Within: storetest.Hiding("secret")}
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Matches {
			if r.Type == "Binary" {
				n++
			}
		}
		return n
	}
	expect := func(when string, p, q int) {
		t.Helper()
		if gotP, gotQ := found("p"), found("q"); gotP != p || gotQ != q {
			t.Errorf("%s: %d under p and %d under q, want %d and %d", when, gotP, gotQ, p, q)
		}
	}
	do(putting("DocumentReference", "d", `,"subject":{"reference":"Patient/p"}`))
	do(binaryOf("b", "DocumentReference/d", "AAAA"))
	expect("written", 1, 0)
	do(putting("DocumentReference", "d", `,"subject":{"reference":"Patient/q"}`))
	expect("moved", 0, 0)
	do(binaryOf("b", "DocumentReference/d", "BBBB"))
	expect("written again", 0, 1)
	do(putting("DocumentReference", "d", `,"meta":{"security":[{"code":"secret"}]},"subject":{"reference":"Patient/q"}`))
	expect("masked", 0, 0)
}
