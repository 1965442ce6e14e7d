package adapters_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// shelf is a book that knows when what was put into it and can be searched, as
// far as an Intake searches.
type shelf struct {
	*book
	at   map[string]time.Time
	now  time.Time
	deny error

	contributor string
}

func newShelf() *shelf {
	return &shelf{book: newBook(), at: map[string]time.Time{}, now: adaptertest.Now, contributor: "Organization/sender"}
}

func (s *shelf) intake() *adapters.Intake {
	return &adapters.Intake{Adapters: []adapters.Adapter{cda.Adapter{}}, Repo: s}
}

func (s *shelf) Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	s.now = s.now.Add(time.Hour)
	writes := slices.DeleteFunc(slices.Clone(changes), func(c fhir.Change) bool { return c.Method == fhir.Delete })
	written, err := s.book.Commit(ctx, writes)
	if err != nil {
		return nil, err
	}
	for i, r := range written {
		if r.Effect != fhir.Unchanged {
			s.at[r.Current().String()] = s.now
		}
		if issues := profile.Validate(parse(s.kept[r.Current().String()])); len(issues) > 0 {
			return nil, profile.Error(issues)
		}
		written[i].LastUpdated = s.at[r.Current().String()]
	}
	var results []fhir.Resource
	for _, c := range changes {
		if c.Method != fhir.Delete {
			results, written = append(results, written[0]), written[1:]
			continue
		}
		delete(s.kept, c.Key.String())
		results = append(results, fhir.Resource{Key: c.Key, Effect: fhir.Deleted})
	}
	return results, nil
}

// Search knows _id and identifier, and the includes of Provenance:target.
func (s *shelf) Search(_ context.Context, q fhir.Query) (page fhir.Page, err error) {
	if s.deny != nil {
		return page, s.deny
	}
	seen := map[string]bool{}
	add := func(to *[]fhir.Resource, reference string) {
		if s.kept[reference] != nil && !seen[reference] {
			seen[reference] = true
			*to = append(*to, s.resource(reference))
		}
	}
	for _, value := range q.Params[0].Values {
		if q.Params[0].Code == "_id" {
			add(&page.Matches, q.Type+"/"+value)
			continue
		}
		for _, reference := range slices.Sorted(maps.Keys(s.kept)) {
			_, plain, _ := strings.Cut(value, "|")
			if strings.HasPrefix(reference, q.Type+"/") && bytes.Contains(s.kept[reference], []byte(`"value":"`+plain+`"`)) {
				add(&page.Matches, reference)
			}
		}
	}
	for _, include := range q.Includes {
		from := append(page.Matches[:len(page.Matches):len(page.Matches)], page.Included...)
		for _, reference := range slices.Sorted(maps.Keys(s.kept)) {
			for _, r := range from {
				switch {
				case include.Reverse && strings.HasPrefix(reference, include.Type+"/") && refersTo(s.kept[reference], r.Current().String()),
					!include.Reverse && r.Type == include.Type && refersTo(r.Body, reference):
					add(&page.Included, reference)
				}
			}
		}
	}
	return page, nil
}

func refersTo(provenance []byte, reference string) bool {
	return strings.Contains(parse(provenance).Root().Get("target").Raw(), `"`+reference+`"`)
}

func (s *shelf) resource(reference string) fhir.Resource {
	key, _ := fhir.ParseReference(reference)
	key.Version = "1"
	return fhir.Resource{Key: key, Body: s.kept[reference], LastUpdated: s.at[reference], Effect: fhir.Updated,
		Facts: fhir.Facts{Contributor: s.contributor}}
}

// change is what somebody does to a resource by hand.
func (s *shelf) change(reference, from, to string) {
	s.now = s.now.Add(time.Hour)
	s.kept[reference], s.at[reference] = bytes.ReplaceAll(s.kept[reference], []byte(from), []byte(to)), s.now
}

func (s *shelf) find(t *testing.T, resourceType, text string) string {
	t.Helper()
	for _, reference := range slices.Sorted(maps.Keys(s.kept)) {
		if strings.HasPrefix(reference, resourceType+"/") && bytes.Contains(s.kept[reference], []byte(text)) {
			return reference
		}
	}
	t.Fatalf("there is no %s with %s", resourceType, text)
	return ""
}

func parse(body []byte) *fhirjson.Doc {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		panic(err)
	}
	return doc
}

