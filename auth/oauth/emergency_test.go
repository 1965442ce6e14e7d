package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/oauth"
)

const why = "Patient inconscient, régulation du centre 15"

// regulation registers the software of an emergency call centre and returns how
// it asks: with an hl7-b2b and a cordee-emergency, changed.
func regulation(t *testing.T) (*harness, func(person, emergency claims, scope string) answer) {
	h := newHarness(t)
	h.add(oauth.Client{ID: "samu", Subjects: []string{"*"}, Purposes: []string{"BTG", "TREAT"}, Scopes: scopes(t, "system/*.cruds")})
	return h, func(person, emergency claims, scope string) answer {
		body := extension(with(claims{"purpose_of_use": []string{reasons + "BTG"}, "subject_id": "Practitioner/p1", "subject_role": professions + "10"}, person))
		if e := with(claims{"version": "1", "patient": "Patient/jeanne", "reason": why}, emergency); len(e) > 0 {
			body["extensions"].(claims)["cordee-emergency"] = e
		}
		body["iss"], body["sub"] = "samu", "samu"
		return h.post(h.form(h.assertion(nil, body), scope))
	}
}

// C09: who may not break the glass gets no token to do it with.
func TestC09BreakGlassRefused(t *testing.T) {
	h, ask := regulation(t)
	none := claims{"version": nil, "patient": nil, "reason": nil}
	for _, tt := range []struct {
		name              string
		person, emergency claims
		scope, code       string
	}{
		{"no emergency", nil, none, "", "invalid_grant"},
		{"no version", nil, claims{"version": nil}, "", "invalid_grant"},
		{"no reason", nil, claims{"reason": nil}, "", "invalid_grant"},
		{"a reason that says nothing", nil, claims{"reason": "urgence"}, "", "invalid_grant"},
		{"a reason of spaces", nil, claims{"reason": strings.Repeat(" ", 40)}, "", "invalid_grant"},
		{"a reason without end", nil, claims{"reason": strings.Repeat("x", 501)}, "", "invalid_grant"},
		{"a reason of two lines", nil, claims{"reason": why + "\n" + why}, "", "invalid_grant"},
		{"no patient", nil, claims{"patient": nil}, "", "invalid_grant"},
		{"every patient", nil, claims{"patient": "Patient"}, "", "invalid_grant"},
		{"two patients", nil, claims{"patient": "Patient/jeanne,Patient/paul"}, "", "invalid_grant"},
		{"no patient but a group", nil, claims{"patient": "Group/all"}, "", "invalid_grant"},
		{"a version of a patient", nil, claims{"patient": "Patient/jeanne/_history/1"}, "", "invalid_grant"},
		{"another gateway's patient", nil, claims{"patient": "https://elsewhere.example/fhir/Patient/jeanne"}, "", "invalid_grant"},
		{"nobody", claims{"subject_id": nil, "subject_role": nil}, nil, "", "invalid_grant"},
		{"no role", claims{"subject_role": nil}, nil, "", "invalid_grant"},
		{"a role that may not", claims{"subject_role": professions + "91"}, nil, "", "invalid_grant"},
		{"for treatment", claims{"purpose_of_use": []string{reasons + "TREAT"}}, nil, "", "invalid_grant"},
		{"to write", nil, nil, "system/Patient.rs system/Observation.c", "invalid_scope"},
		{"to do everything", nil, nil, "system/*.cruds", "invalid_scope"},
	} {
		ask(tt.person, tt.emergency, tt.scope).refused(t, tt.name, http.StatusBadRequest, tt.code)
	}
	body := extension(claims{"purpose_of_use": []string{reasons + "BTG"}, "subject_id": "Practitioner/p1", "subject_role": professions + "10"})
	body["extensions"].(claims)["cordee-emergency"] = claims{"version": "1", "patient": "Patient/jeanne", "reason": why}
	h.post(h.form(h.assertion(nil, body), "")).refused(t, "a client that is not registered for BTG", http.StatusBadRequest, "invalid_grant")
}

