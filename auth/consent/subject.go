package consent

import (
	"context"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// subject is what one resource of the directory comes to: who acts in a
// function, belongs to a group, or represents a patient. It is immutable. The
// zero subject is one that does not exist.
type subject struct {
	source   string // "PractitionerRole/x/_history/3"
	exists   bool
	function *function
	group    *group
	relative *relative
}

// absent is what is not in the directory.
var absent = &subject{}

// subjects reads resources of the directory, "Type/id", in their order. Each is
// compiled once for an epoch, as policies are, so that a change of the directory
// holds on the next request.
func (p *Point) subjects(ctx context.Context, snap fhir.Snapshot, targets []string) ([]*subject, error) {
	epochs, err := snap.Epochs(ctx, targets)
	if err != nil {
		return nil, err
	}
	list := make([]*subject, len(targets))
	for i, target := range targets {
		if list[i], err = p.subject(ctx, snap, target, epochs[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (p *Point) subject(ctx context.Context, snap fhir.Snapshot, target string, epoch uint64) (*subject, error) {
	if epoch == 0 {
		return absent, nil
	}
	cache := p.directory.of(epoch)
	if known := cache.get(target, epoch); known != nil {
		return known, nil
	}
	resources, err := snap.Policy(ctx, target)
	if err != nil {
		return nil, err
	}
	s := absent
	for _, r := range resources {
		if r.Current().String() == target && !r.Deleted() {
			s = p.compileSubject(r)
		}
	}
	cache.put(target, epoch, s)
	return s, nil
}

func (r reader) compileSubject(res fhir.Resource) *subject {
	s := &subject{source: source(res), exists: true}
	doc, err := fhirjson.Parse(res.Body)
	if err != nil {
		return s
	}
	switch root := doc.Root(); res.Type {
	case "PractitionerRole":
		s.function = r.compileFunction(root)
	case "Group":
		s.group = r.compileGroup(root)
	case "RelatedPerson":
		s.relative = r.compileRelative(root)
	}
	return s
}

// codesOf returns the codes of CodeableConcepts; system "" takes those of any.
func codesOf(concepts fhirjson.Node, systems ...string) (list []string) {
	for concept := range concepts.Items() {
		for c := range concept.Get("coding").Items() {
			system, code := c.Coding()
			for _, s := range systems {
				if code != "" && (s == "" || s == system) {
					list = append(list, strings.Clone(code))
				}
			}
		}
	}
	return list
}
