package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// An event is one AuditEvent that a record makes, before it is rendered.
type event struct {
	*happened
	n           int // its place among the events of the record
	interaction Interaction
	action      Action
	entries     []Entry // resources that it names
	patient     string  // id of the patient whom it is about; empty for none
	query       bool    // it names the query
}

// happened is a record with how it ended.
type happened struct {
	Item
	ended ending
}

// events returns the AuditEvents that a record makes, always the same and in
// the same order (BALP 1.1): one for each patient whom a search found something
// of, one for each resource and patient of a read or write, and for a
// transaction or batch one that stands for the whole beside those of its entries.
func (h *happened) events() []event {
	var out []event
	add := func(e event) {
		e.happened, e.n = h, len(out)
		if e.action == 0 {
			e.action = e.interaction.action()
		}
		out = append(out, e)
	}
	r := h.Record
	whole := event{interaction: r.Interaction, action: r.Action, query: true}
	switch {
	case r.Type == "AuditEvent" || !perPatient(r.Interaction):
		// An officer's question is one event: its answer names events of many
		// patients, and none of them was looked up.
		whole.entries = r.Entries
		add(whole)
	case isQuery(r.Interaction):
		for _, e := range byPatient(r, whole) {
			add(e)
		}
	case len(r.Entries) == 0 && !isBundle(r.Interaction):
		for _, e := range byPatient(r, whole) {
			add(e)
		}
	default:
		if isBundle(r.Interaction) {
			add(whole)
		}
		for _, entry := range r.Entries {
			one := event{interaction: r.Interaction.ofEffect(entry)}
			about := Record{Patients: entry.Patients, Entries: []Entry{entry}}
			if one.interaction == r.Interaction {
				one.action = r.Action
			}
			if len(r.Entries) == 1 && len(entry.Patients) == 0 {
				about.Patients, about.Entries[0].Patients = r.Patients, r.Patients
			}
			for _, e := range byPatient(about, one) {
				add(e)
			}
		}
	}
	return out
}

// byPatient repeats e for each patient of r, with the entries that lie in that
// patient's compartment, and once more for what lies in none.
func byPatient(r Record, e event) (out []event) {
	var rest []Entry
	for _, entry := range r.Entries {
		if len(entry.Patients) == 0 {
			rest = append(rest, entry)
		}
	}
	for _, p := range r.Patients {
		own := e
		own.patient, own.entries = p, nil
		for _, entry := range r.Entries {
			if slices.Contains(entry.Patients, p) {
				own.entries = append(own.entries, entry)
			}
		}
		out = append(out, own)
	}
	if len(out) == 0 || len(rest) > 0 {
		e.entries = rest
		out = append(out, e)
	}
	return out
}

// isBundle reports whether the entries of the record are requests of their own.
func isBundle(i Interaction) bool {
	return i == InteractionTransaction || i == InteractionBatch
}

// isQuery reports whether one answer may hold resources of many patients.
func isQuery(i Interaction) bool {
	switch i {
	case InteractionSearchType, InteractionSearchSystem, InteractionHistoryType, InteractionHistorySystem, InteractionHistoryInstance,
		InteractionOperation, InteractionExport, InteractionImport:
		return true
	}
	return false
}

// perPatient reports whether the interaction makes events of the patients
// concerned, and not one of the gateway.
func perPatient(i Interaction) bool {
	_, isRestful := restful[i]
	switch i {
	case InteractionEmergencyStart, InteractionEmergencyStop, InteractionExport, InteractionImport:
		return true
	case InteractionCapabilities:
		return false
	}
	return isRestful
}

// id is the logical id: the number of the record and the place of the event.
func (e event) id() string { return fmt.Sprintf("%d-%d", e.Seq, e.n) }

// parseID reads an id that id has made, and no other.
func parseID(id string) (seq uint64, n int, ok bool) {
	a, b, found := strings.Cut(id, "-")
	seq, err := strconv.ParseUint(a, 10, 64)
	n, err2 := strconv.Atoi(b)
	return seq, n, found && err == nil && err2 == nil && n >= 0 && fmt.Sprintf("%d-%d", seq, n) == id
}

// facts is what a view decides on.
func (e event) facts() fhir.Facts {
	patients := []string{e.patient}
	for _, entry := range e.entries {
		if entry.Key.Type == "Patient" {
			patients = append(patients, entry.Key.ID)
		}
	}
	if id, ok := strings.CutPrefix(e.Record.Agent, "Patient/"); ok {
		patients = append(patients, id)
	}
	return fhir.Facts{Key: fhir.Key{Type: "AuditEvent", ID: e.id()}, Patients: set(patients), Contributor: e.Record.Organization}
}

// outcome is how the event ended.
func (e event) outcome() Outcome { return e.ended.outcome(e.Record.Outcome) }
