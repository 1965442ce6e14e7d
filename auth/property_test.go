package auth_test

import (
	"context"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"pgregory.net/rapid"
)

var (
	someTypes    = rapid.SampledFrom([]string{"Patient", "Observation", "CarePlan", "Consent"})
	someContexts = rapid.SampledFrom([]string{"system", "user", "patient"})
	somePerms    = rapid.SampledFrom([]string{"c", "r", "u", "d", "s", "rs", "cu", "cruds", "read", "write", "*"})
)

func someScopes(t *rapid.T, label string) (list auth.Scopes) {
	types := rapid.OneOf(someTypes, rapid.Just("*"))
	for range rapid.IntRange(0, 4).Draw(t, label) {
		s, err := auth.ParseScope(someContexts.Draw(t, "context") + "/" + types.Draw(t, "type") + "." + somePerms.Draw(t, "permissions"))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// What is covered by the registered scopes allows nothing that they do not.
func TestCoverGrantsNoMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		registered := someScopes(t, "registered")
		var granted auth.Scopes
		for _, s := range someScopes(t, "requested") {
			if registered.Cover(s) {
				granted = append(granted, s)
			}
		}
		typ, letter := someTypes.Draw(t, "type"), rapid.SampledFrom([]byte("cruds")).Draw(t, "letter")
		for _, patient := range []string{"", "p1"} {
			have, may := auth.Principal{Scopes: granted, Patient: patient}, auth.Principal{Scopes: registered, Patient: patient}
			if have.Reach(typ, letter) > may.Reach(typ, letter) {
				t.Fatalf("%q grants %q, which reaches further on %s.%c", registered, granted, typ, letter)
			}
		}
	})
}

// The answer to a search is that of a repository that never held what is
// withheld, whatever is in it and whoever asks (promise 5).
func TestSearchAsIfNeverHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := auth.Principal{Client: "app", Organization: "Organization/o", Purpose: "TREAT", Scopes: append(someScopes(t, "scopes"), auth.Scope{Context: rapid.SampledFrom([]auth.Context{auth.ContextSystem, auth.ContextPatient}).Draw(t, "of"), Type: "Patient", Perms: auth.Search}),
			Patient: rapid.SampledFrom([]string{"", "p1"}).Draw(t, "patient")}
		ctx := auth.WithPrincipal(context.Background(), p)
		full, rest := newGate(), newGate()
		for i := range rapid.IntRange(0, 8).Draw(t, "records") {
			typ, id := someTypes.Draw(t, "type"), string(rune('a'+i))
			patients := rapid.SampledFrom([][]string{nil, {"p1"}, {"p2"}, {"p1", "p2"}}).Draw(t, "patients")
			labels := rapid.SampledFrom([][]string{nil, {secret}}).Draw(t, "labels")
			full.repo.put(typ, id, fhir.Created, patients, labels...)
			if !permitted(p, typ, patients, labels) {
				continue
			}
			rest.repo.put(typ, id, fhir.Created, patients, labels...)
		}
		q := fhir.Query{Type: "Patient"} // the fake answers with all types: hits and what is included
		if p.Reach(q.Type, 's') == auth.ReachNone {
			t.Skip("nothing to search")
		}
		got, err := full.Search(ctx, q)
		want, wantErr := rest.Search(ctx, q)
		if (err == nil) != (wantErr == nil) || len(got.Matches) != len(want.Matches) {
			t.Fatalf("%d matches (%v), want %d (%v)", len(got.Matches), err, len(want.Matches), wantErr)
		}
		for i := range got.Matches {
			if got.Matches[i].Key != want.Matches[i].Key {
				t.Fatalf("%v, want %v", got.Matches[i].Key, want.Matches[i].Key)
			}
		}
	})
}

// permitted says it once more, in the plainest words.
func permitted(p auth.Principal, typ string, patients, labels []string) bool {
	if slices.Contains(labels, secret) {
		return false
	}
	for _, s := range p.Scopes {
		if (s.Type == typ || s.Type == "*") && (s.Perms.Has('r') || s.Perms.Has('s')) {
			if s.Context != auth.ContextPatient {
				return true
			}
			if p.Patient != "" && (len(patients) == 0 || slices.Equal(patients, []string{p.Patient})) {
				return true
			}
		}
	}
	return false
}
