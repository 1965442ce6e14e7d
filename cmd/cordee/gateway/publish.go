package gateway

import (
	"bytes"
	"context"
	"fmt"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// publisher is who the gateway is in the trail when it publishes.
const publisher = "Organization/cordee"

// publish puts what the gateway defines itself, its OperationDefinitions, among
// the conformance resources, where clients look for it. It writes, through the
// guard like everybody, only what this version of the gateway changed.
func (g *Gateway) publish(ctx context.Context) error {
	var changes []fhir.Change
	for _, o := range g.operations() {
		if o.Describes == nil {
			continue
		}
		change, err := g.publication(ctx, o.Describes)
		if err != nil {
			return fmt.Errorf("$%s: %w", o.Name, err)
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

// publication is the change that publishes a definition, nil when it stands there
// already.
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
		if bytes.Equal(fhirjson.StripMeta(there), fhirjson.StripMeta(doc)) {
			return nil, nil
		}
	default:
		return nil, err
	}
	return &fhir.Change{Method: fhir.Update, Key: key, FullURL: key.String(), Body: body}, nil
}
