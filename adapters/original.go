package adapters

import (
	"strconv"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// MaxDocument is the length of the longest document that an adapter reads: its
// base64, which is kept as one value, has to fit into one of the store (64 MiB).
// A request may be a little longer, for the envelope of a multipart.
const MaxDocument = 50_000_000

// Canonical is the base of what this project defines itself.
const Canonical = "https://cordee-sante.github.io/fhir"

// Original adds the document itself: a Binary with its bytes, and the
// DocumentReference that describes it, of which the adapter fills in what it
// knows. Their ids follow from the bytes, so that a document put into
// quarantine leaves it when it is understood later.
func (a *Assembly) Original(contentType string) *draft.Resource {
	reference := a.own("DocumentReference", a.originalID("DocumentReference"))
	a.Report.Reference = reference.URL
	reference.Set("status", "current")
	binary := a.own("Binary", a.originalID("Binary"))
	fillBinary(binary, contentType, a.in.Bytes, reference.ID)
	return reference
}

// Attachment adds a part of the document of that many bytes as a Binary of its
// own, and returns the Attachment that refers to it.
func (a *Assembly) Attachment(contentType string, data []byte, of *draft.Resource, place ...string) *draft.Object {
	binary := a.New("Binary", place...)
	fillBinary(binary, contentType, data, of.ID)
	return new(draft.Object).Set("contentType", contentType).Set("url", binary.URL).
		Literal("size", strconv.Itoa(len(data)))
}

// OriginalAttachment returns the Attachment for the original bytes.
func (a *Assembly) OriginalAttachment(contentType string) *draft.Object {
	return new(draft.Object).Set("contentType", contentType).Set("url", "Binary/"+a.originalID("Binary")).
		Literal("size", strconv.Itoa(len(a.in.Bytes)))
}

func (a *Assembly) originalID(resourceType string) string { return DeriveID(resourceType, a.content) }

// fillBinary writes a Binary whose readers are those of the DocumentReference
// (R4 binary.html#security-context).
func fillBinary(r *draft.Resource, contentType string, data []byte, reference string) {
	r.Set("contentType", contentType)
	r.Put("securityContext", new(draft.Object).Set("reference", "DocumentReference/"+reference))
	r.Data = data
}

// provenance links what was made to what it was made of, and holds the report.
// It is created once for these bytes and this converter; the shared resources
// are not among its targets, since most of them were there before.
func (a *Assembly) provenance() *part {
	id := DeriveID("Provenance", a.content, a.converter.String())
	r := draft.New("Provenance", id)
	r.Add("contained", a.device())
	r.Add("contained", a.Report.contained())
	r.Add("extension", new(draft.Object).Set("url", Canonical+"/StructureDefinition/mapping-report").
		Put("value|Reference", new(draft.Object).Set("reference", "#report")))
	for _, p := range a.parts {
		if p.ifNoneExist == nil {
			r.Add("target", new(draft.Object).Set("reference", p.URL))
		}
	}
	r.Set("recorded", a.in.Now.UTC().Format("2006-01-02T15:04:05.000Z"))
	agent := new(draft.Object).
		Put("type", concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "assembler")).
		Put("who", new(draft.Object).Set("reference", "#converter"))
	if a.in.Organization != "" {
		agent.Put("onBehalfOf", new(draft.Object).Set("reference", a.in.Organization))
	}
	r.Add("agent", agent)
	r.Add("entity", new(draft.Object).Set("role", "source").
		Put("what", new(draft.Object).Set("reference", "Binary/"+a.originalID("Binary"))))
	r.URL = "Provenance/" + id
	return &part{Resource: r,
		ifNoneExist: &fhir.Query{Type: "Provenance", Params: []fhir.Param{{Code: "_id", Values: []string{id}}}}}
}

// device is the converter as an agent.
func (a *Assembly) device() *draft.Object {
	d := draft.New("Device", "converter")
	d.Add("deviceName", new(draft.Object).Set("name", a.converter.Name).Set("type", "model-name"))
	d.Add("version", new(draft.Object).Set("value", a.converter.Version))
	return &d.Object
}

func concept(system, code string) *draft.Object {
	return new(draft.Object).Add("coding", new(draft.Object).Set("system", system).Set("code", code))
}
