package adapters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
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

// book is a Committer that keeps resources in memory: updates by id, creates by
// the condition, all or none.
type book struct {
	kept    map[string][]byte       // body by reference
	matched map[string]fhir.Key     // by the values of the condition
	fail    func(fhir.Change) error // nil for none
	commits int
}

func newBook() *book {
	return &book{kept: map[string][]byte{}, matched: map[string]fhir.Key{}}
}

func (b *book) Commit(_ context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	b.commits++
	var resources []fhir.Resource
	rewritten := []string{}
	for _, c := range changes {
		if b.fail != nil {
			if err := b.fail(c); err != nil {
				return nil, err
			}
		}
		r := fhir.Resource{Key: c.Key, Effect: fhir.Created, LastUpdated: adaptertest.Now}
		if c.IfNoneExist != nil {
			condition := c.Key.Type + "?" + strings.Join(c.IfNoneExist.Params[0].Values, ",")
			if known, ok := b.matched[condition]; ok {
				r.Key, r.Effect = known, fhir.Unchanged
			} else {
				if r.ID == "" {
					r.ID = "srv" + string(rune('a'+len(b.matched)))
				}
				b.matched[condition] = r.Key
			}
		}
		rewritten = append(rewritten, c.FullURL, r.Key.String())
		resources = append(resources, r)
	}
	rewrite := strings.NewReplacer(rewritten...)
	for i, c := range changes {
		r := &resources[i]
		r.Version = "1"
		body := []byte(rewrite.Replace(string(fhir.Whole(c.Body, c.Content))))
		switch before := b.kept[r.Current().String()]; {
		case r.Effect == fhir.Unchanged:
		case bytes.Equal(before, body):
			r.Effect = fhir.Unchanged
		case before != nil:
			r.Effect = fhir.Updated
		}
		if r.Effect != fhir.Unchanged {
			b.kept[r.Current().String()] = body
		}
	}
	return resources, nil
}

