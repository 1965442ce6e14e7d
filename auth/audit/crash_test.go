package audit

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// R01: kill -9 while requests and changes are recorded. Every record that was
// acknowledged is there, and every change that was is closed.
func TestR01KilledGateway(t *testing.T) {
	if dir := os.Getenv("AUDIT_CHILD"); dir != "" {
		childRecords(t, dir)
		return
	}
	dir := t.TempDir()
	acked := map[string]bool{}
	for n := range 3 {
		killChild(t, dir, n, acked)
	}
	cfg := testConfig(t)
	cfg.Dir, cfg.Keys = filepath.Join(dir, "trail"), filepath.Join(dir, "keys")
	tr := open(t, cfg)
	if err := tr.Recover(t.Context(), 0, func(context.Context, fhir.Key, [32]byte) (bool, error) { return true, nil }); err != nil {
		t.Fatal(err)
	}
	if !tr.index.catchUp(t.Context()) {
		t.Fatal("the index does not follow")
	}
	for id := range acked {
		page := found(t, tr, ask(t, tr, "date", "ge2020", "entity", "Observation/"+id))
		if len(page.Matches) != 1 {
			t.Fatalf("%s was acknowledged and is recorded %d times", id, len(page.Matches))
		}
	}
	if len(acked) == 0 {
		t.Error("no child acknowledged anything")
	}
	tr.Close()
	if r, err := Verify(t.Context(), cfg.Dir, nil); err != nil || r.Code() != 0 {
		t.Errorf("report = %+v, %v", r, err)
	}
}

func killChild(t *testing.T, dir string, n int, acked map[string]bool) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestR01KilledGateway$")
	cmd.Env = append(os.Environ(), "AUDIT_CHILD="+dir, "TMPDIR="+dir, fmt.Sprint("AUDIT_ROUND=", n))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); {
		var id string
		if n, _ := fmt.Sscanf(lines.Text(), "acked %s", &id); n == 1 {
			acked[id] = true
			if first {
				first = false
				time.AfterFunc(40*time.Millisecond, func() { cmd.Process.Kill() })
			}
		}
	}
	cmd.Wait()
}

func childRecords(t *testing.T, dir string) {
	cfg := testConfig(t)
	cfg.Dir, cfg.Keys, cfg.SegmentSize = filepath.Join(dir, "trail"), filepath.Join(dir, "keys"), 64<<10
	tr, err := Open(cfg)
	if err != nil {
		fmt.Println("open:", err)
		return
	}
	if err := tr.Recover(t.Context(), 0, func(context.Context, fhir.Key, [32]byte) (bool, error) { return true, nil }); err != nil {
		fmt.Println("recover:", err)
		return
	}
	round := os.Getenv("AUDIT_ROUND")
	for worker := range 4 {
		go func() {
			for i := 0; ; i++ {
				r := aRead()
				r.Entries[0].Key.ID = fmt.Sprintf("read-%s-%d-%d", round, worker, i)
				if err := tr.Record(context.Background(), r); err != nil {
					return
				}
				fmt.Println("acked", r.Entries[0].Key.ID)
			}
		}()
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("made-%s-%d", round, i)
		ticket, err := tr.Attest([]fhir.Attestation{aCommit(context.Background(), id)})
		if err != nil {
			return
		}
		tr.Settle(ticket, nil)
		fmt.Println("acked", id)
	}
}