// The glass is broken for half an hour from the first token, however often it is
// renewed, and then not again for a shift.
func TestBreakGlassLasts(t *testing.T) {
	h, ask := regulation(t)
	token := func(emergency claims) auth.Principal {
		t.Helper()
		a := ask(nil, emergency, "system/Patient.rs")
		p, err := h.Introspect(context.Background(), a.Token)
		if err != nil {
			t.Fatal(a.body, err)
		}
		if p.Purpose != auth.PurposeBreakTheGlass || p.Emergency.ID == "" || a.Expires > 300 {
			t.Fatalf("%+v", p)
		}
		return p
	}
	first := token(nil)
	if first.Patient != "jeanne" {
		t.Errorf("the patient is %q", first.Patient)
	}
	h.clock.add(10 * time.Minute)
	if again := token(claims{"reason": "Toujours le même appel au centre 15"}); again.Emergency != first.Emergency {
		t.Errorf("renewed into another session: %+v, %+v", again.Emergency, first.Emergency)
	}
	if other := token(claims{"patient": "Patient/paul"}); other.Emergency.ID == first.Emergency.ID || other.Patient != "paul" {
		t.Errorf("another patient in the same session: %+v", other)
	}
	h.clock.add(18 * time.Minute)
	if last := token(nil); !last.Expires.Equal(first.Emergency.Ends()) {
		t.Errorf("a token until %v outlives the session, which ends %v", last.Expires, first.Emergency.Ends())
	}
	h.clock.add(2 * time.Minute)
	ask(nil, nil, "").refused(t, "after half an hour", http.StatusBadRequest, "invalid_grant")
	h.clock.add(11 * time.Hour)
	ask(nil, nil, "").refused(t, "in the same shift", http.StatusBadRequest, "invalid_grant")
	h.clock.add(time.Hour)
	if next := token(nil); next.Emergency.ID == first.Emergency.ID {
		t.Error("the old session was taken up")
	}
}

// The trail is told of the beginning of each session, with the reason, before
// the token leaves; requests at once begin one.
func TestBreakGlassIsRecorded(t *testing.T) {
	h, ask := regulation(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { ask(nil, nil, "") })
	}
	wg.Wait()
	begun := 0
	h.trail.mu.Lock()
	for _, r := range h.trail.records {
		if r.Interaction == audit.InteractionEmergencyStart {
			begun++
			if r.Purpose != "BTG" || r.Query.Clean != why || r.Agent != "Practitioner/p1" || len(r.Patients) != 1 || r.Patients[0] != "jeanne" {
				t.Errorf("%+v", r)
			}
		}
	}
	h.trail.mu.Unlock()
	if begun != 1 {
		t.Errorf("%d sessions were begun", begun)
	}
}

// A session whose beginning cannot be recorded is not begun.
func TestBreakGlassUnrecorded(t *testing.T) {
	h, ask := regulation(t)
	h.trail.fail = errors.New("disk full")
	ask(nil, nil, "").refused(t, "without a trail", http.StatusServiceUnavailable, "temporarily_unavailable")
	h.trail.fail = nil
	ask(nil, nil, "")
	if n := h.trail.count(); n != 2 {
		t.Errorf("%d records, want that of the beginning and that of the token", n)
	}
}

// C09, C10: the trail is told of the end of each session, once: when its half
// hour has passed, or its client is revoked. What could not be recorded is told
// later.
func TestC09EmergencyEndIsRecorded(t *testing.T) {
	h, ask := regulation(t)
	end := func(want int, when string) {
		t.Helper()
		before := h.trail.count()
		n, err := h.EndEmergencies(t.Context())
		if err != nil || n != want || h.trail.count() != before+want {
			t.Fatalf("%s: %d ends, want %d; %v", when, n, want, err)
		}
	}
	ask(nil, nil, "")
	end(0, "at the beginning")
	h.clock.add(auth.EmergencyLife - time.Second)
	end(0, "a second before the end")
	h.clock.add(time.Second)
	h.trail.fail = errors.New("disk full")
	if n, err := h.EndEmergencies(t.Context()); err == nil || n != 0 {
		t.Fatalf("without a trail: %d, %v", n, err)
	}
	h.trail.fail = nil
	end(1, "at the end")
	h.trail.mu.Lock()
	last := h.trail.records[len(h.trail.records)-1]
	first := h.trail.records[0]
	h.trail.mu.Unlock()
	if last.Interaction != audit.InteractionEmergencyStop || last.Reason != first.Reason || last.Reason == "" || last.Purpose != "BTG" || last.Agent != "Practitioner/p1" ||
		last.Client != first.Client || last.Organization != first.Organization || len(last.Patients) != 1 || last.Patients[0] != "jeanne" || last.Query.Clean != "" {
		t.Errorf("%+v", last)
	}
	end(0, "once more")
	ask(nil, nil, "").refused(t, "after the end is told", http.StatusBadRequest, "invalid_grant")
	h.clock.add(13 * time.Hour)
	ask(nil, nil, "")
	end(0, "in the next session")
	if err := h.Clients().Revoke(t.Context(), first.Client); err != nil {
		t.Fatal(err)
	}
	end(1, "revoked")
	end(0, "revoked, once more")
}
