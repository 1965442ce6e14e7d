package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// stamp sets ETag and Last-Modified (R4 http.html#versioning). Their values share
// two allocations: this is on the path of every read.
func stamp(w http.ResponseWriter, res *fhir.Resource) {
	if res.Version == "" {
		return
	}
	if a, ok := w.(*answer); ok {
		a.at = res.LastUpdated
	}
	b := make([]byte, 0, 48)
	b = append(b, `W/"`...)
	b = append(b, res.Version...)
	b = append(b, '"')
	n := len(b)
	b = res.LastUpdated.UTC().AppendFormat(b, http.TimeFormat)
	all := string(b)
	values := [2]string{all[:n], all[n:]}
	h := w.Header()
	h["Etag"], h["Last-Modified"] = values[:1:1], values[1:]
}

// notModified reports whether If-None-Match names the version. Comparison is
// weak (RFC 9110 §8.8.3.2). If-Modified-Since is not looked at: a second is too
// coarse to say that a record is unchanged.
func notModified(r *http.Request, version string) bool {
	for _, header := range r.Header["If-None-Match"] {
		for tag := range strings.SplitSeq(header, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || opaque(tag) == version && version != "" {
				return true
			}
		}
	}
	return false
}

// opaque returns what stands between the quotes of an entity tag, "" when it
// is not one.
func opaque(tag string) string {
	tag = strings.TrimPrefix(tag, "W/")
	if len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return ""
	}
	return tag[1 : len(tag)-1]
}

// ifMatch returns the version that If-Match demands, empty for none. A change
// on a condition that is not understood would be a change without condition, so
// that is refused.
func ifMatch(header []string, at string) (string, error) {
	if len(header) == 0 {
		return "", nil
	}
	version := ""
	if len(header) == 1 {
		version = opaque(strings.TrimSpace(header[0]))
	}
	if !fhir.ValidID(version) {
		return "", fhir.Errorf(fhir.Malformed, "rest", "rest.if-match", fhir.CodeValue, at,
			fhir.T("If-Match does not name one version.", "If-Match ne désigne pas une version."),
			fhir.T(`Send the ETag of the version that you changed, as in W/"3".`, `Envoyez l'ETag de la version que vous avez modifiée, par exemple W/"3".`))
	}
	return version, nil
}

// refuseConditions refuses conditions that the interaction does not know.
func refuseConditions(h http.Header, names ...string) error {
	for _, name := range names {
		if h[name] != nil {
			return fhir.Errorf(fhir.Malformed, "rest", "rest.condition-unsupported", fhir.CodeNotSupported, "http."+name,
				fhir.T("%s is not a condition of this interaction.", "%s n'est pas une condition de cette interaction.", name),
				fhir.T("FHIR R4 has If-Match for update and delete, If-None-Exist for create.", "FHIR R4 connaît If-Match pour update et delete, If-None-Exist pour create."))
		}
	}
	return nil
}

func etag(version string) string { return `W/` + strconv.Quote(version) }
