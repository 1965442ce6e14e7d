package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// firstRead bounds what is set aside on the word of Content-Length alone, and
// readAhead how many times as much as has come may be: a client that announces
// much and sends nothing costs no more.
const (
	firstRead = 64 << 10
	readAhead = 16
)

// resourceMedia are the names of FHIR JSON that a body may carry: that of R4,
// the plain one, and the one from before R4 that old clients still send.
var resourceMedia = []string{"application/fhir+json", "application/json", "application/json+fhir", "text/json"}

var formMedia = []string{"application/x-www-form-urlencoded"}

// readBody reads the body of a request whose Content-Type is one of accepted;
// a first "*/*" accepts all. Nothing is decompressed (P02).
func readBody(w http.ResponseWriter, r *http.Request, limit int64, accepted []string) ([]byte, error) {
	if err := checkMedia(r.Header, accepted); err != nil {
		return nil, err
	}
	if r.ContentLength > limit {
		w.Header()["Connection"] = []string{"close"} // P01: the rest is not read
		return nil, errTooLarge(limit)
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, limit), int(max(r.ContentLength, 0)))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, errTooLarge(limit)
		}
		return nil, fhir.Errorf(fhir.Malformed, "rest", "rest.body-interrupted", fhir.CodeIncomplete, "",
			fhir.T("The body did not arrive completely.", "Le corps n'est pas arrivé en entier."),
			fhir.T("Send the request again.", "Renvoyez la requête."))
	}
	return body, nil
}

// readAll reads to the end what is announced to be so long: a body of 50 MB into a
// buffer of 50 MB, with one of 16 before it.
func readAll(r io.Reader, announced int) ([]byte, error) {
	const end = 1 // room to find that there is no more
	b := make([]byte, 0, min(max(announced, bytes.MinRead), firstRead)+end)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		case len(b) == cap(b):
			size := max(2*cap(b), min(readAhead*cap(b), announced+end))
			b = append(make([]byte, 0, size), b...)
		}
	}
}

// checkMedia checks Content-Encoding, Content-Type and its charset. JSON and
// forms are UTF-8 and nothing else (R4 http.html#mime-type).
func checkMedia(h http.Header, accepted []string) error {
	if c := h.Get("Content-Encoding"); c != "" && !strings.EqualFold(c, "identity") {
		return fhir.Errorf(fhir.UnsupportedMedia, "rest", "rest.content-encoding", fhir.CodeNotSupported, "http.Content-Encoding",
			fhir.T("Compressed bodies are not read.", "Les corps compressés ne sont pas lus."),
			fhir.T("Send the body without Content-Encoding.", "Envoyez le corps sans Content-Encoding."))
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if any := accepted[0] == "*/*"; !any && (err != nil || !slices.Contains(accepted, media)) {
		list := strings.Join(accepted, ", ")
		return fhir.Errorf(fhir.UnsupportedMedia, "rest", "rest.content-type", fhir.CodeNotSupported, "http.Content-Type",
			fhir.T("The body is not of a type that is read here.", "Le corps n'est pas d'un type lu ici."),
			fhir.T("Send one of: %s.", "Envoyez l'un de : %s.", list))
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") && accepted[0] != "*/*" {
		return fhir.Errorf(fhir.UnsupportedMedia, "rest", "rest.charset", fhir.CodeNotSupported, "http.Content-Type",
			fhir.T("The body is not in UTF-8.", "Le corps n'est pas en UTF-8."),
			fhir.T("FHIR is sent in UTF-8 only.", "FHIR s'envoie uniquement en UTF-8."))
	}
	return nil
}

func errTooLarge(limit int64) error {
	size := fmt.Sprintf("%d MiB", limit>>20)
	return fhir.Errorf(fhir.TooLarge, "rest", "rest.body-too-large", fhir.CodeTooLong, "http.Content-Length",
		fhir.T("The body is larger than %s.", "Le corps dépasse %s.", size),
		fhir.T("Split it; attach large documents as Binary.", "Divisez-le ; joignez les documents volumineux en Binary."))
}

// readResource reads the body as one resource of the type and returns it with
// its tree. The rest of it is checked where it is stored.
func (s *Server) readResource(w http.ResponseWriter, r *http.Request, typ string) ([]byte, *fhirjson.Doc, error) {
	limit := s.cfg.Limits.Body
	if typ == "Binary" {
		limit = s.cfg.Limits.Binary
	}
	body, err := readBody(w, r, limit, resourceMedia)
	if err != nil {
		return nil, nil, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil, fhir.Errorf(fhir.Malformed, "rest", "rest.body-missing", fhir.CodeRequired, "",
			fhir.T("The request has no body.", "La requête n'a pas de corps."),
			fhir.T("Send the resource as JSON.", "Envoyez la ressource en JSON."))
	}
	doc, err := fhirjson.ParseLimits(body, fhirjson.Limits{Bytes: int(limit)})
	if err != nil {
		return nil, nil, err
	}
	return body, doc, checkType(doc.Root(), typ, "")
}

// checkType refuses a body of another type than the URL's, and one that says of
// itself that it is not whole: to store it would lose the rest
// (R4 search.html#summary).
func checkType(root fhirjson.Node, typ, at string) error {
	if root.Get("resourceType").Text() != typ {
		return fhir.Errorf(fhir.Malformed, "rest", "rest.type-mismatch", fhir.CodeInvalid, at+"resourceType",
			fhir.T("The body is not a %s.", "Le corps n'est pas une ressource %s.", typ),
			fhir.T("resourceType must be the type of the URL.", "resourceType doit être le type de l'URL."))
	}
	for tag := range root.At("meta", "tag").Items() {
		if system, code := tag.Coding(); system == observationValue && code == "SUBSETTED" {
			return fhir.Errorf(fhir.Unprocessable, "rest", "rest.subsetted", fhir.CodeIncomplete, at+typ+".meta.tag",
				fhir.T("The resource is tagged SUBSETTED: it is not whole.", "La ressource porte l'étiquette SUBSETTED : elle est incomplète."),
				fhir.T("Read it without _summary and _elements, change that and send it.", "Lisez-la sans _summary ni _elements, modifiez cette version et envoyez-la."))
		}
	}
	return nil
}

// readForm reads the form of a POST _search; an absent body is an empty form.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request) (string, error) {
	if r.ContentLength == 0 && r.Header.Get("Content-Type") == "" {
		return "", nil
	}
	body, err := readBody(w, r, s.cfg.Limits.Form, formMedia)
	return string(body), err
}
