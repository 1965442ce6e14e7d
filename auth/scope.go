package auth

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// A Scope is one SMART clinical scope: context/type.permissions (SMART App
// Launch 2.2, scopes-and-launch-context.html). It never widens: consent and the
// policy of the client apply after it.
type Scope struct {
	Context Context
	Type    string // resource type, or "*"
	Perms   Perms
	V1      bool // written in the words of version 1, and given back in them
}

// Context is on whose behalf a scope reaches: the part before the slash.
type Context uint8

// The contexts. The zero Context belongs to no scope.
const (
	_ Context = iota
	ContextSystem
	ContextUser
	ContextPatient
)

var contextNames = [...]string{ContextSystem: "system", ContextUser: "user", ContextPatient: "patient"}

// Perms is a set of the permissions c r u d s.
type Perms uint8

// letters are the permissions in the order in which SMART 2 wants them.
const letters = "cruds"

// The permissions. c: create; r: read, vread and instance history; u: update,
// also to a new id, and patch; d: delete; s: search, type and system history.
const (
	Create Perms = 1 << iota
	Read
	Update
	Delete
	Search
)

// Has reports whether the permission of that letter is in the set.
func (p Perms) Has(letter byte) bool {
	i := strings.IndexByte(letters, letter)
	return i >= 0 && p&(1<<i) != 0
}

// v1 are the permissions of SMART 1, and what they mean in SMART 2.
var v1 = map[string]Perms{"read": Read | Search, "write": Create | Update | Delete, "*": Create | Read | Update | Delete | Search}

// String returns the scope as a client writes it.
func (s Scope) String() string {
	if s.Context == 0 || int(s.Context) >= len(contextNames) {
		return ""
	}
	var b strings.Builder
	b.WriteString(contextNames[s.Context] + "/" + s.Type + ".")
	if s.V1 {
		for word, perms := range v1 {
			if perms == s.Perms {
				b.WriteString(word)
			}
		}
		return b.String()
	}
	for i := range len(letters) {
		if s.Perms.Has(letters[i]) {
			b.WriteByte(letters[i])
		}
	}
	return b.String()
}

// Scopes are the scopes of a token or of a client. Empty allows nothing.
type Scopes []Scope

// The limits of a scope parameter; SMART sets none.
const (
	maxScopeBytes = 4 << 10
	maxScopes     = 200
)

// ParseScopes reads a space-separated scope parameter. Whatever is not a
// clinical scope fails, and so does a query in a scope (?param=…), because the
// gateway does not enforce it yet. The error is a *fhir.Error of kind
// Malformed; package oauth answers it as invalid_scope.
func ParseScopes(text string) (Scopes, error) {
	if len(text) > maxScopeBytes {
		return nil, scopeError(fhir.T("The scopes are too long.", "Les scopes sont trop longs."))
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' })
	if len(words) > maxScopes {
		return nil, scopeError(fhir.T("There are too many scopes.", "Il y a trop de scopes."))
	}
	scopes := make(Scopes, 0, len(words))
	for _, word := range words {
		s, err := ParseScope(word)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return scopes, nil
}

// ParseScope reads one clinical scope; see ParseScopes.
func ParseScope(word string) (Scope, error) {
	if strings.ContainsRune(word, '?') {
		return Scope{}, scopeError(fhir.T("A scope with a search query is not supported.", "Un scope avec critères de recherche n'est pas géré."))
	}
	context, rest, ok1 := strings.Cut(word, "/")
	typ, perms, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 {
		return Scope{}, scopeError(fhir.T("A scope is not of the form context/type.permissions.", "Un scope n'a pas la forme contexte/type.permissions."))
	}
	s := Scope{Type: typ}
	if i := slices.Index(contextNames[:], context); i > 0 {
		s.Context = Context(i)
	} else {
		return Scope{}, scopeError(fhir.T("The context of a scope is none of system, user, patient.", "Le contexte d'un scope n'est ni system, ni user, ni patient."))
	}
	if typ != "*" && !tables.IsResource(typ) {
		return Scope{}, scopeError(fhir.T("A scope names a type that R4 does not have.", "Un scope nomme un type que R4 ne connaît pas."))
	}
	if s.Perms, s.V1 = v1[perms]; s.V1 {
		return s, nil
	}
	if s.Perms, ok1 = parsePerms(perms); !ok1 {
		return Scope{}, scopeError(fhir.T("The permissions of a scope are not a part of cruds in that order.", "Les permissions d'un scope ne sont pas une partie de cruds, dans cet ordre."))
	}
	return s, nil
}

// parsePerms reads a non-empty part of "cruds" in order.
func parsePerms(s string) (p Perms, ok bool) {
	next := 0
	for i := range len(s) {
		k := strings.IndexByte(letters, s[i])
		if k < next {
			return 0, false
		}
		next = k + 1
		p |= 1 << k
	}
	return p, p != 0
}

func scopeError(text fhir.Text) error {
	return fhir.Errorf(fhir.Malformed, "auth.ParseScope", "auth.scope", fhir.CodeInvalid, "http.scope", text,
		fhir.T("Write SMART App Launch 2 scopes, such as system/CarePlan.rs or system/*.cruds.",
			"Écrivez des scopes SMART App Launch 2, par exemple system/CarePlan.rs ou system/*.cruds."))
}

// Allow reports whether a scope of context system or user gives perm (one of c,
// r, u, d, s) on the type. Scopes of patient/ do not count here: they reach one
// compartment only, see Principal.Reach.
func (s Scopes) Allow(typ string, perm byte) bool {
	return s.allow(ContextSystem, typ, perm) || s.allow(ContextUser, typ, perm)
}

func (s Scopes) allow(context Context, typ string, perm byte) bool {
	for i := range s {
		if s[i].Context == context && (s[i].Type == typ || s[i].Type == "*") && s[i].Perms.Has(perm) {
			return true
		}
	}
	return false
}

// Cover reports whether everything that want gives is given by s already: the
// rule by which a requested scope is held against the registered ones.
func (s Scopes) Cover(want Scope) bool {
	var have Perms
	for i := range s {
		if s[i].Context == want.Context && (s[i].Type == want.Type || s[i].Type == "*") {
			have |= s[i].Perms
		}
	}
	return want.Perms != 0 && want.Perms&^have == 0
}

// Strings returns the scopes as clients write them, in their order.
func (s Scopes) Strings() []string {
	words := make([]string, len(s))
	for i := range s {
		words[i] = s[i].String()
	}
	return words
}

// String returns the value of a scope parameter.
func (s Scopes) String() string { return strings.Join(s.Strings(), " ") }

// MarshalText and UnmarshalText keep scopes as the value of a scope parameter.
func (s Scopes) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Scopes) UnmarshalText(text []byte) (err error) {
	*s, err = ParseScopes(string(text))
	return err
}
