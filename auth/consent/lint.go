package consent

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// lint refuses an active Consent that could not be enforced, and a CareTeam or
// Consent that names a Group or function of nobody, which another could then
// take the name of. It reports every fault, each at its element (C08).
func (w *writing) lint(ctx context.Context) error {
	root, ok := parse(w.after)
	if !ok || w.after.Type == "Patient" {
		return nil
	}
	l := &linter{reader: w.point.reader, lives: func(target string) (bool, error) { return w.lives(ctx, target) }}
	switch {
	case w.after.Type == "CareTeam":
		l.team(root)
	case len(w.after.Facts.Patients) > 0:
		s, counts := w.point.compileStatement(*w.after, w.after.Facts.Patients[0])
		if !counts {
			return nil
		}
		l.consent(root)
		if s.flaw && len(l.issues) == 0 {
			l.add("Consent.provision", Unreadable)
		}
	}
	if l.err != nil || len(l.issues) == 0 {
		return l.err
	}
	why := l.issues[0].ID
	return (&fhir.Error{Kind: fhir.Unprocessable, Op: "consent.Write", Issues: l.issues}).Wrap(&Refusal{reason(why)})
}

// lives reports whether a function or a Group of professionals is there. Other
// Groups are not told from none: they are not for everybody to know of.
func (w *writing) lives(ctx context.Context, target string) (bool, error) {
	found, err := w.point.subjects(ctx, w.snap, []string{target})
	if err != nil {
		return false, err
	}
	return found[0].function != nil || found[0].group != nil && found[0].group.professional(), nil
}

// linter collects the faults of one resource.
type linter struct {
	reader
	lives  func(target string) (bool, error)
	issues []fhir.Issue
	err    error
}

func (l *linter) add(at, rule string) {
	l.issues = append(l.issues, fhir.Issue{ID: rule, Severity: fhir.SeverityError, Code: fhir.CodeBusinessRule, At: at, Text: texts[rule], Hint: hints[rule]})
}

// team looks for functions that do not exist.
func (l *linter) team(root fhirjson.Node) {
	i := 0
	for p := range root.Get("participant").Items() {
		if target := l.target(p.Get("member")); typeOf(target) == "PractitionerRole" {
			l.known(fmt.Sprintf("CareTeam.participant[%d].member", i), target)
		}
		i++
	}
}

// known notes an actor of this gateway that is not there.
func (l *linter) known(at, target string) {
	there, err := l.lives(target)
	if err != nil && l.err == nil {
		l.err = err
	}
	if err == nil && !there {
		l.add(at, UnknownActor)
	}
}

func (l *linter) consent(root fhirjson.Node) {
	if root.Get("verification").Exists() {
		l.add("Consent.verification", ForbiddenByPCF)
	}
	if root.Get("modifierExtension").Exists() {
		l.add("Consent.modifierExtension", Unreadable)
	}
	if p := root.Get("provision"); p.Exists() {
		l.provision(p, "Consent.provision", 0)
	}
}

// provision looks at one provision and those nested in it.
func (l *linter) provision(n fhirjson.Node, at string, depth int) {
	if depth > deepest {
		l.add(at, TooDeep)
		return
	}
	for m := range n.Members() {
		switch name := m.Name(); name {
		case "action", "class", "code":
			l.add(at+"."+name, ForbiddenByPCF)
		case "period", "dataPeriod":
			l.period(m, at+"."+name)
		case "actor":
			l.actors(m, at+".actor")
		case "purpose":
			if _, ok := compilePurposes(m); !ok {
				l.add(at+".purpose", Unreadable)
			}
		case "securityLabel":
			if _, ok := compileLabels(m); !ok {
				l.add(at+".securityLabel", Unreadable)
			}
		case "data":
			if _, _, ok := l.compileData(m); !ok {
				l.add(at+".data", Unreadable)
			}
		case "provision":
			i := 0
			for item := range m.Items() {
				l.provision(item, fmt.Sprintf("%s.provision[%d]", at, i), depth+1)
				i++
			}
		case "id", "extension", "type":
		default:
			l.add(at+"."+strings.TrimPrefix(name, "_"), Unreadable)
		}
	}
}

// period tells a reversed Period from one that cannot be read.
func (l *linter) period(n fhirjson.Node, at string) {
	if _, ok := parseSpan(n, l.Zone); ok {
		return
	}
	from, _, first := moment(n.Get("start"), l.Zone)
	_, until, last := moment(n.Get("end"), l.Zone)
	if first && last && !from.Before(until) {
		l.add(at, PeriodReversed)
		return
	}
	l.add(at, Unreadable)
}

// actorTypes are what may be an actor.
var actorTypes = []string{"CareTeam", "Group", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson"}

func (l *linter) actors(n fhirjson.Node, at string) {
	i := 0
	for item := range n.Items() {
		path := fmt.Sprintf("%s[%d]", at, i)
		i++
		if !item.Get("role").Exists() || !item.Get("reference").Exists() || modified(item) {
			l.add(path, Unreadable)
			continue
		}
		target := l.target(item.Get("reference"))
		switch typ := typeOf(target); {
		case !slices.Contains(actorTypes, typ):
			l.add(path+".reference", UnknownActor)
		case typ == "Group" || typ == "PractitionerRole":
			l.known(path+".reference", target)
		}
	}
}
