package auth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

func TestParseScope(t *testing.T) {
	for _, tt := range []struct {
		in, allowed string // letters allowed on Observation
		out         string // as it is given back; empty when the same
	}{
		{in: "system/Observation.rs", allowed: "rs"},
		{in: "system/Observation.cruds", allowed: "cruds"},
		{in: "system/*.c", allowed: "c"},
		{in: "user/Observation.ds", allowed: "ds"},
		{in: "system/Patient.cruds", allowed: ""},
		{in: "patient/Observation.rs", allowed: ""}, // reaches one compartment only
		{in: "system/Observation.read", allowed: "rs"},
		{in: "system/*.write", allowed: "cud"},
		{in: "user/*.*", allowed: "cruds"},
		{in: " system/Observation.r  system/Observation.s system/Observation.r ", allowed: "rs", out: "system/Observation.r system/Observation.s"},
		{in: "", allowed: ""},
	} {
		scopes, err := auth.ParseScopes(tt.in)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		for _, letter := range []byte("cruds") {
			if got, want := scopes.Allow("Observation", letter), strings.IndexByte(tt.allowed, letter) >= 0; got != want {
				t.Errorf("%q allows %c on Observation: %v, want %v", tt.in, letter, got, want)
			}
		}
		want := tt.out
		if want == "" {
			want = tt.in
		}
		if got := scopes.String(); got != want {
			t.Errorf("%q is given back as %q, want %q", tt.in, got, want)
		}
	}
}

// O13: what is not a well-formed scope that the gateway enforces is refused.
func TestO13ScopeRefused(t *testing.T) {
	for _, in := range []string{
		".dus", ".", "/", "system/.rs", "system/Patient", "system/Patient.", "Patient.rs", "system/Patient.dus",
		"system/Patient.rr", "system/Patient.x", "system/Patient.READ", "system/patient.rs", "system/Foo.rs",
		"System/Patient.rs", "group/Patient.rs", "system/Patient.rs.s", "system/**.rs", "system/Patient.rs?", "openid",
		"system/Observation.rs?category=laboratory", "patient/Observation.rs?subject:Patient.name=x", "system/Patient .rs",
		"system/Patient.rs\x00", "offline_access", "launch", "system//Patient.rs", "system/Patient/1.rs", "\u00a0",
		strings.Repeat("system/Patient.rs ", 600), strings.Repeat("a", 10<<10),
	} {
		scopes, err := auth.ParseScopes(in)
		if err == nil && strings.TrimSpace(in) != "" {
			t.Errorf("%.60q was accepted as %q", in, scopes)
		}
		if err != nil && fhir.KindOf(err) != fhir.Malformed {
			t.Errorf("%.60q: kind %v", in, fhir.KindOf(err))
		}
	}
}

func TestZeroValuesAllowNothing(t *testing.T) {
	for _, letter := range []byte("cruds?\x00") {
		if (auth.Scopes{}).Allow("Patient", letter) || (auth.Scopes{{}}).Allow("", letter) || (&auth.Principal{}).Reach("Patient", letter) != auth.ReachNone {
			t.Errorf("a zero value allows %q", letter)
		}
	}
	if all, _ := auth.ParseScopes("system/*.cruds"); all.Cover(auth.Scope{}) || all.Allow("Patient", 'x') {
		t.Error("a zero scope is covered")
	}
}

func TestCover(t *testing.T) {
	for _, tt := range []struct {
		registered, requested string
		want                  bool
	}{
		{"system/*.rs", "system/Patient.rs", true},
		{"system/*.rs", "system/*.r", true},
		{"system/*.rs", "system/Patient.cruds", false},
		{"system/*.rs", "user/Patient.rs", false},
		{"user/*.rs", "system/Patient.rs", false},
		{"system/Patient.r system/Patient.s", "system/Patient.rs", true},
		{"system/*.r system/Patient.s", "system/Patient.rs", true},
		{"system/*.r system/Patient.s", "system/*.rs", false},
		{"system/Patient.rs", "system/*.rs", false},
		{"system/Patient.read", "system/Patient.s", true},
		{"system/Patient.rs", "system/Patient.read", true},
		{"system/Patient.rs", "system/Patient.write", false},
		{"", "system/Patient.r", false},
	} {
		registered, err := auth.ParseScopes(tt.registered)
		if err != nil {
			t.Fatal(err)
		}
		requested, err := auth.ParseScope(tt.requested)
		if err != nil {
			t.Fatal(err)
		}
		if got := registered.Cover(requested); got != tt.want {
			t.Errorf("%q covers %q: %v, want %v", tt.registered, tt.requested, got, tt.want)
		}
	}
}

func TestReach(t *testing.T) {
	scopes, err := auth.ParseScopes("patient/*.rs system/CarePlan.rs")
	if err != nil {
		t.Fatal(err)
	}
	p := auth.Principal{Scopes: scopes}
	if got := p.Reach("Observation", 'r'); got != auth.ReachNone {
		t.Errorf("patient/ without a patient in context reaches %v", got)
	}
	p.Patient = "p1"
	if got := p.Reach("Observation", 'r'); got != auth.ReachPatient {
		t.Errorf("patient/ with a patient in context reaches %v", got)
	}
	if got := p.Reach("CarePlan", 'r'); got != auth.ReachAll {
		t.Errorf("system/CarePlan.rs reaches %v", got)
	}
	p.Roles = []string{auth.RoleOfficer}
	if got := p.Reach("CarePlan", 'r'); got != auth.ReachNone {
		t.Errorf("an officer reaches clinical data: %v", got)
	}
}

func FuzzParseScopes(f *testing.F) {
	for _, seed := range []string{"system/*.cruds", "user/Patient.read patient/*.*", "system/Patient.dus", "a/b.c?d=e", "\xff/.", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		scopes, err := auth.ParseScopes(in)
		if err != nil {
			return
		}
		again, err := auth.ParseScopes(scopes.String())
		if err != nil || again.String() != scopes.String() {
			t.Fatalf("%q is given back as %q, which reads as %q (%v)", in, scopes, again, err)
		}
		for _, s := range scopes {
			if !scopes.Cover(s) {
				t.Fatalf("%q does not cover its own %q", in, s)
			}
		}
	})
}

func ExampleScopes_Allow() {
	scopes, _ := auth.ParseScopes("system/CarePlan.rs system/Observation.read")
	fmt.Println(scopes.Allow("CarePlan", 's'), scopes.Allow("CarePlan", 'u'), scopes.Allow("Patient", 'r'))
	fmt.Println(scopes)
	// Output:
	// true false false
	// system/CarePlan.rs system/Observation.read
}
