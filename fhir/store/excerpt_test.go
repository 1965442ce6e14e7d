package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// noise is like a PDF: nothing compresses it.
func noise(seed byte, n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return string(b)
}

// inLines breaks base64 as encoders do.
func inLines(text, end string) string {
	var b strings.Builder
	for len(text) > 76 {
		b.WriteString(text[:76] + end)
		text = text[76:]
	}
	return b.String() + text
}

func beside(id, content string) fhir.Change {
	c := putting("Binary", id, `,"contentType":"application/pdf"`)
	c.Content = []byte(content)
	return c
}

func removing(id string) fhir.Change {
	return fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: "Binary", ID: id}, Within: storetest.Hiding("secret")}
}

// held is how many bytes the engine has under the key of a current version.
func held(t *testing.T, e kv.Engine, id string) (n int) {
	t.Helper()
	err := e.View(context.Background(), func(r kv.Reader) error {
		v, err := r.Get(context.Background(), []byte("cBinary\x00"+id))
		n = len(v[0])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// embedded are documents that hold a file, and whether the file is found in them.
func embedded(file string) map[string]string {
	text := base64.StdEncoding.EncodeToString([]byte(file))
	return map[string]string{
		"one line":       "<text>" + text + "</text>",
		"lines":          "<text>\n" + inLines(text, "\n") + "\n</text>",
		"indented lines": "<text>\r\n\t  " + inLines(text, "\r\n\t  ") + "\r\n</text>",
		"twice":          "<text>" + text[:400] + "</text><text>" + text + "</text>",
	}
}

// TestExcerpt: a file is stored once, in the document that it came in, and each is
// given byte for byte whatever becomes of the other: in every version, in the
// history, and after the store was opened anew.
func TestExcerpt(t *testing.T) {
	file := noise(1, 100_001)
	for form, document := range embedded(file) {
		for name, then := range map[string][]fhir.Change{
			"nothing":             nil,
			"document deleted":    {removing("document")},
			"document updated":    {beside("document", "other")},
			"document as JSON":    {putting("Binary", "document", `,"contentType":"text/plain","data":"b25l"`)},
			"document labelled":   {putting("Binary", "document", `,"meta":{"security":[{"code":"secret"}]},"contentType":"text/plain"`)},
			"file deleted":        {removing("file")},
			"file updated":        {beside("file", "other")},
			"both deleted":        {removing("document"), removing("file")},
			"deleted and created": {removing("document"), beside("document", document), removing("document"), removing("file"), beside("file", file)},
		} {
			if form != "indented lines" && then != nil {
				continue // what becomes of an excerpt has nothing to do with its form
			}
			t.Run(form+"/"+name, func(t *testing.T) {
				e, ctx := memory.Open(), context.Background()
				s := newStore(t, e, &scripted{})
				if err := commit(s, beside("file", file), beside("document", document)); err != nil {
					t.Fatal(err)
				}
				if n := held(t, e, "file"); n > 400 {
					t.Errorf("the file is stored again, in %d bytes", n)
				}
				for _, c := range then {
					if err := commit(s, c); err != nil {
						t.Fatal(err)
					}
				}
				s.Close()
				s = newStore(t, e, &scripted{})
				for id, want := range map[string]string{"file": file, "document": document} {
					r, err := s.Read(ctx, fhir.Key{Type: "Binary", ID: id, Version: "1"})
					if err != nil || dataOf(t, r.Body) != want {
						t.Errorf("%s: other bytes, or %v", id, err)
					}
					h, err := s.History(ctx, fhir.HistoryQuery{Type: "Binary", ID: id, Within: storetest.Hiding("nothing")})
					if err != nil || dataOf(t, h.Matches[len(h.Matches)-1].Body) != want {
						t.Errorf("history of %s: other bytes, or %v", id, err)
					}
				}
				if report, err := store.Check(ctx, store.CheckConfig{Engine: e, Registry: registry(t)}); err != nil || !report.Sound() {
					t.Errorf("check: %+v %v", report.Findings, err)
				}
			})
		}
	}
}

// TestExcerptAgain: what is sent again is the same, and a file that somebody has
// changed since comes back as an excerpt of the version that the document has.
func TestExcerptAgain(t *testing.T) {
	file := noise(2, 80_000)
	document := embedded(file)["lines"]
	e, ctx := memory.Open(), context.Background()
	s := newStore(t, e, &scripted{})
	both := []fhir.Change{beside("document", document), beside("file", file)}
	for i, want := range []string{"created created", "unchanged unchanged", "unchanged updated", "updated unchanged"} {
		switch i {
		case 2:
			if err := commit(s, beside("file", "other")); err != nil {
				t.Fatal(err)
			}
		case 3:
			if err := commit(s, putting("Binary", "document", `,"contentType":"application/pdf"`)); err != nil {
				t.Fatal(err)
			}
		}
		results, err := s.Commit(ctx, both)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(results[0].Effect, " ", results[1].Effect); got != want {
			t.Errorf("sending %d: %s, want %s", i, got, want)
		}
		for j, want := range []string{document, file} {
			if got := results[j]; dataOf(t, fhir.Whole(got.Body, got.Content)) != want {
				t.Errorf("sending %d returns other bytes", i)
			}
			r, err := s.Read(ctx, fhir.Key{Type: "Binary", ID: both[j].Key.ID})
			if err != nil || dataOf(t, r.Body) != want {
				t.Errorf("sending %d: other bytes, or %v", i, err)
			}
			if ok, err := s.Holds(ctx, results[j].Key, results[j].Sum()); err != nil || !ok {
				t.Errorf("sending %d: what the trail has is not what is held: %v", i, err)
			}
		}
		if n := held(t, e, "file"); n > 400 {
			t.Errorf("sending %d: the file is stored again, in %d bytes", i, n)
		}
	}
}

// TestNoExcerpt: what is nearly in another content, or in one of another commit,
// is stored by itself.
func TestNoExcerpt(t *testing.T) {
	file := noise(3, 70_000)
	text := base64.StdEncoding.EncodeToString([]byte(file))
	for name, document := range map[string]string{
		"cut":     text[:len(text)-8],
		"changed": text[:60_000] + "!" + text[60_001:],
		"shifted": "A" + text[1:],
		"escaped": strings.Replace(text, text[50_000:50_004], "&#65;", 1),
		"absent":  strings.Repeat("text ", 30_000),
	} {
		e := memory.Open()
		s := newStore(t, e, &scripted{})
		if err := commit(s, beside("document", document), beside("file", file)); err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(context.Background(), fhir.Key{Type: "Binary", ID: "file"})
		if err != nil || dataOf(t, r.Body) != file || held(t, e, "file") < len(file) {
			t.Errorf("%s: %d bytes are held, %v", name, held(t, e, "file"), err)
		}
	}
}

// TestExcerptOfNothing: where the document is lost, the file is not an empty one.
func TestExcerptOfNothing(t *testing.T) {
	file := noise(4, 70_000)
	e, ctx := memory.Open(), context.Background()
	s := newStore(t, e, &scripted{})
	if err := commit(s, beside("document", embedded(file)["one line"]), beside("file", file)); err != nil {
		t.Fatal(err)
	}
	if err := e.Update(ctx, func(w kv.Writer) error { return w.Delete([]byte("cBinary\x00document")) }); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Read(ctx, fhir.Key{Type: "Binary", ID: "file"}); err == nil || bytes.Contains(r.Body, []byte("Binary")) {
		t.Errorf("read %q, %v", r.Body, err)
	}
	report, err := store.Check(ctx, store.CheckConfig{Engine: e, Registry: registry(t)})
	if err != nil || report.Beyond() == 0 {
		t.Errorf("check: %+v %v", report.Findings, err)
	}
}
