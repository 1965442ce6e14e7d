package oauth

import (
	"bytes"
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// An override is a break-glass session as it is kept, under the person, the
// client and the patient.
type override struct {
	auth.Emergency
	Session session   `json:"session,omitzero"` // of the token that began it
	Ended   time.Time `json:"ended,omitzero"`   // when it was ended before its time
	Told    bool      `json:"told,omitempty"`   // the trail has its end
}

// EndEmergencies tells the trail of each break-glass session that is over (DICOM
// 110138, Emergency Override Stopped), and returns how many: its half hour has
// passed, or its client was revoked, or it was ended early and the trail could not be
// told then; its tokens are without effect. The event is durable before it is remembered, so that none is lost; a crash
// between the two tells of one twice.
func (s *Server) EndEmergencies(ctx context.Context) (ended int, err error) {
	over, err := s.emergenciesOver(ctx)
	if err != nil {
		return 0, fault("oauth.Server.EndEmergencies", err)
	}
	for i := range over {
		if err := s.endEmergency(ctx, &over[i]); err != nil {
			return ended, fault("oauth.Server.EndEmergencies", err)
		}
		ended++
	}
	return ended, nil
}

// emergenciesOver are the sessions whose end the trail does not have.
func (s *Server) emergenciesOver(ctx context.Context) (over []override, err error) {
	now := s.clock()
	var known []override
	err = s.engine.View(ctx, func(r kv.Reader) error {
		for e, err := range r.Scan(ctx, kv.Prefix([]byte{famEmergency})) {
			if err != nil {
				return err
			}
			var o override
			if err := json.Unmarshal(bytes.Clone(e.Value), &o); err != nil {
				return err
			}
			known = append(known, o)
		}
		return nil
	})
	for _, o := range known {
		if err != nil || o.Told || o.Session.Client == "" { // or of a release that did not keep who
			continue
		}
		client, getErr := s.Clients().Get(ctx, o.Session.Client)
		gone := fhir.KindOf(getErr) == fhir.NotFound
		if getErr != nil && !gone {
			return nil, getErr
		}
		if gone || !client.Revoked.IsZero() || !o.Ended.IsZero() || !now.Before(o.Ends()) {
			over = append(over, o)
		}
	}
	return over, err
}

func (s *Server) endEmergency(ctx context.Context, o *override) error {
	t := &o.Session
	client, err := s.Clients().Get(ctx, t.Client)
	if err != nil && fhir.KindOf(err) != fhir.NotFound {
		return err
	}
	record := audit.Record{Interaction: audit.InteractionEmergencyStop, Type: "Patient", Patients: []string{t.Patient}, Reason: o.ID, Purpose: t.Purpose, Start: s.clock(),
		Client: t.Client, ClientName: client.Name, Organization: client.Organization, Agent: t.Practitioner, Role: t.Role, AgentID: t.Identifier, AgentName: t.Name}
	if err := s.trail.Record(ctx, record); err != nil {
		return err
	}
	o.Told = true
	value, err := json.Marshal(o)
	if err != nil {
		return err
	}
	key := emergencyKey(t)
	return s.engine.Update(ctx, func(w kv.Writer) error {
		values, err := w.Get(ctx, key)
		if err != nil || values[0] == nil {
			return err
		}
		var now override
		if err := json.Unmarshal(values[0], &now); err != nil || now.ID != o.ID {
			return err // the next session has begun
		}
		return w.Put(key, value)
	})
}
