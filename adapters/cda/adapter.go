package cda

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/xmltree"
	"github.com/cordee-sante/cordee/fhir"
)

// converter names this package in Provenance. Its version changes when the map
// does.
var converter = adapters.Converter{Format: "CDA R2", Name: "adapters/cda", Version: "4"}

// namespaces names the namespaces of CI-SIS documents as this package writes
// them: CDA without prefix, extensions with that of the published documents.
var namespaces = map[string]string{
	"urn:hl7-org:v3":   "",
	"urn:hl7-org:sdtc": "sdtc",
	"http://www.w3.org/2001/XMLSchema-instance": "xsi",
	"urn:ihe:pharm:medication":                  "pharm",
	"urn:ihe:pharm":                             "pharm",
	"urn:hl7-org:pharm":                         "pharm",
	"urn:oid:1.3.6.1.4.1.19376.1.3.2":           "lab",
	"urn:dicom-org:ps3-20":                      "ps3-20",
	"http://www.w3.org/1999/xhtml":              "html",
}

// An Adapter reads CDA R2 documents. The zero Adapter is that of a practice in
// metropolitan France. It is safe for concurrent use.
type Adapter struct {
	Zone   *time.Location // of times without zone; nil for Europe/Paris
	Limits xmltree.Config // of documents; Prefixes are set here. Zero for adapters.MaxDocument and the defaults
}

var _ adapters.Adapter = Adapter{}

// paris is the zone of the zero Adapter.
var paris = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation("Europe/Paris") })

// Detect reports whether a document is XML that holds a ClinicalDocument: on
// its own, or inside the XHTML page of a self-presenting document.
func (Adapter) Detect(data []byte) bool {
	data = bytes.TrimLeft(data, " \t\r\n")
	return len(data) > 0 && data[0] == '<' && bytes.Contains(data, []byte("ClinicalDocument"))
}

// Convert returns the transaction for one document.
func (a Adapter) Convert(ctx context.Context, in adapters.Input) (adapters.Conversion, error) {
	zone, err := a.Zone, ctx.Err()
	if zone == nil && err == nil {
		zone, err = paris()
	}
	if err != nil {
		return adapters.Conversion{}, err
	}
	limits := a.Limits
	limits.Prefixes, limits.Mixed = namespaces, "text"
	if limits.Bytes == 0 {
		limits.Bytes = adapters.MaxDocument
	}
	doc, err := xmltree.Parse(in.Bytes, limits)
	if err != nil {
		return adapters.Conversion{}, err
	}
	root, err := clinicalDocument(doc)
	if err != nil {
		return adapters.Conversion{}, err
	}
	return newConversion(zone, in, doc, root).run()
}

// clinicalDocument returns the document: the root or, in a self-presenting
// document, the one element embedded in the XHTML page or style sheet around
// it. What stands around it only shows it.
func clinicalDocument(doc *xmltree.Document) (*xmltree.Node, error) {
	if doc.Root.Name == "ClinicalDocument" {
		return doc.Root, nil
	}
	var found *xmltree.Node
	for n := range doc.Root.All() {
		switch {
		case n.Name != "ClinicalDocument":
		case found != nil:
			return nil, fault(doc, n, "cda.documents",
				fhir.T("There are several documents in one.", "Il y a plusieurs documents en un."),
				fhir.T("Send each ClinicalDocument on its own.", "Envoyez chaque ClinicalDocument à part."))
		default:
			found = n
		}
	}
	if found == nil {
		return nil, fault(doc, doc.Root, "cda.no-document",
			fhir.T("There is no ClinicalDocument of namespace urn:hl7-org:v3.", "Il n’y a pas de ClinicalDocument dans l’espace de noms urn:hl7-org:v3."),
			fhir.T("Send a CDA R2 document.", "Envoyez un document CDA R2."))
	}
	return found, nil
}

// fault returns the error for a document that cannot be taken in, with XPath,
// line and column.
func fault(doc *xmltree.Document, n *xmltree.Node, id string, text, hint fhir.Text) *fhir.Error {
	line, column := doc.Position(n.Offset)
	return fhir.Errorf(fhir.Unprocessable, "cda.Convert", id, fhir.CodeStructure, fmt.Sprintf("%s (%d:%d)", n.Path(), line, column), text, hint)
}
