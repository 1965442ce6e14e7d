package explain

import (
	"context"
	_ "embed"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// Name is the name of the operation, without the $.
const Name = "consent-decision"

//go:embed definition.json
var definition []byte

// Config is what the operation is made of. All fields are required.
type Config struct {
	Base     string // own FHIR base
	Guard    *auth.Guard
	Records  fhir.Repository // the directory, to find out for whom a PractitionerRole acts; not guarded
	Snapshot fhir.Snapshot
	Point    Decider
}

// A Decider explains a decision: consent.Point.
type Decider interface {
	Decide(ctx context.Context, snap fhir.Snapshot, who auth.Principal, patient string) (consent.Decision, error)
}

// Operation returns the operation.
func Operation(c Config) rest.Operation {
	return rest.Operation{
		Name: Name, Definition: "https://cordee-sante.github.io/fhir/OperationDefinition/" + Name, Describes: definition,
		Instance: true, Types: []string{"Patient"}, Safe: true,
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			q, err := c.question(call)
			if err != nil {
				return rest.Answer{}, err
			}
			var body []byte
			err = c.Guard.Inquire(ctx, "$"+Name, call.Key.ID, func(ctx context.Context, _ auth.Principal) error {
				who, err := c.actor(ctx, q, call.Key.ID)
				if err != nil {
					return err
				}
				d, err := c.Point.Decide(ctx, c.Snapshot, who, call.Key.ID)
				if err != nil {
					return err
				}
				q.purpose, q.organization = who.Purpose, who.Organization
				body, err = render(d, q, call.Language)
				return err
			})
			return rest.Answer{Resource: body}, err
		},
	}
}
