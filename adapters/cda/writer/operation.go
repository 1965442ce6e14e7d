package writer

import (
	"context"
	_ "embed"
	"encoding/base64"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/adapters/summary"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// Definition is the OperationDefinition of $cda.
//
//go:embed cda.json
var Definition []byte

// mediaType is that under which package adapters keeps documents as well.
const mediaType = "application/xml"

// An Export writes what the caller may see as CDA.
type Export struct {
	Documents *document.Documents
	Summaries *summary.Summaries

	// Maps are the ConceptMaps as they stand, by which codes are written; nil are
	// those that come with the gateway.
	Maps func(ctx context.Context) (*conceptmap.Maps, error)
}

// Operation is Composition/[id]/$cda and Patient/[id]/$cda: a document as CDA,
// or the synthesis of a patient. The answer is a Binary, sent as the XML itself
// to clients that ask for no FHIR format.
func (x *Export) Operation() rest.Operation {
	return rest.Operation{
		Name: "cda", Definition: adapters.Canonical + "/OperationDefinition/cda",
		Instance: true, Types: []string{"Patient", "Composition"}, Safe: true, Content: true,
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			b, err := x.document(ctx, call)
			if err != nil {
				return rest.Answer{}, err
			}
			var maps *conceptmap.Maps
			if x.Maps != nil {
				if maps, err = x.Maps(ctx); err != nil {
					return rest.Answer{}, err
				}
			}
			data, err := Write(b, Sources{Maps: maps, File: func(url string) ([]byte, bool) { return x.binary(ctx, url) }})
			if err != nil {
				return rest.Answer{}, err
			}
			binary := draft.New("Binary", "")
			binary.Set("contentType", mediaType)
			binary.Data = data
			return rest.Answer{Resource: binary.JSON()}, nil
		},
	}
}

// binary returns what a Binary holds that the caller may read.
func (x *Export) binary(ctx context.Context, url string) ([]byte, bool) {
	key, ok := fhir.ParseReference(strings.TrimPrefix(url, x.Documents.Base+"/"))
	if !ok || key.Type != "Binary" {
		return nil, false
	}
	r, err := x.Documents.Repo.Read(ctx, key.Current())
	if err != nil {
		return nil, false
	}
	doc, err := fhirjson.ParseLimits(r.Body, fhirjson.Limits{Bytes: len(r.Body)})
	if err != nil {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(doc.Root().Get("data").Text())
	return data, err == nil && len(data) > 0
}

// document returns what is to be written.
func (x *Export) document(ctx context.Context, call rest.Call) (*document.Bundle, error) {
	known := []string{"document"}
	if call.Key.Type == "Composition" {
		known = nil
	}
	inputs, err := call.Inputs(known...)
	if err != nil {
		return nil, err
	}
	if call.Key.Type == "Composition" {
		return x.Documents.Of(ctx, call.Key)
	}
	plan := summary.VSM()
	for _, p := range inputs {
		switch p.Value {
		case "vsm":
		case "ips-fr":
			plan = summary.IPSFR()
		default:
			return nil, fhir.Errorf(fhir.Malformed, "writer.Operation", "cda.document", fhir.CodeValue, "http.document",
				fhir.T("There is no such CDA document of a patient.", "Ce document CDA d'un patient n'existe pas."),
				fhir.T("Use vsm or ips-fr.", "Utilisez vsm ou ips-fr."))
		}
	}
	return x.Summaries.Of(ctx, call.Key, plan, rest.French)
}
