// Package notice tells patients of what was done with their records without
// their asking: so far that somebody broke the glass (article L1111-17 of the
// French public health code; IHE PCF). A notice is a Communication in the
// patient's record, which the patient and whoever may see the record can read.
//
// It sends nothing: no mail, no message. It does not decide who may break the
// glass (package oauth) or what that opens (package consent).
package notice

import (
	"context"
	"sync"
	"time"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// CategorySystem is the system of Communication.category, with its one code.
const (
	CategorySystem     = "https://cordee-sante.github.io/fhir/CodeSystem/notice"
	CategoryBreakGlass = "break-glass"
)

// Client is who the gateway is in the trail when it writes a notice.
const Client = "cordee"

// Board keeps the notices. It writes past the guard, which asks it: nobody's
// right to write is in question. It is safe for concurrent use.
type Board struct {
	Repo fhir.Repository

	mu   sync.Mutex
	sent map[string]time.Time // sessions whose notice is durable → their end
}

// BreakGlass makes the notice of the principal's session durable, once for each
// session. It is auth.Guard.Notify.
func (b *Board) BreakGlass(ctx context.Context, p auth.Principal) error {
	b.mu.Lock()
	_, sent := b.sent[p.Emergency.ID]
	b.mu.Unlock()
	if sent {
		return nil
	}
	body, err := fhirjson.Encode(breakGlass(p))
	if err != nil {
		return err
	}
	record := audit.Record{Interaction: audit.InteractionCreate, Type: "Communication", Client: Client, ClientName: "Cordée",
		Purpose: p.Purpose, Rule: "notice.break-glass"}
	change := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Communication", ID: p.Emergency.ID}, Body: body,
		Permit: func(fhir.Snapshot, *fhir.Resource, *fhir.Resource) error { return nil }}
	// Its body says when the session began and not when it was written, so that
	// requests of one session that come at once, or after a restart, find it
	// unchanged.
	if _, err := b.Repo.Commit(audit.WithPending(ctx, record), []fhir.Change{change}); err != nil {
		return err
	}
	b.remember(p.Emergency)
	return nil
}

// remember forgets sessions that are over, one more each time.
func (b *Board) remember(e auth.Emergency) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sent == nil {
		b.sent = make(map[string]time.Time)
	}
	for id, end := range b.sent {
		if end.Before(e.Start) {
			delete(b.sent, id)
		}
	}
	b.sent[e.ID] = e.Ends()
}

func breakGlass(p auth.Principal) r4.Communication {
	id, system, code, language := p.Emergency.ID, CategorySystem, CategoryBreakGlass, "fr"
	title := "Accès en urgence (bris de glace)"
	patient := "Patient/" + p.Patient
	sent := p.Emergency.Start.UTC().Format(time.RFC3339)
	urgent := r4.RequestPriorityUrgent
	c := r4.Communication{
		Id: &id, Language: &language, Status: r4.EventStatusCompleted, Priority: &urgent,
		Category: []r4.CodeableConcept{{Coding: []r4.Coding{{System: &system, Code: &code}}, Text: &title}},
		Subject:  &r4.Reference{Reference: &patient}, Recipient: []r4.Reference{{Reference: &patient}}, Sent: &sent,
		Payload: []r4.CommunicationPayload{{ContentString: text(sent)}},
	}
	for _, sender := range []string{p.Role, p.Practitioner, p.Organization} {
		if sender != "" {
			c.Sender = &r4.Reference{Reference: &sender}
			break
		}
	}
	return c
}

// text says it to a person, in French first. Why is in the trail: it may say
// more than others who see the record should read.
func text(sent string) string {
	return "Un professionnel de santé a consulté votre dossier en urgence, sans faire partie de votre équipe de soins, à partir du " + sent +
		" et pour 30 minutes au plus. L'accès est tracé et sera contrôlé. Vous pouvez vous opposer à tout accès de ce genre. " +
		"— A health professional read your record in an emergency, without being in your care team, from " + sent +
		" on and for 30 minutes at most. The access is recorded and will be reviewed. You may object to any such access."
}