// further is the complete document in a further edition.
func further(t *testing.T, number string, change ...string) []byte {
	data := string(document(t, "vsm-complet"))
	change = append(change, `<id root="2.999.33.1.20260302.1"/>`, `<id root="2.999.33.1.20260302.`+number+`"/>`,
		`<versionNumber value="1"/>`, `<versionNumber value="`+number+`"/>`)
	for i := 0; i < len(change); i += 2 {
		if !strings.Contains(data, change[i]) {
			t.Fatalf("the document has no %s", change[i])
		}
	}
	return []byte(strings.NewReplacer(change...).Replace(data))
}

func (s *shelf) accept(t *testing.T, data []byte) adapters.Result {
	t.Helper()
	result, err := s.intake().Accept(context.Background(), adaptertest.Input(data))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// TestKnownDocument: to send a document again undoes nothing that people did
// since.
func TestKnownDocument(t *testing.T) {
	s := newShelf()
	data := document(t, "vsm-complet")
	first := s.accept(t, data)
	if first.Known || first.Superseded {
		t.Errorf("the first is %+v", first)
	}
	corrected, deleted := s.find(t, "Condition", "I10"), s.find(t, "AllergyIntolerance", "")
	s.change(corrected, "active", "resolved")
	delete(s.kept, deleted)
	again := s.accept(t, data)
	if !again.Known || again.Count(fhir.Unchanged) != len(first.Resources)-1 || len(again.Resources) != len(first.Resources)-1 || len(again.FullURLs) != len(again.Resources) {
		t.Errorf("again: %d unchanged of %d, known %v", again.Count(fhir.Unchanged), len(again.Resources), again.Known)
	}
	if !bytes.Contains(s.kept[corrected], []byte("resolved")) || s.kept[deleted] != nil {
		t.Error("what people did was undone")
	}
	if len(again.Report.Items) != len(first.Report.Items) {
		t.Error("the report is not the same")
	}
}

// TestLaterEdition: what a document does not say any more is deleted, unless
// somebody took it over; its earlier editions are superseded.
func TestLaterEdition(t *testing.T) {
	s := newShelf()
	first := s.accept(t, document(t, "vsm-complet"))
	kept := s.find(t, "Condition", "E11.9")
	gone := s.find(t, "Condition", "I10")
	s.change(kept, "active", "remission")
	// Both entries get ids of their own, as software does that makes them anew.
	second := s.accept(t, further(t, "2", entryID(t, "I10"), `<id root="2.999.1.1"/>`, entryID(t, "E11.9"), `<id root="2.999.1.2"/>`))
	if second.Known || second.Superseded || second.Count(fhir.Deleted) != 1 {
		t.Errorf("%d were deleted, known %v, superseded %v", second.Count(fhir.Deleted), second.Known, second.Superseded)
	}
	if s.kept[gone] != nil || s.kept[kept] == nil {
		t.Error("the wrong one was deleted")
	}
	if !bytes.Contains(s.kept[first.Report.Reference], []byte(`"superseded"`)) || !bytes.Contains(s.kept[second.Report.Reference], []byte(`"current"`)) {
		t.Error("the first edition is not superseded, or the second is")
	}
	if again := s.accept(t, document(t, "vsm-complet")); !again.Known || again.Count(fhir.Unchanged) != len(again.Resources) {
		t.Errorf("the first edition again: %d unchanged of %d", again.Count(fhir.Unchanged), len(again.Resources))
	}
}

// entryID is the id element of the entry that has a code.
func entryID(t *testing.T, code string) string {
	t.Helper()
	data := string(document(t, "vsm-complet"))
	at := strings.Index(data, `code="`+code+`"`)
	if at < 0 {
		t.Fatalf("no %s", code)
	}
	start := strings.LastIndex(data[:at], "<id ")
	return data[start : start+strings.Index(data[start:], "/>")+2]
}

// TestLateEdition: an edition that comes after a later one is kept and changes
// nothing.
func TestLateEdition(t *testing.T) {
	s := newShelf()
	second := s.accept(t, further(t, "2"))
	before := maps.Clone(s.kept)
	first := s.accept(t, document(t, "vsm-complet"))
	if !first.Superseded || first.Known || first.Count(fhir.Created) != 3 || len(first.Report.Items) != 0 {
		t.Errorf("%d created, %d items, superseded %v", first.Count(fhir.Created), len(first.Report.Items), first.Superseded)
	}
	for reference, body := range before {
		if !bytes.Equal(s.kept[reference], body) {
			t.Errorf("%s changed", reference)
		}
	}
	if !bytes.Contains(s.kept[first.Report.Reference], []byte(`"superseded"`)) || first.Report.Reference == second.Report.Reference {
		t.Errorf("kept as %s", s.kept[first.Report.Reference])
	}
	if again := s.accept(t, document(t, "vsm-complet")); again.Count(fhir.Unchanged) != len(again.Resources) {
		t.Error("the late edition is not the same when it comes again")
	}
}

// replacing is a document of another name that refers to the complete one.
func replacing(t *testing.T, relation string) []byte {
	return further(t, "1", `<id root="2.999.33.1.20260302.1"/>`, `<id root="2.999.34.1"/>`, `<setId root="2.999.33.1.20260302"/>`, `<setId root="2.999.34"/>`,
		`<componentOf>`, `<relatedDocument typeCode="`+relation+`"><parentDocument><id root="2.999.33.1.20260302.1"/></parentDocument></relatedDocument><componentOf>`)
}

// TestLateReplacedDocument: a document that comes after the one of the same
// organisation that replaces it is kept and changes nothing.
func TestLateReplacedDocument(t *testing.T) {
	for _, c := range []struct {
		name, relation, sender string
		superseded             bool
	}{
		{"replaced", "RPLC", "Organization/sender", true},
		{"completed", "APND", "Organization/sender", false},
		{"replaced by another organisation", "RPLC", "Organization/other", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf()
			s.contributor = c.sender
			s.accept(t, replacing(t, c.relation))
			before := len(s.kept)
			late := s.accept(t, document(t, "vsm-complet"))
			if late.Superseded != c.superseded || (len(s.kept)-before == 3) != c.superseded {
				t.Errorf("superseded %v, %d resources came", late.Superseded, len(s.kept)-before)
			}
			if again := s.accept(t, document(t, "vsm-complet")); again.Superseded != c.superseded || again.Count(fhir.Unchanged) != len(again.Resources) {
				t.Errorf("again: superseded %v", again.Superseded)
			}
		})
	}
}

