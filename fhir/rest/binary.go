package rest

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// acceptsFHIR reports whether Accept names a FHIR type. A Binary is sent as a
// resource to such a client, and as what it holds to any other (R4
// binary.html#rest).
func acceptsFHIR(accept []string) bool {
	for _, header := range accept {
		for item := range strings.SplitSeq(header, ",") {
			media, q := weighted(item)
			if media = strings.ToLower(media); q > 0 && (strings.HasSuffix(media, "fhir+json") || strings.HasSuffix(media, "fhir+xml") || strings.HasSuffix(media, "+fhir")) {
				return true
			}
		}
	}
	return false
}

// sendContent sends what a Binary holds. Somebody else chose the bytes and
// their type, so a browser is told to save them, not to look into them, and to
// run nothing (A19).
func (s *Server) sendContent(w http.ResponseWriter, r *http.Request, res *fhir.Resource, out *output) error {
	doc, err := fhirjson.ParseLimits(res.Body, fhirjson.Limits{Bytes: len(res.Body)})
	if err != nil {
		return err
	}
	media := contentType(doc.Root().Get("contentType").Text())
	switch {
	case acceptsMedia(r.Header["Accept"], media):
	case out.media != nil: // the client takes JSON, and the content is something else
		return s.sendResource(w, http.StatusOK, res, out)
	default:
		return errNotAcceptable("http.Accept")
	}
	content, err := decodeBase64(doc.Root().Get("data").Text())
	if err != nil {
		return fhir.Errorf(fhir.Unprocessable, "rest", "rest.binary-data", fhir.CodeInvalid, "Binary.data",
			fhir.T("The content of the Binary is not base64.", "Le contenu du Binary n'est pas en base64."),
			fhir.T("Read it with Accept: application/fhir+json.", "Lisez-le avec Accept : application/fhir+json."))
	}
	h := w.Header()
	h["Content-Type"] = []string{media}
	h["Content-Length"] = []string{strconv.Itoa(len(content))}
	h["Content-Disposition"] = []string{"attachment"}
	h["Content-Security-Policy"] = []string{"sandbox; default-src 'none'"}
	w.WriteHeader(http.StatusOK)
	w.Write(content)
	return nil
}

// contentType is the media type as it may stand in a header; what is not one
// becomes bytes of no type (N04).
func contentType(s string) string {
	media, params, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(media, "/") {
		return "application/octet-stream"
	}
	if f := mime.FormatMediaType(media, params); f != "" {
		return f
	}
	return media
}

// acceptsMedia reports whether Accept takes the media type; it takes all when
// it is absent.
func acceptsMedia(accept []string, media string) bool {
	if emptyAccept(accept) {
		return true
	}
	media, _, _ = strings.Cut(media, ";")
	major, _, _ := strings.Cut(media, "/")
	for _, header := range accept {
		for item := range strings.SplitSeq(header, ",") {
			want, q := weighted(item)
			if want = strings.ToLower(want); q > 0 && (want == media || want == "*/*" || want == major+"/*") {
				return true
			}
		}
	}
	return false
}

// decodeBase64 decodes base64Binary, in which white space may stand
// (R4 datatypes.html#base64Binary).
func decodeBase64(s string) ([]byte, error) {
	if strings.ContainsAny(s, " \t\r\n") {
		s = strings.Join(strings.Fields(s), "")
	}
	return base64.StdEncoding.DecodeString(s)
}
