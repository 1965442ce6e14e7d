package consent

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// actReason is the system of purposes of use.
const actReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason"

// deepest is how many levels of provisions may be nested in the base one (PCF:
// no depth beyond two).
const deepest = 1

// rule is a provision. Its elements must all hold; the repetitions of one
// element are alternatives; an absent one is no constraint (PCF appendix P).
type rule struct {
	deny       bool
	mute       bool // says nothing
	valid      span
	actors     []actor  // empty: nobody in particular
	purposes   []string // empty: whatever for; "" is one that is not known
	labels     []string // codes of securityLabel; empty: whatever the label
	data       []datum  // empty: whatever record
	exceptions []rule
}

// actor is one that a provision names.
type actor struct {
	target    string // Organization, Practitioner, PractitionerRole or CareTeam; "" when not known here
	recipient bool   // it receives the information: a permit looks at no other role

	professions []string // codes of TRE_G15 among the roles; empty for any
}

// A verdict is what a provision says of an identity.
type verdict uint8

// The verdicts, each stronger than those before it.
const (
	silent       verdict = iota
	lifts                // a permit that names nobody
	permits              // a permit that names the identity
	permitsLabel         // one that names the label of the record besides
	denies               // a deny that names the identity
	opposes              // a deny that names nobody, and so everybody
)

// compileRule reads a provision; fallback is its type when it has none itself.
// What narrows a provision in ways that Facts cannot tell (dataPeriod, data by
// relation) narrows no deny, and turns a permit into a deny of those it names.
// What PCF forbids (action, class, code, deeper nesting) and what is not known
// fails.
func (r reader) compileRule(n fhirjson.Node, fallback string, depth int) (u rule, ok bool) {
	if n.Kind() != fhirjson.Object || depth > deepest {
		return rule{}, false
	}
	kind, doubt := fallback, false
	for m := range n.Members() {
		ok = true
		switch m.Name() {
		case "id", "extension":
		case "type":
			kind = m.Text()
		case "period":
			u.valid, ok = parseSpan(m, r.Zone)
		case "actor":
			u.actors, ok = r.compileActors(m)
		case "purpose":
			u.purposes, ok = compilePurposes(m)
		case "provision":
			u.exceptions, ok = r.compileExceptions(m, depth)
		case "securityLabel":
			u.labels, ok = compileLabels(m)
		case "data":
			var dim bool
			u.data, dim, ok = r.compileData(m)
			doubt = doubt || dim
		case "dataPeriod":
			doubt = true
		default:
			ok = false
		}
		if !ok {
			return rule{}, false
		}
	}
	u.deny = kind == "deny" || doubt && len(u.actors) > 0
	u.mute = doubt && !u.deny
	if doubt {
		u.labels, u.data = nil, nil
	}
	return u, kind == "deny" || kind == "permit"
}

func (r reader) compileExceptions(n fhirjson.Node, depth int) (list []rule, ok bool) {
	for item := range n.Items() {
		u, ok := r.compileRule(item, "", depth+1)
		if !ok {
			return nil, false
		}
		list = append(list, u)
	}
	return list, len(list) > 0
}

// compileActors reads the actors. One without a reference or role fails; one
// that leads to nobody known here is kept without target.
func (r reader) compileActors(n fhirjson.Node) (list []actor, ok bool) {
	for item := range n.Items() {
		if !item.Get("role").Exists() || !item.Get("reference").Exists() || modified(item) {
			return nil, false
		}
		a := actor{recipient: isRecipient(item.Get("role")), professions: codesOf(item.Get("role"), professionSystems...)}
		switch target := r.target(item.Get("reference")); typeOf(target) {
		case "Organization", "Practitioner", "PractitionerRole", "CareTeam", "Group":
			a.target = target
		case "Patient", "RelatedPerson":
			a.target = target // no professional is one
		}
		list = append(list, a)
	}
	return list, len(list) > 0
}

