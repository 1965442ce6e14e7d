package caller

import (
	"fmt"
	"time"
)

// An event is what Brief tells of an AuditEvent: when, whether it was let
// through, what, who, and which resource. Its shape is that of IHE BALP.
type event struct {
	Recorded             time.Time
	Outcome, OutcomeDesc string
	Subtype              []struct{ Code string }
	Agent                []struct {
		Requestor bool
		Who       struct {
			Display    string
			Identifier struct{ Value string }
		}
	}
	Entity []struct {
		What  struct{ Reference string }
		Role  struct{ Code string }
		Query []byte
	}
}

// The object roles of entities (http://terminology.hl7.org/CodeSystem/object-role).
const (
	roleResource = "4"
	roleQuery    = "24"
)

func (e event) String() string {
	interaction := ""
	if len(e.Subtype) > 0 {
		interaction = e.Subtype[0].Code
	}
	s := fmt.Sprintf("%s  %-7s  %-12s %-9s %s", e.Recorded.Local().Format(time.RFC3339), e.outcome(), interaction, e.requestor(), e.entity())
	if e.OutcomeDesc != "" {
		s += " (" + e.OutcomeDesc + ")"
	}
	return s
}

// outcome puts http://hl7.org/fhir/audit-event-outcome into a word.
func (e event) outcome() string {
	switch e.Outcome {
	case "0":
		return "granted"
	case "4":
		return "refused"
	}
	return "failed"
}

func (e event) requestor() string {
	for _, a := range e.Agent {
		if a.Requestor {
			if a.Who.Display != "" {
				return a.Who.Display
			}
			return a.Who.Identifier.Value
		}
	}
	return "-"
}

// entity is the first resource that was touched, or else what was searched.
func (e event) entity() string {
	query := ""
	for _, x := range e.Entity {
		switch {
		case x.Role.Code == roleResource && x.What.Reference != "":
			return x.What.Reference
		case x.Role.Code == roleQuery:
			query = string(x.Query)
		}
	}
	return query
}
