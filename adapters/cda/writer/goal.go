package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// The templates of an observation of a plan (FR-Demande-d-examen-ou-de-suivi, IHE
// Observation Requests, HL7 CCD plan of care activity).
var planTemplates = []string{"2.16.840.1.113883.10.20.1.25", ihe + ".1.20.3.1", cisisEntry + ".27"}

const pertainsToGoal = baseExtension + "resource-pertainsToGoal"

// goal writes a Goal as an observation of mood GOL: what is aimed at, by when, by
// which measure, and what is to be done for it.
func (w *writer) goal(r resource) *element {
	e := el("observation", "classCode", "OBS", "moodCode", "GOL").add(templates(planTemplates...)...).add(ids(r)...)
	target, description := r.Get("target").First(), r.Get("description")
	measure := target.Get("measure")
	if measure.Get("coding").Exists() || measure.Get("text").Exists() {
		e.add(w.concept("code", "", measure), w.said("text", description.Get("text").Text()))
	} else if description.Get("coding").Exists() {
		e.add(w.concept("code", "", description))
	} else {
		e.add(null("code", "NA"), w.said("text", description.Get("text").Text()))
	}
	e.add(w.state(conceptmap.GoalStatus, r.Get("lifecycleStatus").Text()), w.optional("priorityCode", "", r.Get("priority")))
	e.add(interval("effectiveTime", r.Get("startDate").Text(), target.Get("dueDate").Text()).or(null("effectiveTime", "UNK")))
	typ, v := choice(target, "detail")
	e.add(w.value(typ, v), w.author(r, r.Get("expressedBy"), r.Get("statusDate").Text()))
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == ourDefinitions+"goal-performer" {
			if party := w.assigned("assignedEntity", r, value(x)); party != nil {
				e.add(el("performer").add(point("time", extension(value(x), authorTime).Text()), party))
			}
		}
	}
	w.comments(e, r, 0)
	for _, outcome := range w.members(r) {
		e.add(link("REFR", false, w.statement(outcome)))
	}
	w.reasons(e, r)
	w.inner(e, r)
	return e
}

// task writes an action of a plan: below the goal that it is for, as the PPS has
// it. A Task for no goal has no entry.
func (w *writer) task(r resource) *element {
	if !w.nested[r.url] {
		return nil
	}
	e := el("observation", "classCode", "OBS", "moodCode", "GOL").add(templates(planTemplates...)...).add(ids(r)...)
	e.add(w.optional("code", "", r.Get("code")).or(null("code", "NA")), w.said("text", r.Get("description").Text()), w.state(conceptmap.TaskStatus, r.Get("status").Text()), w.priority(r))
	e.add(period("effectiveTime", r.Get("executionPeriod")).or(null("effectiveTime", "UNK")))
	e.add(w.author(r, r.Get("requester"), r.Get("authoredOn").Text()))
	if party := w.assigned("assignedEntity", r, r.Get("owner")); party != nil {
		e.add(el("performer").add(point("time", extension(r.Get("owner"), authorTime).Text()), party))
	}
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}
