package rest

import (
	"context"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Definitions is a repository that answers reads of the gateway's own
// conformance resources, which are part of the program and hold nothing of
// anybody, and leaves everything else to repo. A stored resource of the same
// type and id is not seen beside them.
func Definitions(repo fhir.Repository, bodies ...[]byte) (fhir.Repository, error) {
	d := definitions{Repository: repo, own: map[fhir.Key]fhir.Resource{}}
	for _, body := range bodies {
		doc, err := fhirjson.Parse(body)
		if err != nil {
			return nil, err
		}
		root := doc.Root()
		published, err := time.Parse(time.DateOnly, root.Get("date").Text())
		if err != nil {
			return nil, err
		}
		key := fhir.Key{Type: root.Get("resourceType").Text(), ID: root.Get("id").Text()}
		version := root.Get("version").Text()
		d.own[key] = fhir.Resource{Key: fhir.Key{Type: key.Type, ID: key.ID, Version: version}, LastUpdated: published, Effect: fhir.Created,
			Body: fhirjson.SetMeta(doc, key.ID, version, published), Facts: fhir.Facts{Key: key}}
	}
	return d, nil
}

type definitions struct {
	fhir.Repository
	own map[fhir.Key]fhir.Resource
}

// Read returns one of the gateway's own, in the one version that there is.
func (d definitions) Read(ctx context.Context, key fhir.Key) (fhir.Resource, error) {
	if r, ok := d.own[key.Current()]; ok && (key.Version == "" || key.Version == r.Version) {
		return r, nil
	}
	return d.Repository.Read(ctx, key)
}
