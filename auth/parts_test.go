package auth_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
)

// A20, R14: each entry of a batch is in the trail, in their order and once, and
// so is the batch.
func TestA20PartsAreRecorded(t *testing.T) {
	h := newHouse(t)
	statuses := []int{200, 400, 404}
	h.handler = func(w http.ResponseWriter, r *http.Request) {
		trail := auth.Parts{}
		trail.Envelope(r.Context(), "batch", len(statuses))
		for i, status := range statuses {
			part := trail.Part(r.Context())
			if i == 0 {
				if _, err := h.Guard.Read(part, patient); err != nil {
					t.Error(err)
				}
			}
			if err := trail.Done(part, r.WithContext(part), status); err != nil {
				t.Error(err)
			}
		}
		w.WriteHeader(http.StatusOK)
	}
	if status, _, _ := h.get("/", "Authorization", good); status != 200 {
		t.Fatal(status)
	}
	var got []audit.Interaction
	var outcomes []audit.Outcome
	for _, r := range h.trail.take() {
		got, outcomes = append(got, r.Interaction), append(outcomes, r.Outcome)
	}
	want := []audit.Interaction{audit.InteractionRead, audit.InteractionOther, audit.InteractionOther, audit.InteractionBatch}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] || (outcomes[i] != audit.Success) != (i == 1 || i == 2) {
			t.Errorf("record %d: %s, outcome %d", i, got[i], outcomes[i])
		}
	}
}

// An entry that cannot be recorded is not answered.
func TestPartUnrecorded(t *testing.T) {
	h := newHouse(t)
	h.handler = func(w http.ResponseWriter, r *http.Request) {
		part := auth.Parts{}.Part(r.Context())
		h.trail.fail = errors.New("disk full")
		if err := (auth.Parts{}).Done(part, r, 400); err == nil {
			t.Error("no error")
		}
	}
	if status, _, _ := h.get("/", "Authorization", good); status != 503 {
		t.Errorf("status %d", status)
	}
}
