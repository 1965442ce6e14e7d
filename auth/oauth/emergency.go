package oauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"github.com/go-json-experiment/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// The limits of break-glass. A reason is read by the officer and, shorter than
// this, says nothing; after a session the same person waits a shift for the next
// with the same patient, so that no session is as long as somebody renews it.
const (
	minReason     = 10
	maxReason     = 500
	emergencyRest = 12 * time.Hour
)

// emergencyProfessions are who may break the glass (TRE_G15): physicians, who
// regulate calls for help too (L1111-17), midwives and nurses.
var emergencyProfessions = []string{"10", "50", "60"}

// emergency is the extension object cordee-emergency of a client assertion, by
// which a professional breaks the glass: whose record, and why. It goes with an
// hl7-b2b of purpose BTG, which says who.
type emergency struct {
	Version string `json:"version"`
	Patient string `json:"patient"` // Patient/id
	Reason  string `json:"reason"`
}

// apply holds what is declared against who declares it, and puts the patient
// into the session. It says nothing of the patient: whether there is one, and
// whether they objected, shows in what can be read, which is nothing (C09).
func (e *emergency) apply(scopes auth.Scopes, fhirBase string, to *session) error {
	if to.Purpose != auth.PurposeBreakTheGlass {
		if e != nil {
			return invalidGrant("oauth.emergency-purpose", "cordee-emergency needs the purpose_of_use BTG in hl7-b2b.")
		}
		return nil
	}
	if e == nil || e.Version != "1" {
		return invalidGrant("oauth.emergency-missing", "The purpose_of_use BTG needs the extension cordee-emergency, version 1, with patient and reason.")
	}
	key, ok := fhir.ParseReference(strings.TrimPrefix(e.Patient, fhirBase+"/"))
	switch n := utf8.RuneCountInString(strings.TrimSpace(e.Reason)); {
	case to.Practitioner == "" && to.Role == "" && to.Identifier == "":
		return invalidGrant("oauth.emergency-person", "The purpose_of_use BTG needs a person: subject_id in hl7-b2b.")
	case !slices.Contains(emergencyProfessions, to.Profession):
		return invalidGrant("oauth.emergency-role", "The purpose_of_use BTG needs a subject_role that may break the glass.")
	case n < minReason || n > maxReason || hasControl(e.Reason):
		return invalidGrant("oauth.emergency-reason", "cordee-emergency: reason must be 10 to 500 characters on one line.")
	case !ok || key.Type != "Patient" || key.Version != "":
		return invalidGrant("oauth.emergency-patient", "cordee-emergency: patient must be one reference Patient/id.")
	}
	for _, s := range scopes {
		if s.Perms&^(auth.Read|auth.Search) != 0 {
			return invalidScope("oauth.emergency-scope", "With the purpose_of_use BTG only scopes to read and search are granted.")
		}
	}
	to.Patient = key.ID
	return nil
}

// breakGlass begins a session, or takes up the one that the same person began
// for the same patient, whose end its tokens do not outlive. One transaction
// decides, so that of many requests at once one begins it.
func (s *Server) breakGlass(ctx context.Context, reason string, to *session) error {
	now, key := s.clock().UTC(), emergencyKey(to)
	err := s.engine.Update(ctx, func(w kv.Writer) error {
		to.reason, to.Emergency, to.prior = "", auth.Emergency{}, nil
		last, err := getOverride(ctx, w, to)
		if err != nil {
			return err
		}
		begun := auth.Emergency{ID: uuid.NewString(), Start: now.Truncate(time.Second)}
		switch {
		case last == nil:
		case now.Before(last.Ends()) && last.Ended.IsZero():
			to.Emergency = last.Emergency
			return nil
		case !last.Ended.IsZero() && !last.Told:
			return errUntold // before its place is taken
		case now.Before(last.Ends()): // ended early: what is left of the half hour is not lost
			begun.End = last.Ends()
		case now.Before(last.Ends().Add(emergencyRest)):
			return invalidGrant("oauth.emergency-over", "The break-glass session is over. Ask the patient's care team or the patient for access.")
		}
		to.reason, to.Emergency, to.prior = strings.TrimSpace(reason), begun, last
		value, err := json.Marshal(override{Emergency: to.Emergency, Session: *to})
		if err != nil {
			return err
		}
		return w.Put(key, value)
	})
	if err != nil {
		if r := refusalOf(err); r.code == "invalid_grant" {
			return r
		}
		return unavailable(err)
	}
	to.Expires = minTime(to.Expires, to.Emergency.Ends())
	return nil
}

// errUntold stands for the end of a session that the trail does not have yet; Run
// tells of it within a minute.
var errUntold = errors.New("oauth: the trail does not have the end of the session before")

// forgetEmergency takes back a session whose beginning could not be recorded, so
// that the next token begins it on record, and puts back the one before.
func (s *Server) forgetEmergency(ctx context.Context, to *session) {
	if to.reason == "" {
		return
	}
	err := s.engine.Update(ctx, func(w kv.Writer) error {
		if to.prior == nil {
			return w.Delete(emergencyKey(to))
		}
		value, err := json.Marshal(to.prior)
		if err != nil {
			return err
		}
		return w.Put(emergencyKey(to), value)
	})
	if err != nil {
		s.log.ErrorContext(ctx, "taking back a break-glass session", "error", err)
	}
}

// emergencyKey is of the person, the client and the patient. It is never swept:
// there are few, and the next session of the three takes its place.
func emergencyKey(to *session) []byte {
	h := sha256.New()
	for _, part := range []string{to.Client, to.Practitioner, to.Role, to.Identifier, to.Patient} {
		h.Write([]byte{byte(len(part) >> 8), byte(len(part))})
		h.Write([]byte(part))
	}
	return h.Sum([]byte{famEmergency})
}
