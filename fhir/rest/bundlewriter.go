package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// keptBuffer bounds what a buffer may have grown to and still be used again.
const keptBuffer = 4 << 20

// A bundle is a Bundle under construction in one buffer: the bytes of the
// resources are copied into it as they are stored, never decoded and encoded
// again (R4 bundle.html).
type bundle struct {
	server  *Server
	buffer  *[]byte
	b       []byte
	entries int
	out     output
}

func (s *Server) newBundle(kind string, out output) *bundle {
	p := s.buffers.Get().(*[]byte)
	b := append((*p)[:0], `{"resourceType":"Bundle","type":"`...)
	b = append(append(b, kind...), '"')
	return &bundle{server: s, buffer: p, b: b, out: out}
}

// release gives the buffer back.
func (b *bundle) release() {
	if cap(b.b) <= keptBuffer {
		*b.buffer = b.b[:0]
		b.server.buffers.Put(b.buffer)
	}
}

// head writes total, unless it is negative, and the links that are not empty.
func (b *bundle) head(total int, self, next string) {
	if total >= 0 {
		b.b = append(b.b, `,"total":`...)
		b.b = strconv.AppendInt(b.b, int64(total), 10)
	}
	b.b = append(b.b, `,"link":[{"relation":"self","url":`...)
	b.b = appendString(b.b, self)
	if next != "" {
		b.b = append(b.b, `},{"relation":"next","url":`...)
		b.b = appendString(b.b, next)
	}
	b.b = append(b.b, `}]`...)
}

// open begins an entry, with its fullUrl when the resource has an id.
func (b *bundle) open(typ, id string) {
	if b.entries == 0 {
		b.b = append(b.b, `,"entry":[{`...)
	} else {
		b.b = append(b.b, `,{`...)
	}
	b.entries++
	if id != "" {
		b.b = append(b.b, `"fullUrl":"`...) // base, types and ids need no escaping
		b.b = append(b.b, b.server.base...)
		b.b = append(b.b, '/')
		b.b = append(b.b, typ...)
		b.b = append(b.b, '/')
		b.b = append(b.b, id...)
		b.b = append(b.b, '"', ',')
	}
}

// resource writes the bytes of a resource into the entry.
func (b *bundle) resource(typ string, body []byte) error {
	body, err := b.out.shape(typ, body)
	if err != nil {
		return err
	}
	b.b = append(b.b, `"resource":`...)
	b.b = append(b.b, body...)
	return nil
}

// found writes the entry of a search.
func (b *bundle) found(res *fhir.Resource, mode string) error {
	typ, body := res.Type, res.Body
	if res.Fragment == "" {
		b.open(typ, res.ID)
	} else {
		b.open(typ, res.ID+"#"+url.PathEscape(res.Fragment)) // R4 search.html#contained
		typ, body = containedOf(body, res.Fragment)
	}
	if err := b.resource(typ, body); err != nil {
		return err
	}
	b.b = append(b.b, `,"search":{"mode":"`...)
	b.b = append(b.b, mode...)
	b.b = append(b.b, `"}}`...)
	return nil
}

// containedOf cuts a contained resource out of the body, as it is.
func containedOf(body []byte, id string) (typ string, inner []byte) {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return "", []byte("{}")
	}
	for n := range doc.Root().Get("contained").Items() {
		if n.Get("id").Text() == id {
			return n.Get("resourceType").Text(), []byte(n.Raw())
		}
	}
	return "", []byte("{}")
}

// warn writes the entry that holds warnings (R4 search.html#outcome).
func (b *bundle) warn(issues []fhir.Issue, x *exchange) {
	b.open("", "")
	b.b = append(b.b, `"resource":`...)
	b.b = appendOutcome(b.b, issues, 0, x.lang, x.id)
	b.b = append(b.b, `,"search":{"mode":"outcome"}}`...)
}

// version writes the entry of a history (R4 http.html#history). What a version
// was made by is told from its effect, as a request that would have had it.
func (b *bundle) version(res *fhir.Resource) error {
	b.open(res.Type, res.ID)
	if !res.Deleted() {
		if err := b.resource(res.Type, res.Body); err != nil {
			return err
		}
		b.b = append(b.b, ',')
	}
	method, status := fhir.Update, "200 OK"
	switch res.Effect {
	case fhir.Created:
		status = "201 Created"
	case fhir.Deleted:
		method, status = fhir.Delete, "204 No Content"
	}
	b.b = append(b.b, `"request":{"method":"`...)
	b.b = append(b.b, method.String()...)
	b.b = append(b.b, `","url":"`...)
	b.b = append(b.b, res.Type...)
	b.b = append(b.b, '/')
	b.b = append(b.b, res.ID...)
	b.b = append(b.b, `"},"response":{`...)
	b.response(response{status: status, version: res.Version, at: res.LastUpdated})
	b.b = append(b.b, `}}`...)
	return nil
}

// A response is Bundle.entry.response.
type response struct {
	status, location, version string
	at                        time.Time
	outcome                   []byte // OperationOutcome; nil for none
}

// response writes the members of Bundle.entry.response.
func (b *bundle) response(r response) {
	b.b = append(b.b, `"status":`...)
	b.b = appendString(b.b, r.status)
	if r.location != "" {
		b.b = append(b.b, `,"location":`...)
		b.b = appendString(b.b, r.location)
	}
	if r.version != "" {
		b.b = append(b.b, `,"etag":`...)
		b.b = appendString(b.b, etag(r.version))
	}
	if !r.at.IsZero() {
		b.b = append(b.b, `,"lastModified":"`...)
		b.b = r.at.UTC().AppendFormat(b.b, "2006-01-02T15:04:05.000Z")
		b.b = append(b.b, '"')
	}
	if r.outcome != nil {
		b.b = append(b.b, `,"outcome":`...)
		b.b = append(b.b, r.outcome...)
	}
}

// send ends the Bundle, writes it and gives the buffer back.
func (b *bundle) send(w http.ResponseWriter) error {
	if b.entries > 0 {
		b.b = append(b.b, ']')
	}
	b.b = append(b.b, '}')
	err := b.out.send(w, http.StatusOK, b.b)
	b.release()
	return err
}

func itoa(n int) string { return strconv.Itoa(n) }

// sendPage writes a page as a searchset.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request, page *fhir.Page, issues []fhir.Issue, self, next string, out output) error {
	b := s.newBundle("searchset", out)
	b.head(page.Total, self, next)
	for i := range page.Matches {
		if err := b.found(&page.Matches[i], "match"); err != nil {
			return err
		}
	}
	b.out.subset.elements = nil // of matches only (R4 search.html#elements)
	for i := range page.Included {
		if err := b.found(&page.Included[i], "include"); err != nil {
			return err
		}
	}
	if issues = slices.Concat(issues, page.Issues); len(issues) > 0 {
		x := current(r.Context())
		b.warn(issues, x)
		w.Header()["Content-Language"] = []string{string(x.lang)}
	}
	return b.send(w)
}