// TestReplacedDocument: a document that takes the place of another, under a name
// of its own, withdraws what that said; what another organisation sent, or what
// only refers to the replaced document, stays.
func TestReplacedDocument(t *testing.T) {
	for sender, want := range map[string]int{"Organization/sender": 1, "Organization/other": 2} {
		s := newShelf()
		first := s.accept(t, document(t, "vsm-complet"))
		plan := s.accept(t, document(t, "plan"))
		planned := len(plan.Resources)
		s.contributor = sender
		second := s.accept(t, replacing(t, "RPLC"))
		compositions := 0
		for reference := range s.kept {
			if strings.HasPrefix(reference, "Composition/") {
				compositions++
			}
		}
		if compositions != want+1 || (second.Count(fhir.Deleted) > 20) != (want == 1) {
			t.Errorf("%s: %d documents, %d resources were deleted", sender, compositions, second.Count(fhir.Deleted))
		}
		if bytes.Contains(s.kept[first.Report.Reference], []byte(`"superseded"`)) != (want == 1) {
			t.Errorf("%s: %s", sender, s.kept[first.Report.Reference])
		}
		if again := s.accept(t, document(t, "plan")); again.Count(fhir.Unchanged) != planned {
			t.Errorf("%d of %d resources of another document are left", again.Count(fhir.Unchanged), planned)
		}
		before := len(s.kept)
		if again := s.accept(t, document(t, "vsm-complet")); !again.Known || len(s.kept) != before {
			t.Errorf("%s: the replaced document came back", sender)
		}
	}
}

// TestFormerNotSeen: who may not search is answered as if nothing had been
// there; when the search fails nothing is written.
func TestFormerNotSeen(t *testing.T) {
	for kind, accepted := range map[fhir.Kind]bool{fhir.Forbidden: true, fhir.Unavailable: false, fhir.Internal: false} {
		s := newShelf()
		s.deny = fhir.Errorf(kind, "test", "test.refused", fhir.CodeProcessing, "", fhir.T("no", "non"), fhir.Text{})
		_, err := s.intake().Accept(context.Background(), adaptertest.Input(document(t, "vsm-complet")))
		if (err == nil) != accepted || (s.commits > 0) != accepted {
			t.Errorf("%s: %v, %d commits", kind, err, s.commits)
		}
	}
}
