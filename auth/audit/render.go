package audit

import (
	"encoding/base64"
	"time"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// gateway is what every AuditEvent says of us.
type gateway struct{ server, base, site string }

// render returns the AuditEvent of an event. It claims a BALP profile when the
// profile has room for it: BALP knows no failures, no history, no operations.
func (g gateway) render(e event) (fhir.Resource, error) {
	k := kindOf(e.interaction, e.Record.Type)
	id, version, recorded := e.id(), "1", instant(e.Time)
	outcome, action := e.outcome().model(), e.action.model()
	a := r4.AuditEvent{
		Id:          &id,
		Meta:        &r4.Meta{VersionId: &version, LastUpdated: &recorded, Profile: e.profiles(k)},
		Type:        k.typ,
		Subtype:     []r4.Coding{k.subtype},
		Action:      action,
		Recorded:    recorded,
		Outcome:     outcome,
		OutcomeDesc: text(e.description()),
		Agent:       g.agents(e),
		Source:      g.source(),
		Entity:      e.entities(),
	}
	if !e.Record.Start.IsZero() {
		start := instant(e.Record.Start)
		a.Period = &r4.Period{Start: &start, End: &recorded}
	}
	if p := e.Record.Purpose; p != "" {
		a.PurposeOfEvent = []r4.CodeableConcept{*concept(systemPurpose, p)}
	}
	body, err := fhirjson.Encode(plain{"AuditEvent", r4.OtherAuditEvent(a)})
	if err != nil {
		return fhir.Resource{}, err
	}
	facts := e.facts()
	key := facts.Key
	key.Version = version
	return fhir.Resource{Key: key, LastUpdated: e.Time, Effect: fhir.Created, Body: body, Facts: facts}, nil
}

// plain is an AuditEvent without its MarshalJSON, which would encode it, check
// it and copy it once more: a third of the time that rendering takes.
type plain struct {
	ResourceType string `json:"resourceType"`
	r4.OtherAuditEvent
}

// profiles returns the BALP profile that the event conforms to, if any.
func (e event) profiles(k kind) []string {
	switch {
	case e.outcome() != Success || e.Record.Client == "" || e.unchanged() && k.profile != "Read":
		return nil
	case e.interaction == InteractionToken:
		return []string{profileBase + "IHE.IUA.71"}
	case k.profile == "" || k.profile == "Query" && e.Record.Query.Raw == "" || k.profile != "Query" && len(e.entries) == 0:
		return nil
	case e.patient != "":
		return []string{profileBase + "IHE.BasicAudit.Patient" + k.profile}
	}
	return []string{profileBase + "IHE.BasicAudit." + k.profile}
}

// description is AuditEvent.outcomeDesc: codes, for whoever reads it may not be
// allowed to read more.
func (e event) description() string {
	switch e.ended {
	case notApplied:
		return "change not committed"
	case foundTaken:
		return "committed; found out after a stop of the gateway"
	case foundFailed:
		return "change not committed; found out after a stop of the gateway"
	}
	if e.unchanged() && e.Record.Reason == "" {
		return "unchanged"
	}
	return e.Record.Reason
}

// unchanged reports whether the event is of a change that found nothing to do.
func (e event) unchanged() bool {
	return len(e.entries) == 1 && e.entries[0].Effect == fhir.Unchanged
}

func (g gateway) source() r4.AuditEventSource {
	return r4.AuditEventSource{
		Site:     text(g.site),
		Observer: r4.Reference{Identifier: &r4.Identifier{Value: &g.server}},
		Type:     []r4.Coding{coding(systemSourceType, "4")}, // Application Server
	}
}

// entities returns what the event is about: the resources, the patient, the
// query, and the ids of the request. IUA.71 has room for the query alone.
func (e event) entities() (out []r4.AuditEventEntity) {
	for _, entry := range e.entries {
		out = append(out, entry.entity())
	}
	if e.patient != "" {
		patient := "Patient/" + e.patient
		out = append(out, entity(&r4.Reference{Reference: &patient}, systemEntityType, "1", "1")) // Person, Patient
	}
	q := e.Record.Query
	if e.query && q != (Query{}) {
		x := entity(nil, systemEntityType, "2", "24") // System Object, Query
		x.Description = text(q.Clean)
		x.Query = text(base64.StdEncoding.EncodeToString([]byte(q.Raw)))
		out = append(out, x)
	}
	if e.interaction == InteractionToken {
		return out
	}
	if e.Record.Request != "" {
		out = append(out, entity(&r4.Reference{Identifier: &r4.Identifier{Value: text(e.Record.Request)}}, systemBALPEntity, "XrequestId", ""))
	}
	if e.Record.Trace != "" {
		name := "TraceId"
		out = append(out, entity(&r4.Reference{Identifier: &r4.Identifier{Type: &r4.CodeableConcept{Text: &name}, Value: text(e.Record.Trace)}},
			systemEntityType, "4", "20")) // Other, Job
	}
	return out
}

// entity is the entity of one resource, with the hash of what it was.
func (en Entry) entity() r4.AuditEventEntity {
	x := entity(nil, systemEntityType, "2", "4") // System Object, Domain Resource
	if en.Key.ID != "" {
		reference := en.Key.String()
		x.What = &r4.Reference{Reference: &reference}
	} else if en.Key.Type != "" {
		x.What = &r4.Reference{Type: text(en.Key.Type)}
	}
	if en.Hash != ([32]byte{}) {
		x.Detail = []r4.AuditEventEntityDetail{{Type: "sha256", ValueBase64Binary: base64.StdEncoding.EncodeToString(en.Hash[:])}}
	}
	return x
}

func entity(what *r4.Reference, system, typ, role string) r4.AuditEventEntity {
	t := coding(system, typ)
	x := r4.AuditEventEntity{What: what, Type: &t}
	if role != "" {
		c := coding(systemObjectRole, role)
		x.Role = &c
	}
	return x
}

// text is a pointer to s, nil for none.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