// isRecipient reports whether the actor receives the information: PCF fixes the
// role to IRCP, and PRCP is the primary one of several. A profession is one that
// receives it.
func isRecipient(role fhirjson.Node) bool {
	for c := range role.Get("coding").Items() {
		if system, code := c.Coding(); code == "IRCP" || code == "PRCP" || slices.Contains(professionSystems, system) {
			return true
		}
	}
	return false
}

func compilePurposes(n fhirjson.Node) (list []string, ok bool) {
	for item := range n.Items() {
		system, code := item.Coding()
		if code == "" {
			return nil, false
		}
		if system != actReason {
			code = ""
		}
		list = append(list, strings.Clone(code)) // the text of the Consent is not kept
	}
	return list, len(list) > 0
}

// verdict is what the provision with its exceptions says of the identity. An
// exception holds within the provision, except that a deny to somebody always
// does.
func (u *rule) verdict(q *inquiry, teams []team) verdict {
	if !q.within(u.valid) {
		return silent
	}
	own, exception := u.own(q, teams), silent
	for i := range u.exceptions {
		exception = max(exception, u.exceptions[i].verdict(q, teams))
	}
	switch {
	case own == silent && exception != denies, exception == silent:
		return own
	case own >= denies && exception < denies:
		return exception
	}
	return max(own, exception)
}

// own is the verdict of the provision without its exceptions.
func (u *rule) own(q *inquiry, teams []team) verdict {
	switch {
	case u.mute || !u.covers(q.facts) || !u.names(q, teams) || !u.serves(q.purpose):
		return silent
	case u.deny && len(u.actors) == 0:
		return opposes
	case u.deny:
		return denies
	case len(u.actors) == 0:
		return lifts
	case len(u.labels) > 0:
		return permitsLabel
	}
	return permits
}

// names reports whether the provision is about the identity. Who cannot be told
// is everybody in a deny and nobody in a permit.
func (u *rule) names(q *inquiry, teams []team) bool {
	if len(u.actors) == 0 {
		return true
	}
	for i := range u.actors {
		a := &u.actors[i]
		switch {
		case !u.deny && !a.recipient, !a.profess(q, u.deny):
		case typeOf(a.target) == "CareTeam":
			if u.namesTeam(a.target, q, teams) {
				return true
			}
		case q.matches(a.target, u.deny):
			return true
		}
	}
	return false
}

// profess reports whether the identity is of a profession that the actor is
// narrowed to. One that is not known may be any for a deny.
func (a *actor) profess(q *inquiry, deny bool) bool {
	return len(a.professions) == 0 || deny && q.profession == "" || slices.Contains(a.professions, q.profession)
}

// namesTeam reports whether the identity is in the team that a provision names:
// now for a permit, ever for a deny. A deny to a team that cannot be read is a
// deny to all.
func (u *rule) namesTeam(target string, q *inquiry, teams []team) bool {
	i := slices.IndexFunc(teams, func(t team) bool { return t.target == target })
	switch {
	case i < 0:
		return u.deny
	case u.deny:
		return teams[i].names(q)
	}
	return teams[i].admits(q)
}

// wider are the purposes that a purpose is a kind of (v3-ActReason).
var wider = map[string]string{"ETREAT": "TREAT", "BTG": "ETREAT", "COC": "TREAT", "CAREMGT": "TREAT"}

// serves reports whether the provision is about the purpose. A deny covers the
// kinds of its purposes too, and every purpose when it names one unknown.
func (u *rule) serves(purpose string) bool {
	if len(u.purposes) == 0 || slices.Contains(u.purposes, purpose) && purpose != "" {
		return true
	}
	if !u.deny {
		return false
	}
	for ; purpose != ""; purpose = wider[purpose] {
		if slices.Contains(u.purposes, purpose) {
			return true
		}
	}
	return slices.Contains(u.purposes, "")
}