func document(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("cda/testdata/" + name + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func intake(b *book) *adapters.Intake {
	return &adapters.Intake{Adapters: []adapters.Adapter{cda.Adapter{}}, Repo: b}
}

func TestZeroIntakeRefuses(t *testing.T) {
	in := adaptertest.Input([]byte("<x/>"))
	b := newBook()
	for name, i := range map[string]*adapters.Intake{"zero": {}, "no adapter": {Repo: b}, "no repository": {Adapters: []adapters.Adapter{cda.Adapter{}}}} {
		if _, err := i.Accept(context.Background(), in); fhir.KindOf(err) != fhir.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	in.Source = ""
	if _, err := intake(b).Accept(context.Background(), in); fhir.KindOf(err) != fhir.Internal {
		t.Errorf("no source: %v", err)
	}
	in = adaptertest.Input(nil)
	if _, err := intake(b).Accept(context.Background(), in); fhir.KindOf(err) != fhir.Malformed {
		t.Errorf("no bytes: %v", err)
	}
	if b.commits > 0 {
		t.Error("something was committed")
	}
}

func TestAcceptTwice(t *testing.T) {
	b := newBook()
	in := adaptertest.Input(document(t, "vsm-complet"))
	first, err := intake(b).Accept(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if n := first.Count(fhir.Created); n != len(first.Resources) || n < 30 {
		t.Errorf("%d of %d resources were created", n, len(first.Resources))
	}
	in.Now = in.Now.AddDate(1, 0, 0)
	again, err := intake(b).Accept(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if n := again.Count(fhir.Unchanged); n != len(again.Resources) {
		for i, r := range again.Resources {
			if r.Effect != fhir.Unchanged {
				t.Errorf("%s was %s", again.FullURLs[i], r.Effect)
			}
		}
	}
	size := len(b.kept)
	in.Source = "another"
	if _, err := intake(b).Accept(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	shared := 0
	for key := range b.kept {
		if typ, _, _ := strings.Cut(key, "/"); typ == "Patient" || typ == "Condition" {
			shared++
		}
	}
	if len(b.kept) == size || shared != 1+2*5 {
		t.Errorf("another source shares %d resources, patients and conditions are %d", 2*size-len(b.kept), shared)
	}
}

// TestNewVersion: a further version of a document updates what it says, and
// shared resources are not overwritten by its header.
func TestNewVersion(t *testing.T) {
	b := newBook()
	data := document(t, "vsm-complet")
	if _, err := intake(b).Accept(context.Background(), adaptertest.Input(data)); err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte(`<id root="2.999.33.1.20260302.1"/>`), []byte(`<id root="2.999.33.1.20260302.2"/>`), 1)
	data = bytes.Replace(data, []byte(`<versionNumber value="1"/>`), []byte(`<versionNumber value="2"/>`), 1)
	data = bytes.Replace(data, []byte(`<city>VALLOMBREUSE-SUR-TILLE</city>`), []byte(`<city>AILLEURS</city>`), 1)
	second, err := intake(b).Accept(context.Background(), adaptertest.Input(data))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range second.Resources {
		want := fhir.Updated // meta.source names the new version
		switch r.Type {
		case "Patient", "Practitioner", "PractitionerRole", "Organization":
			if !strings.HasPrefix(second.FullURLs[i], "urn:") { // not identified: the document's own
				break
			}
			want = fhir.Unchanged
		case "DocumentReference", "Binary", "Provenance":
			want = fhir.Created
		}
		if r.Effect != want {
			t.Errorf("%s was %s, want %s", second.FullURLs[i], r.Effect, want)
		}
	}
}

// TestQuarantine: what cannot be taken in is kept whole with its reason, in
// nobody's record, and nothing else is stored.
func TestQuarantine(t *testing.T) {
	for name, id := range map[string]string{
		"refused-doctype": "xml.doctype", "refused-truncated": "xml.truncated", "refused-charset": "xml.bytes", "refused-no-patient": "cda.patients",
		"refused-two-patients": "cda.patients", "refused-two-ins": "cda.two-ins", "refused-base64": "cda.base64", "refused-depth": "xml.depth",
		"no-ins": "identity.not-ins",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook()
			data := document(t, name)
			result, err := intake(b).Accept(context.Background(), adaptertest.Input(data))
			var e *fhir.Error
			if !errors.As(err, &e) || e.Kind != fhir.Unprocessable {
				t.Fatalf("got %v", err)
			}
			last := e.Issues[len(e.Issues)-1]
			if e.Issues[0].ID != id || e.Issues[0].At == "" || last.ID != "intake.quarantined" || last.At != result.Quarantine {
				t.Errorf("issues %+v, quarantine %s", e.Issues, result.Quarantine)
			}
			checkQuarantine(t, b, result.Quarantine, data, id)
			again, _ := intake(b).Accept(context.Background(), adaptertest.Input(data))
			if again.Quarantine != result.Quarantine || again.Count(fhir.Unchanged) != 2 {
				t.Errorf("received again: %+v", again)
			}
		})
	}
}

func checkQuarantine(t *testing.T, b *book, reference string, data []byte, id string) {
	t.Helper()
	if len(b.kept) != 2 {
		t.Errorf("%d resources are kept, want the document and its description", len(b.kept))
	}
	for key, body := range b.kept {
		doc, err := fhirjson.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		if issues := profile.Validate(doc); len(issues) > 0 {
			t.Errorf("%s: %+v", key, issues)
		}
	}
	var d struct {
		Subject   *struct{}
		Custodian struct{ Reference string }
		Category  []struct {
			Coding []struct{ System, Code string }
		}
		Extension []struct {
			ValueCodeableConcept struct{ Coding []struct{ Code string } }
		}
		Content []struct{ Attachment struct{ URL string } }
	}
	if err := json.Unmarshal(b.kept[reference], &d); err != nil {
		t.Fatalf("%s: %v", reference, err)
	}
	if d.Subject != nil || d.Custodian.Reference != "Organization/sender" || d.Category[0].Coding[0].Code != adapters.QuarantineCode || d.Extension[0].ValueCodeableConcept.Coding[0].Code != id {
		t.Errorf("described as %s", b.kept[reference])
	}
	var binary struct{ Data []byte }
	if err := json.Unmarshal(b.kept[d.Content[0].Attachment.URL], &binary); err != nil || !bytes.Equal(binary.Data, data) {
		t.Errorf("the document is not kept as it came: %v", err)
	}
}

// TestLeavesQuarantine: once the bytes are understood, their description is
// that of a document.
func TestLeavesQuarantine(t *testing.T) {
	b := newBook()
	in := adaptertest.Input(document(t, "vsm-complet"))
	in.Mode = adapters.Production // refuses the test identity
	result, err := intake(b).Accept(context.Background(), in)
	if fhir.KindOf(err) != fhir.Unprocessable || result.Quarantine == "" {
		t.Fatalf("got %v", err)
	}
	in.Mode = adapters.Integration
	accepted, err := intake(b).Accept(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if accepted.Report.Reference != result.Quarantine || bytes.Contains(b.kept[result.Quarantine], []byte(adapters.QuarantineCode)) || !bytes.Contains(b.kept[result.Quarantine], []byte(`"subject"`)) {
		t.Errorf("still in quarantine: %s", b.kept[result.Quarantine])
	}
}

// TestCommitRefused: a document that is not valid FHIR after all, or whose
// patient is there twice, is kept; a fault of ours or a refusal of rights is not
// the document's, and stores nothing.
func TestCommitRefused(t *testing.T) {
	for kind, kept := range map[fhir.Kind]int{fhir.Unprocessable: 2, fhir.PreconditionFailed: 2, fhir.Forbidden: 0, fhir.Unavailable: 0, fhir.Internal: 0, fhir.Conflict: 0} {
		b := newBook()
		b.fail = func(c fhir.Change) error {
			if c.Key.Type == "Composition" {
				return fhir.Errorf(kind, "test", "test.refused", fhir.CodeProcessing, "", fhir.T("no", "non"), fhir.Text{})
			}
			return nil
		}
		result, err := intake(b).Accept(context.Background(), adaptertest.Input(document(t, "vsm-minimal")))
		if err == nil || len(b.kept) != kept || (result.Quarantine != "") != (kept > 0) {
			t.Errorf("%s: kept %d, quarantine %q, %v", kind, len(b.kept), result.Quarantine, err)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	b := newBook()
	_, err := intake(b).Accept(context.Background(), adaptertest.Input([]byte("MSH|^~\\&|")))
	var e *fhir.Error
	if !errors.As(err, &e) || e.Issues[0].ID != "intake.unknown-format" || len(b.kept) != 2 {
		t.Errorf("got %v, %d kept", err, len(b.kept))
	}
}

func TestIngest(t *testing.T) {
	b := newBook()
	sender := func(context.Context) (string, string, bool) { return "client", "Organization/sender", true }
	for name, o := range map[string]*adapters.Ingest{"nobody asks": {Intake: *intake(b)},
		"not known": {Intake: *intake(b), Sender: func(context.Context) (string, string, bool) { return "client", "", false }},
		"no source": {Intake: *intake(b), Sender: func(context.Context) (string, string, bool) { return "", "", true }}} {
		if _, err := o.Accept(context.Background(), adapters.Delivery{Body: []byte("<x/>")}); fhir.KindOf(err) != fhir.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := &adapters.Ingest{Intake: *intake(b), Mode: adapters.Integration, Sender: sender, Clock: func() time.Time { return adaptertest.Now }}
	for _, want := range []struct{ created, unchanged int }{{38, 0}, {0, 38}} {
		body, err := o.Accept(context.Background(), adapters.Delivery{Body: document(t, "vsm-complet"), Every: true})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhirjson.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		if issues := profile.Validate(doc); len(issues) > 0 {
			t.Errorf("the answer is not valid: %+v", issues)
		}
		count, items := map[string]string{}, 0
		for p := range doc.Root().Get("parameter").Items() {
			name := p.Get("name").Text()
			count[name] = p.Get("valueInteger").Raw() + p.Get("valueReference").Get("reference").Text()
			if name == "item" {
				items++
			}
		}
		if count["created"] != str(want.created) || count["unchanged"] != str(want.unchanged) || items != 555 ||
			!strings.HasPrefix(count["patient"], "Patient/srv") || !strings.HasPrefix(count["document"], "DocumentReference/") {
			t.Errorf("got %v, %d items", count, items)
		}
	}
}

func str(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func TestIngestDefinition(t *testing.T) {
	doc, err := fhirjson.Parse(adapters.IngestDefinition)
	if err != nil {
		t.Fatal(err)
	}
	if issues := profile.Validate(doc); len(issues) > 0 {
		t.Errorf("%+v", issues)
	}
}

// TestN01ReportsAreSilent: neither the report nor the issues show a value of the
// document.
func TestN01ReportsAreSilent(t *testing.T) {
	c, err := cda.Adapter{}.Convert(context.Background(), adaptertest.Input(document(t, "vsm-complet")))
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.Report.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"ALMEIDA", "247050001203496", "I10", "Metformine", "METFORMINE", "1947", "Lucienne", "LUCIENNE"} {
		if bytes.Contains(text, []byte(value)) || bytes.Contains(c.Report.Outcome(), []byte(value)) {
			t.Errorf("the report shows %s", value)
		}
	}
}
