package gateway

import (
	"context"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/extensions"
	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// publisher is who the gateway is in the trail when it publishes.
const publisher = "Organization/cordee"

// publish puts what comes with the gateway, its OperationDefinitions, ConceptMaps and
// the StructureDefinitions of its extensions, among the conformance resources, where clients look for it and
// operators change it. It writes, through the guard like everybody, only what is
// not there or there in another version.
func (g *Gateway) publish(ctx context.Context) error {
	bodies := conceptmap.Shipped()
	defined, err := extensions.Definitions()
	if err != nil {
		return err
	}
	bodies = append(bodies, defined...)
	for _, o := range g.operations() {
		if o.Describes != nil {
			bodies = append(bodies, o.Describes)
		}
	}
	var changes []fhir.Change
	for _, body := range bodies {
		change, err := g.publication(ctx, body)
		if err != nil {
			return err
		}
		if change != nil {
			changes = append(changes, *change)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	scopes, err := auth.ParseScopes("system/*.cruds")
	if err != nil {
		return err
	}
	_, err = g.records.Commit(auth.WithPrincipal(ctx, auth.Principal{Client: "cordee", ClientName: "Cordée", Organization: publisher,
		Roles: []string{auth.RoleRegistrar}, Purpose: "HOPERAT", Scopes: scopes}), changes)
	return err
}

// publication is the change that publishes a resource, nil when that version of
// it stands there already, be it as an operator changed it.
func (g *Gateway) publication(ctx context.Context, body []byte) (*fhir.Change, error) {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return nil, err
	}
	key := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}
	stored, err := g.store.Read(ctx, key)
	switch fhir.KindOf(err) {
	case fhir.NotFound, fhir.Gone:
	case 0:
		there, err := fhirjson.Parse(stored.Body)
		if err != nil {
			return nil, err
		}
		if there.Root().Get("version").Text() == doc.Root().Get("version").Text() {
			return nil, nil
		}
	default:
		return nil, err
	}
	return &fhir.Change{Method: fhir.Update, Key: key, FullURL: key.String(), Body: body}, nil
}
