package interference

import (
	"slices"
	"strings"
	"time"
)

// What a consent says of the caller, from the weakest.
const (
	nothing = iota
	lift    // a permit of nobody in particular: it undoes the deny around it
	permit
	permitLabel // one that names the label of the record besides
	deny
	object // a deny of nobody in particular, which is everybody
)

// consent is what an active privacy consent says about the record; any other
// says nothing.
func (o *oracle) consent(c tree, about subject) int {
	if !privacy(c, about.patient) {
		return nothing
	}
	for _, s := range c.all("category.coding") {
		if s.at("code").text() == "dmp-alimentation" {
			return nothing // about contributing
		}
	}
	return o.provision(c.at("provision"), about)
}

// subject is what a question is about: a record of a patient.
type subject struct {
	patient string
	key     string
	by      string
	labels  []string
}

// privacy: an active privacy consent of the patient.
func privacy(c tree, patient string) bool {
	return c.at("status").text() == "active" && local(c.at("patient.reference").text()) == "Patient/"+patient &&
		slices.ContainsFunc(c.all("scope.coding"), func(s tree) bool { return s.at("code").text() == "patient-privacy" })
}

// provision: the exceptions in a provision that applies go before it, and a
// deny to somebody goes before everything.
func (o *oracle) provision(p tree, about subject) int {
	if !during(p.at("period")) {
		return nothing
	}
	own, exception := o.bare(p, about), nothing
	for _, inner := range p.all("provision") {
		if during(inner.at("period")) {
			exception = max(exception, o.bare(inner, about))
		}
	}
	switch {
	case exception == deny:
		return max(own, deny)
	case own == nothing || exception == nothing:
		return own
	case own >= deny && exception < deny:
		return exception
	}
	return max(own, exception)
}

// bare is a provision without its exceptions. What narrows it in a way that
// nobody can tell makes it a deny to those it names, whatever the record.
func (o *oracle) bare(p tree, about subject) int {
	actors := p.all("actor")
	untold := p.at("dataPeriod").value != nil || slices.ContainsFunc(p.all("data.meaning"), func(m tree) bool { return m.text() == "related" })
	denies := p.at("type").text() == "deny" || untold && len(actors) > 0
	names := func(actor tree) bool { return o.names(actor, denies, about.patient) }
	switch {
	case untold && !denies, !untold && !about.in(p, denies), !o.purpose(p, denies), len(actors) > 0 && !slices.ContainsFunc(actors, names):
		return nothing
	case denies && len(actors) == 0:
		return object
	case denies:
		return deny
	case len(actors) == 0:
		return lift
	case len(p.all("securityLabel")) > 0 && !untold:
		return permitLabel
	}
	return permit
}

// in reports whether the record is among those that the provision is about.
func (s *subject) in(p tree, denies bool) bool {
	labels, data := p.all("securityLabel.code"), p.all("data")
	return (len(labels) == 0 || slices.ContainsFunc(labels, func(l tree) bool { return s.bears(l.text(), denies) })) &&
		(len(data) == 0 || slices.ContainsFunc(data, func(d tree) bool {
			target := local(d.at("reference.reference").text())
			return d.at("meaning").text() == "instance" && target == s.key || d.at("meaning").text() == "authoredby" && target == s.by
		}))
}

// bears: of confidentialities a deny of one covers what is more secret, a
// permit what is less, and a record that says none is R.
func (s *subject) bears(label string, denies bool) bool {
	const ranks = "ULMNRV"
	rank := strings.Index(ranks, label)
	if rank < 0 {
		return slices.Contains(s.labels, label)
	}
	own := -1
	for _, l := range s.labels {
		if len(l) == 1 {
			own = max(own, strings.Index(ranks, l))
		}
	}
	if own < 0 {
		own = strings.Index(ranks, "R")
	}
	return denies && own >= rank || !denies && own <= rank
}

// purpose: a deny of treatment covers the kinds of treatment too, of which an
// emergency is one.
func (o *oracle) purpose(p tree, denies bool) bool {
	kinds := map[string][]string{"TREAT": {"ETREAT", "CAREMGT", "BTG"}, "ETREAT": {"BTG"}}
	list := p.all("purpose")
	for _, c := range list {
		code := c.at("code").text()
		if code == o.caller.Purpose || denies && slices.Contains(kinds[code], o.caller.Purpose) {
			return true
		}
	}
	return len(list) == 0
}

// names: a team that is named and cannot be found denies everybody and permits
// nobody; a deny to a team holds for who is in it at any time. A permit is for
// who receives the information, and a profession narrows either.
func (o *oracle) names(actor tree, denies bool, patient string) bool {
	receives, profession := false, ""
	for _, c := range actor.all("role.coding") {
		receives = receives || c.at("code").text() == "IRCP"
		if c.at("system").text() == g15 {
			receives, profession = true, c.at("code").text()
		}
	}
	mine := o.profession()
	if !denies && !receives || profession != "" && profession != mine && !(denies && mine == "") {
		return false
	}
	target := local(actor.at("reference.reference").text())
	if !strings.HasPrefix(target, "CareTeam/") {
		return o.isCaller(target, denies)
	}
	r := o.world[target]
	if r == nil || r.current().deleted || !slices.Contains(r.current().patients, patient) || !teamOf(r.current().body, patient) || !hasMembers(r.current().body) {
		return denies
	}
	return o.admitted(r.current().body, !denies)
}

// teamOf: an active team of that patient.
func teamOf(team tree, patient string) bool {
	return team.at("status").text() == "active" && local(team.at("subject.reference").text()) == "Patient/"+patient
}

func hasMembers(team tree) bool {
	return len(team.all("managingOrganization")) > 0 || slices.ContainsFunc(team.all("participant"), func(p tree) bool {
		typ, _, _ := strings.Cut(p.at("member.reference").text(), "/")
		return typ != "Patient" && typ != "RelatedPerson"
	})
}

// admitted reports whether the caller is in the team; with now, at the moment.
func (o *oracle) admitted(team tree, now bool) bool {
	if now && !during(team.at("period")) {
		return false
	}
	for _, m := range team.all("managingOrganization") {
		if o.isCaller(local(m.at("reference").text()), !now) {
			return true
		}
	}
	return slices.ContainsFunc(team.all("participant"), func(p tree) bool {
		behalf := local(p.at("onBehalfOf.reference").text())
		return o.isCaller(local(p.at("member.reference").text()), !now) && (behalf == "" || behalf == o.caller.Organization) && (!now || during(p.at("period")))
	})
}

// during: both days belong to a period, and days are those of Paris. Cases
// happen around noon, so the day alone decides.
func during(period tree) bool {
	today := noon.Format(time.DateOnly)
	start, end := period.at("start").text(), period.at("end").text()
	return (start == "" || start <= today) && (end == "" || today <= end)
}
