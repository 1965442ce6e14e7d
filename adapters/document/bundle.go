package document

import (
	"strings"
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// An Entry is a resource of a document. Its text is written as it is.
type Entry struct {
	FullURL string
	Doc     *fhirjson.Doc
}

// Type returns the resource type.
func (e Entry) Type() string { return e.Doc.Root().Get("resourceType").Text() }

// A Bundle is a document: the Composition first (R4 invariant bdl-11).
type Bundle struct {
	Profile   string // that the Bundle meets; empty for none
	Language  string // of what the gateway wrote into it; empty when it wrote nothing
	Timestamp time.Time
	Entries   []Entry
}

// Identifier returns the identifier of the document, a urn:uuid. It follows
// from what the document says, so that one asked for twice is the same document.
func (b *Bundle) Identifier() string {
	parts := []string{"document"}
	for _, e := range b.Entries {
		parts = append(parts, e.FullURL, e.Doc.Text())
	}
	return adapters.DeriveURN(parts...)
}

// JSON returns the Bundle of type document.
func (b *Bundle) JSON() []byte {
	var out strings.Builder
	out.WriteString(`{"resourceType":"Bundle"`)
	member := func(name, value string) {
		if value != "" {
			out.WriteString(`,"` + name + `":` + value)
		}
	}
	if b.Profile != "" {
		member("meta", `{"profile":[`+fhirjson.Quote(b.Profile)+`]}`)
	}
	if b.Language != "" {
		member("language", fhirjson.Quote(b.Language))
	}
	member("identifier", `{"system":"urn:ietf:rfc:3986","value":`+fhirjson.Quote(b.Identifier())+`}`)
	member("type", `"document"`)
	member("timestamp", fhirjson.Quote(b.Timestamp.UTC().Format("2006-01-02T15:04:05.000Z")))
	out.WriteString(`,"entry":[`)
	for i, e := range b.Entries {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`{"fullUrl":` + fhirjson.Quote(e.FullURL) + `,"resource":` + e.Doc.Text() + `}`)
	}
	out.WriteString(`]}`)
	return []byte(out.String())
}

// Composition returns the root of the first entry.
func (b *Bundle) Composition() fhirjson.Node {
	if len(b.Entries) == 0 {
		return fhirjson.Node{}
	}
	return b.Entries[0].Doc.Root()
}

// Find returns the resource that a reference leads to, the absent Node when it
// is not in the document. from is the fullUrl of the entry that refers
// (R4 bundle.html#references).
func (b *Bundle) Find(from, reference string) fhirjson.Node {
	if reference == "" {
		return fhirjson.Node{}
	}
	want := reference
	if base, ok := restful(from); ok && !strings.Contains(reference, ":") {
		want = base + reference
	}
	if at := strings.Index(want, "/_history/"); at >= 0 {
		want = want[:at]
	}
	for _, e := range b.Entries {
		if e.FullURL == want {
			return e.Doc.Root()
		}
	}
	return fhirjson.Node{}
}

// restful returns the base of a fullUrl of the form [base]/Type/id, with the
// slash at its end; the base may be empty.
func restful(fullURL string) (base string, ok bool) {
	if strings.HasPrefix(fullURL, "urn:") {
		return "", false
	}
	id := strings.LastIndexByte(fullURL, '/')
	if id < 0 {
		return "", false
	}
	typ := strings.LastIndexByte(fullURL[:id], '/')
	return fullURL[:typ+1], true
}
