package notice

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

var update = flag.Bool("update", false, "write the golden files")

// repository keeps what is committed, with what the trail is told of it.
type repository struct {
	fhir.Repository
	mu      sync.Mutex
	changes []fhir.Change
	records []audit.Record
	fails   error
}

func (r *repository) Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails != nil {
		return nil, r.fails
	}
	record, _ := audit.PendingFrom(ctx)
	r.changes, r.records = append(r.changes, changes...), append(r.records, record)
	return make([]fhir.Resource, len(changes)), nil
}

// emergency is who breaks the glass of a patient, n sessions after the first.
func emergency(n int) auth.Principal {
	start := time.Date(2026, 1, 15, 11, 0, 0, 0, time.UTC).Add(time.Duration(n) * 13 * time.Hour)
	return auth.Principal{Client: "samu", Organization: "Organization/samu", Practitioner: "Practitioner/d1", Name: "Dr Zola", Purpose: auth.PurposeBreakTheGlass, Patient: "p0",
		Emergency: auth.Emergency{ID: "session-" + string(rune('a'+n)), Start: start}}
}

// C09: the patient is told once for each session, in both languages, in words
// that hold neither reason nor name, and the trail says who wrote it.
func TestC09NoticeOfBreakGlass(t *testing.T) {
	repo := &repository{}
	board := &Board{Repo: repo}
	for _, p := range []auth.Principal{emergency(0), emergency(0), emergency(1)} {
		if err := board.BreakGlass(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if len(repo.changes) != 2 {
		t.Fatalf("%d notices of two sessions", len(repo.changes))
	}
	change, record := repo.changes[0], repo.records[0]
	if change.Key.String() != "Communication/session-a" || change.Method != fhir.Update || change.Contributor != "" {
		t.Errorf("%+v", change)
	}
	if record.Client != Client || record.Rule != "notice.break-glass" || record.Purpose != auth.PurposeBreakTheGlass || record.Interaction != audit.InteractionCreate {
		t.Errorf("the trail: %+v", record)
	}
	doc, err := fhirjson.Parse(change.Body)
	if err != nil {
		t.Fatal(err)
	}
	if issues := profile.Validate(doc); len(issues) > 0 {
		t.Errorf("not valid: %v", issues)
	}
	if bytes.Contains(change.Body, []byte("Zola")) {
		t.Error("the notice holds what the client says a name is")
	}
	golden(t, "break-glass.golden.json", change.Body)
}

// The sender is the most precise reference that the token has.
func TestSenderOfNotice(t *testing.T) {
	for _, tt := range []struct{ role, practitioner, want string }{
		{"PractitionerRole/r", "Practitioner/d", "PractitionerRole/r"}, {"", "Practitioner/d", "Practitioner/d"}, {"", "", "Organization/samu"},
	} {
		p := emergency(0)
		p.Role, p.Practitioner = tt.role, tt.practitioner
		if got := *breakGlass(p).Sender.Reference; got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// What could not be written was not told: it fails, and is tried again.
func TestNoticeIsTriedAgain(t *testing.T) {
	broken := errors.New("disk full")
	repo := &repository{fails: broken}
	board := &Board{Repo: repo}
	if err := board.BreakGlass(t.Context(), emergency(0)); !errors.Is(err, broken) {
		t.Fatalf("a notice that was not written: %v", err)
	}
	repo.fails = nil
	if err := board.BreakGlass(t.Context(), emergency(0)); err != nil || len(repo.changes) != 1 {
		t.Errorf("%d notices, %v", len(repo.changes), err)
	}
}

// Requests of one session that come at once, or after a restart, write the same
// bytes under the same id, so that there is one notice.
func TestNoticesAtOnceAreOne(t *testing.T) {
	repo := &repository{}
	var all sync.WaitGroup
	for range 8 {
		board := &Board{Repo: repo}
		all.Go(func() { board.BreakGlass(t.Context(), emergency(0)) })
	}
	all.Wait()
	for _, c := range repo.changes {
		if c.Key != repo.changes[0].Key || !bytes.Equal(c.Body, repo.changes[0].Body) {
			t.Errorf("%s differs", c.Key)
		}
	}
}

// Sessions that are over are forgotten.
func TestBoardStaysSmall(t *testing.T) {
	board := &Board{Repo: &repository{}}
	for n := range 20 {
		if err := board.BreakGlass(t.Context(), emergency(n)); err != nil {
			t.Fatal(err)
		}
	}
	if len(board.sent) != 1 {
		t.Errorf("%d sessions are remembered", len(board.sent))
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, append(bytes.TrimSpace(got), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(want)) != strings.TrimSpace(string(got)) {
		t.Errorf("%s (-update writes it): %v\n%s", path, err, got)
	}
}
