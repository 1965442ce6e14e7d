package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
)

// trail makes a data folder whose trail has one refusal and one break-glass
// among reads, in segments of a few records.
func trail(t *testing.T, records int) (data string) {
	t.Helper()
	data = t.TempDir()
	registry, err := search.New(search.Config{Base: "http://127.0.0.1/fhir"})
	if err != nil {
		t.Fatal(err)
	}
	engine := memory.Open()
	defer engine.Close()
	tr, err := audit.Open(audit.Config{Dir: gateway.TrailDir(data), Keys: filepath.Join(data, "keys"), Origin: "127.0.0.1/trail",
		Engine: engine, Registry: registry, Server: "127.0.0.1", SegmentSize: 4096, MinFree: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		r := audit.Record{Client: fmt.Sprintf("client-%d", i), Interaction: audit.InteractionRead}
		if i == 4 {
			r.Client, r.Outcome, r.Reason = "outsider", audit.MinorFailure, "auth.withheld"
		}
		if i == 6 {
			r.Client, r.Interaction, r.Purpose, r.Agent = "samu", audit.InteractionEmergencyStart, "BTG", "Practitioner/p1"
			r.Patients, r.Query.Clean = []string{"jeanne"}, "Patient inconscient\x1b[2J"
		}
		if err := tr.Record(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	return data
}

func list(t *testing.T, args ...string) (lines []line) {
	t.Helper()
	got := cordee(t, append([]string{"audit", "list", "--output", "json"}, args...)...)
	if got.code != exitOK {
		t.Fatal(got.err)
	}
	for text := range strings.Lines(got.out) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

func TestAuditListGivesEveryRecordItsPlace(t *testing.T) {
	data := trail(t, 100)
	all := list(t, "--data", data)
	if len(all) < 100 {
		t.Fatalf("%d records are listed", len(all))
	}
	files := map[string]int64{}
	for i, l := range all {
		if l.Number != uint64(i) || l.Offset != files[l.File] {
			t.Fatalf("record %d of %s at %d is listed where %d, %d is expected", l.Number, l.File, l.Offset, i, files[l.File])
		}
		files[l.File] += l.Length
	}
	if len(files) < 2 {
		t.Fatalf("%d segments", len(files))
	}
	for name, size := range files {
		if info, err := os.Stat(filepath.Join(gateway.TrailDir(data), name)); err != nil || info.Size() != size {
			t.Errorf("%s: %v, listed %d bytes", name, err, size)
		}
	}
	if some := list(t, "--data", data, "--from", "12", "--to", "13"); len(some) != 2 || some[0].Number != 12 || some[1].Number != 13 {
		t.Errorf("12 to 13: %v", some)
	}
	if text := cordee(t, "audit", "list", "--data", data).out; strings.Count(text, "\n") != len(all) || !strings.Contains(text, "refused  outsider\n") {
		t.Errorf("as text:\n%s", text)
	}
}

// An officer lists who broke the glass, of whom and why; what was typed as the
// reason does not reach the terminal as it is.
func TestAuditListBreakGlass(t *testing.T) {
	data := trail(t, 12)
	if got := list(t, "--data", data, "--break-glass"); len(got) != 1 || got[0].Person != "Practitioner/p1" || len(got[0].Patients) != 1 || got[0].Patients[0] != "jeanne" {
		t.Errorf("%+v", got)
	}
	text := cordee(t, "audit", "list", "--data", data, "--break-glass").out
	if strings.Count(text, "\n") != 1 || !strings.Contains(text, "samu, Practitioner/p1: jeanne (Patient inconscient?[2J)") {
		t.Errorf("%q", text)
	}
}

// R03, R05 and the exit codes of audit verify: what the README does to a copy
// of a trail by hand. Untouched, it is intact; with a byte flipped, altered;
// with a record cut out, incomplete; each time the record is named.
func TestAuditTellsWhatWasDone(t *testing.T) {
	data := trail(t, 8)
	var hidden line
	for _, l := range list(t, "--data", data) {
		if l.Outcome == "refused" {
			hidden = l
		}
	}
	file := filepath.Join(gateway.TrailDir(data), hidden.File)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	end := hidden.Offset + hidden.Length
	flipped := bytes.Clone(whole)
	flipped[end-1] ^= 1
	for _, c := range []struct {
		name  string
		bytes []byte
		code  int
		says  string
	}{
		{"untouched", whole, 0, "intact"},
		{"flipped", flipped, 2, fmt.Sprintf("ecord %d was altered", hidden.Number)},
		{"removed", append(bytes.Clone(whole[:hidden.Offset]), whole[end:]...), 3, fmt.Sprintf("ecord %d was removed", hidden.Number)},
	} {
		t.Run(c.name, func(t *testing.T) {
			os.Chmod(file, 0o600)
			if err := os.WriteFile(file, c.bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			got := cordee(t, "audit", "verify", "--data", data)
			if got.code != c.code || !strings.Contains(got.out, c.says) || got.err != "" {
				t.Errorf("code %d, want %d and %q:\n%s%s", got.code, c.code, c.says, got.out, got.err)
			}
			if l := cordee(t, "audit", "list", "--data", data); (l.code == exitFailed) != (c.name == "flipped") || l.code == exitFailed && !strings.Contains(l.err, "audit verify") {
				t.Errorf("audit list: code %d, %s", l.code, l.err)
			}
			var report struct{ State string }
			if err := json.Unmarshal([]byte(cordee(t, "audit", "verify", "--data", data, "--output", "json").out), &report); err != nil || report.State == "" {
				t.Errorf("as JSON: %v", err)
			}
		})
	}
}
