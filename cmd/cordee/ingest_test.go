package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

// write makes a folder of documents.
func write(t *testing.T, documents map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range documents {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(moduleRoot(t), "adapters", "cda", "testdata", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// reports reads the JSON lines of ingest.
func reports(t *testing.T, out string) (list []caller.Report) {
	t.Helper()
	for line := range strings.Lines(out) {
		var r caller.Report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		list = append(list, r)
	}
	return list
}

func TestDocumentsOfArguments(t *testing.T) {
	dir := write(t, map[string][]byte{"b.xml": nil, "a/c.xml": nil, "a/.hidden.xml": nil, ".git/d.xml": nil, "e.txt": nil})
	at := func(names ...string) (list []string) {
		for _, name := range names {
			list = append(list, filepath.Join(dir, name))
		}
		return list
	}
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"a folder", at(""), at("a/c.xml", "b.xml", "e.txt")},
		{"a file", at("e.txt"), at("e.txt")},
		{"a pattern", at("*.xml"), at("b.xml")},
		{"a pattern of folders", at("[ab]"), at("a/c.xml")},
		{"each once", at("b.xml", "", "./b.xml"), at("b.xml", "a/c.xml", "e.txt")},
		{"a hidden file that is named", at("a/.hidden.xml"), at("a/.hidden.xml")},
		{"nothing there", at("f.xml"), nil},
		{"nothing matches", at("*.csv"), nil},
		{"no pattern", at("[a"), nil},
	} {
		got, err := documents(c.args)
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestJournal(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sent")
	j, err := openJournal(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.note([]byte("a"), 200); err != nil || !j.answered([]byte("a")) || j.answered([]byte("b")) {
		t.Errorf("what was noted is not known: %v", err)
	}
	j.close()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(sum([]byte("b"))[:20]) // a stop in the middle of a line
	f.Close()
	if j, err = openJournal(name); err != nil || !j.answered([]byte("a")) || j.answered([]byte("b")) {
		t.Fatalf("after a stop: %v", err)
	}
	j.note([]byte("b"), 422)
	j.close()
	if j, err = openJournal(name); err != nil || !j.answered([]byte("b")) {
		t.Fatalf("the line after the cut one: %v", err)
	}
	j.close()
	if _, err := openJournal(filepath.Join(write(t, map[string][]byte{"vsm.xml": []byte("<a/>\n")}), "vsm.xml")); err == nil {
		t.Error("a document was taken for the journal")
	}
}

func TestInOrder(t *testing.T) {
	var got []int
	err := inOrder(context.Background(), 20, 4, func(_ context.Context, i int) (int, error) {
		time.Sleep(time.Duration(20-i) * time.Millisecond / 10)
		return i * i, nil
	}, func(i, square int) error {
		if square != i*i {
			t.Errorf("%d got the result %d", i, square)
		}
		got = append(got, i)
		return nil
	})
	if err != nil || len(got) != 20 || got[19] != 19 {
		t.Errorf("%v, %v", got, err)
	}
	begun := 0
	if err := inOrder(context.Background(), 1000, 1, func(context.Context, int) (int, error) { begun++; return 0, os.ErrInvalid }, nil); err != os.ErrInvalid || begun > 3 {
		t.Errorf("%v after %d", err, begun)
	}
}

// TestIngest sends documents to a gateway that runs, by every road.
func TestIngest(t *testing.T) {
	demo := startDemo(t)
	client := filepath.Join(demo.demo, "clients", "practice.json")
	unknown := []byte("MSH|^~\\&|HPRIM")
	dir := write(t, map[string][]byte{"a.xml": sample(t, "vsm-complet"), "sub/b.xml": sample(t, "plan"), "c.hl7": unknown})
	ingest := func(args ...string) result {
		return cordee(t, append([]string{"ingest", "--client", client, "--output", "json"}, args...)...)
	}

	t.Run("dry run", func(t *testing.T) {
		got := ingest("--dry-run", dir)
		list := reports(t, got.out)
		if got.code != exitFailed || len(list) != 3 || !list[0].Accepted || !list[0].DryRun || len(list[0].Resources) < 30 || list[1].Accepted {
			t.Fatalf("code %d: %s%s", got.code, got.out, got.err)
		}
		if again := reports(t, ingest("--dry-run", dir).out); again[0].Known {
			t.Error("the dry run stored the document")
		}
		text := cordee(t, "quarantine", "list", "--client", client)
		if text.code != exitOK || text.out != "" {
			t.Errorf("the dry run left %q in quarantine, %s", text.out, text.err)
		}
	})

	t.Run("interrupted", func(t *testing.T) {
		journal := filepath.Join(t.TempDir(), "sent")
		got := ingest("--journal", journal, filepath.Join(dir, "a.xml"))
		if list := reports(t, got.out); got.code != exitOK || !list[0].Accepted || list[0].Counts["created"] == 0 {
			t.Fatalf("code %d: %s", got.code, got.err)
		}
		got = ingest("--journal", journal, dir)
		if list := reports(t, got.out); got.code != exitFailed || len(list) != 2 || list[1].Document != "b.xml" || !strings.Contains(got.err, "1 of 3 documents were answered before") {
			t.Fatalf("code %d: %s%s", got.code, got.out, got.err)
		}
		if got = ingest("--journal", journal, dir); got.code != exitOK || got.out != "" {
			t.Errorf("the third time: code %d, %s%s", got.code, got.out, got.err)
		}
		text, err := os.ReadFile(journal)
		if err != nil || bytes.Contains(text, []byte("xml")) {
			t.Errorf("the journal holds names: %s, %v", text, err)
		}
	})

	t.Run("quarantine", func(t *testing.T) { quarantined(t, client, unknown) })
	t.Run("watch", func(t *testing.T) { watched(t, client) })
}

// quarantined handles the one document that TestIngest left there.
func quarantined(t *testing.T, client string, unknown []byte) {
	quarantine := func(args ...string) result {
		return cordee(t, append([]string{"quarantine", args[0], "--client", client}, args[1:]...)...)
	}
	var q caller.Quarantined
	if got := quarantine("list", "--output", "json"); json.Unmarshal([]byte(got.out), &q) != nil || q.Size != len(unknown) || q.Reasons[0].ID != "intake.unknown-format" {
		t.Fatalf("code %d: %s%s", got.code, got.out, got.err)
	}
	if got := quarantine("show", "DocumentReference/"+q.ID); !strings.Contains(got.out, "intake.unknown-format: ") {
		t.Errorf("show: %s%s", got.out, got.err)
	}
	if got := quarantine("show", "--original", "-", q.ID); got.out != string(unknown) {
		t.Errorf("the original is %q", got.out)
	}
	file := filepath.Join(t.TempDir(), "original")
	if got := quarantine("show", "--original", file, q.ID); got.code != exitOK {
		t.Error(got.err)
	}
	if got := quarantine("show", "--original", file, q.ID); got.code != exitFailed {
		t.Error("a file was overwritten")
	}
	if got := quarantine("retry", "--all", "--output", "json"); got.code != exitFailed || reports(t, got.out)[0].Status != 422 {
		t.Errorf("retry: code %d, %s", got.code, got.out)
	}
	if got := quarantine("retry", q.ID, "--all"); got.code != exitUsage {
		t.Errorf("some and all: code %d", got.code)
	}
	if got := quarantine("drop", q.ID); got.code != exitUsage || !strings.Contains(got.err, "--yes") {
		t.Errorf("nobody was asked: code %d, %s", got.code, got.err)
	}
	if got := quarantine("drop", "--yes", "absent"); got.code != exitFailed || !strings.Contains(got.err, "404") {
		t.Errorf("an absent one: code %d, %s", got.code, got.err)
	}
	if got := quarantine("drop", "--yes", q.ID); got.code != exitOK {
		t.Error(got.err)
	}
	if got := quarantine("list"); got.out != "" {
		t.Errorf("after drop there is %s", got.out)
	}
	taken := cordee(t, "request", "--client", client, "--output", "json", "DocumentReference?_count=1")
	var page struct {
		Entry []struct{ Resource struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(taken.out), &page); err != nil || len(page.Entry) != 1 {
		t.Fatalf("%v: %s", err, taken.out)
	}
	if got := quarantine("drop", "--yes", page.Entry[0].Resource.ID); got.code != exitFailed || !strings.Contains(got.err, "is not in quarantine") {
		t.Errorf("a document of a record: code %d, %s", got.code, got.err)
	}
}

// watched drops files into a folder while the command runs.
func watched(t *testing.T, client string) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan result, 1)
	go func() {
		ended <- cordeeWith(t, ctx, "", "ingest", "--client", client, "--output", "json", "--watch", dir)
	}()
	defer cancel()
	for name, data := range map[string][]byte{"a.xml": sample(t, "vsm-complet"), "b.hl7": []byte("MSH|^~\\&|"), ".part.xml": sample(t, "plan")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"done/a.xml", "refused/b.hl7", "refused/b.hl7.outcome.json"} {
		wait(t, filepath.Join(dir, name))
	}
	os.WriteFile(filepath.Join(dir, "b.hl7"), []byte("MSH|^~\\&|"), 0o600) // once more, by the same name
	wait(t, filepath.Join(dir, "refused", "b-2.hl7"))
	if _, err := os.Stat(filepath.Join(dir, ".part.xml")); err != nil {
		t.Error("a hidden file was taken")
	}
	cancel()
	got := <-ended
	if list := reports(t, got.out); got.code != exitOK || len(list) != 3 {
		t.Errorf("code %d: %s%s", got.code, got.out, got.err)
	}
}

func wait(t *testing.T, name string) {
	t.Helper()
	for range 200 {
		if _, err := os.Stat(name); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s did not come", filepath.Base(name))
}

func TestIngestRefusesContradictions(t *testing.T) {
	dir := t.TempDir()
	for _, args := range []string{"--dry-run --journal x " + dir, "--watch --dry-run " + dir, "--watch " + dir + " " + dir, "--parallel 0 " + dir, "--output xml " + dir} {
		if got := cordee(t, append([]string{"ingest", "--client", "absent.json"}, strings.Fields(args)...)...); got.code != exitUsage {
			t.Errorf("%s: code %d, %s", args, got.code, got.err)
		}
	}
}
