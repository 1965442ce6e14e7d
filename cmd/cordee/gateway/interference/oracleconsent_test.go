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
	deny
	object // a deny of nobody in particular, which is everybody
)

// consent is what an active privacy consent says; any other says nothing.
func (o *oracle) consent(c tree, patient string) int {
	if !privacy(c, patient) {
		return nothing
	}
	for _, s := range c.all("category.coding") {
		if s.at("code").text() == "dmp-alimentation" {
			return nothing // about contributing
		}
	}
	return o.provision(c.at("provision"), patient)
}

// privacy: an active privacy consent of the patient.
func privacy(c tree, patient string) bool {
	return c.at("status").text() == "active" && local(c.at("patient.reference").text()) == "Patient/"+patient &&
		slices.ContainsFunc(c.all("scope.coding"), func(s tree) bool { return s.at("code").text() == "patient-privacy" })
}

// provision: the exceptions in a provision that applies go before it, and a
// deny to somebody goes before everything.
func (o *oracle) provision(p tree, patient string) int {
	if !during(p.at("period")) {
		return nothing
	}
	own, exception := o.bare(p, patient), nothing
	for _, inner := range p.all("provision") {
		if during(inner.at("period")) {
			exception = max(exception, o.bare(inner, patient))
		}
	}
	switch {
	case exception == deny:
		return max(own, deny)
	case own == nothing || exception == nothing:
		return own
	case own >= deny && exception <= permit:
		return exception
	}
	return max(own, exception)
}

// bare is a provision without its exceptions.
func (o *oracle) bare(p tree, patient string) int {
	denies := p.at("type").text() == "deny"
	actors := p.all("actor")
	names := func(actor tree) bool { return o.names(actor, denies, patient) }
	switch {
	case !o.purpose(p, denies), len(actors) > 0 && !slices.ContainsFunc(actors, names):
		return nothing
	case denies && len(actors) == 0:
		return object
	case denies:
		return deny
	case len(actors) == 0:
		return lift
	}
	return permit
}

// purpose: a deny of treatment covers the kinds of treatment too.
func (o *oracle) purpose(p tree, denies bool) bool {
	list := p.all("purpose")
	for _, c := range list {
		code := c.at("code").text()
		if code == o.caller.Purpose || denies && code == "TREAT" && slices.Contains([]string{"ETREAT", "CAREMGT"}, o.caller.Purpose) {
			return true
		}
	}
	return len(list) == 0
}

// names: a team that is named and cannot be found denies everybody and permits
// nobody; a deny to a team holds for who is in it at any time.
func (o *oracle) names(actor tree, denies bool, patient string) bool {
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
		return !strings.HasPrefix(p.at("member.reference").text(), "Patient/")
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
