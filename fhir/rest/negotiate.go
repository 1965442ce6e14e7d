package rest

import (
	"net/http"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// Content types of answers. They are never modified.
var (
	fhirJSON  = []string{"application/fhir+json; charset=utf-8"}
	plainJSON = []string{"application/json; charset=utf-8"}
	textJSON  = []string{"text/json; charset=utf-8"}
)

// acceptable lists what is offered, for a 406.
const acceptable = "application/fhir+json, application/json"

// represent returns the Content-Type under which a client takes a resource, nil
// when it takes none. A client that asks for a generic JSON type gets that name
// (R4 http.html#mime-type); application/json+fhir is the name from before R4.
func represent(media string) []string {
	switch media {
	case "application/fhir+json", "application/json+fhir", "*/*", "application/*", "json":
		return fhirJSON
	case "application/json":
		return plainJSON
	case "text/json":
		return textJSON
	}
	return nil
}

// negotiate chooses the Content-Type of the answer from Accept, and from
// _format, which wins (R4 http.html#parameters). The type of the highest weight
// that is offered is taken, the first of equals; XML is not offered, so that a
// client which would rather have XML gets JSON.
func negotiate(r *http.Request, format string) ([]string, error) {
	if format != "" {
		media, _ := weighted(strings.ReplaceAll(format, " ", "+")) // an unescaped + arrives as a space
		if ct := represent(strings.ToLower(media)); ct != nil {
			return ct, nil
		}
		return nil, errNotAcceptable("http._format")
	}
	headers := r.Header["Accept"]
	if len(headers) == 0 || len(headers) == 1 && (headers[0] == "application/fhir+json" || headers[0] == "*/*") {
		return fhirJSON, nil
	}
	var best []string
	weight := 0.0
	for _, header := range headers {
		for item := range strings.SplitSeq(header, ",") {
			media, q := weighted(item)
			if ct := represent(strings.ToLower(media)); ct != nil && q > weight && rightVersion(item) {
				best, weight = ct, q
			}
		}
	}
	if best == nil && !emptyAccept(headers) {
		return nil, errNotAcceptable("http.Accept")
	}
	if best == nil {
		best = fhirJSON
	}
	return best, nil
}

// rightVersion reports whether the fhirVersion parameter of a media type, if
// there is one, asks for R4 (R4 http.html#version-parameter).
func rightVersion(item string) bool {
	_, after, found := strings.Cut(strings.ToLower(item), "fhirversion=")
	if !found {
		return true
	}
	version, _, _ := strings.Cut(after, ";")
	version = strings.Trim(strings.TrimSpace(version), `"`)
	return version == "4.0" || version == "4.0.1" || version == "4"
}

func emptyAccept(headers []string) bool {
	for _, h := range headers {
		if strings.TrimSpace(h) != "" {
			return false
		}
	}
	return true
}

func errNotAcceptable(at string) error {
	return fhir.Errorf(fhir.NotAcceptable, "rest", "rest.not-acceptable", fhir.CodeNotSupported, at,
		fhir.T("None of the formats that you accept is available.", "Aucun des formats que vous acceptez n'est disponible."),
		fhir.T("Accept one of: %s (FHIR 4.0).", "Acceptez l'un de : %s (FHIR 4.0).", acceptable))
}
