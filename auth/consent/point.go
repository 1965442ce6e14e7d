package consent

import (
	"context"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// Config is what a decision point is made of.
type Config struct {
	Clock func() time.Time // time.Now when nil
	Zone  *time.Location   // where days end; Europe/Paris when nil
	Base  string           // own FHIR base; absolute references under it are read as relative ones

	// Policies is how many compiled policies are kept, twice over; 32,768 when
	// zero. One takes about 1 KB.
	Policies int

	// Defaults are the default rules of profession by class of data and of
	// labels; Shipped when nil.
	Defaults *Defaults
}

// Point is the decision point. It is safe for concurrent use.
type Point struct {
	reader
	cache     remembered[policy]
	directory remembered[subject]
	closed    closings
}

var _ auth.Decider = (*Point)(nil)

// New makes a decision point.
func New(c Config) *Point {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Zone == nil {
		c.Zone = paris()
	}
	if c.Policies <= 0 {
		c.Policies = 32 << 10
	}
	if c.Defaults == nil {
		c.Defaults = Shipped()
	}
	return &Point{reader: reader{c}, cache: newRemembered[policy](c.Policies), directory: newRemembered[subject](c.Policies), closed: closings{most: closedMost}}
}

// paris is in the zone database that is built in.
func paris() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic("consent: the built-in zone database lacks Europe/Paris: " + err.Error())
	}
	return zone
}

// View returns what the principal may see. The type searched does not matter:
// the view judges each record by itself. A principal without organisation or
// purpose of use is refused whatever exists (security.md A25).
func (p *Point) View(_ context.Context, who auth.Principal, _ string) (fhir.View, error) {
	v := &view{point: p, who: who, officer: who.Is(auth.RoleOfficer)}
	if rule := standing(who); rule != "" {
		return nil, refusal(rule)
	}
	return v, nil
}

// standing names the rule by which the principal may ask for nothing at all, or
// returns "".
func standing(who auth.Principal) string {
	switch {
	case typeOf(who.Organization) != "Organization":
		return NoOrganization
	case who.Purpose == "":
		return NoPurpose
	}
	return ""
}

// policies returns the compiled policies of the patients, in their order.
func (p *Point) policies(ctx context.Context, snap fhir.Snapshot, patients []string) ([]*policy, error) {
	if len(patients) == 0 {
		return nil, nil
	}
	epochs, err := snap.Epochs(ctx, patients)
	if err != nil {
		return nil, err
	}
	list := make([]*policy, len(patients))
	for i, patient := range patients {
		if list[i], err = p.policy(ctx, snap, patient, epochs[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// none is the policy of a patient of whom nothing was ever said.
var none = &policy{}

func (p *Point) policy(ctx context.Context, snap fhir.Snapshot, patient string, epoch uint64) (*policy, error) {
	if epoch == 0 {
		return none, nil
	}
	cache := p.cache.of(epoch)
	if known := cache.get(patient, epoch); known != nil {
		return known, nil
	}
	resources, err := snap.Policy(ctx, patient)
	if err != nil {
		return nil, err
	}
	compiled := p.compile(patient, resources)
	cache.put(patient, epoch, compiled)
	return compiled, nil
}
