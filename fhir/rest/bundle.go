package rest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// bundle answers POST [base]: a batch or a transaction (R4 http.html#transaction).
func (s *Server) bundle(w http.ResponseWriter, r *http.Request) error {
	out, err := s.readOutput(r)
	if err != nil {
		return err
	}
	body, err := readBody(w, r, s.cfg.Limits.Body, resourceMedia)
	if err != nil {
		return err
	}
	doc, err := fhirjson.ParseLimits(body, fhirjson.Limits{Bytes: int(s.cfg.Limits.Body)})
	if err != nil {
		return err
	}
	root := doc.Root()
	if root.Get("resourceType").Text() != "Bundle" {
		return fhir.Errorf(fhir.Malformed, "rest", "bundle.expected", fhir.CodeInvalid, "resourceType",
			fhir.T("Only a Bundle can be sent to the base URL.", "Seul un Bundle peut être envoyé à l'URL de base."),
			fhir.T("Send other resources to [base]/[type].", "Envoyez les autres ressources à [base]/[type]."))
	}
	kind := root.Get("type").Text()
	if kind != "batch" && kind != "transaction" {
		return fhir.Errorf(fhir.Malformed, "rest", "bundle.type", fhir.CodeNotSupported, "Bundle.type",
			fhir.T("A Bundle sent to the base URL is a batch or a transaction; this one is neither.", "Un Bundle envoyé à l'URL de base est un batch ou une transaction ; celui-ci n'est ni l'un ni l'autre."),
			fhir.T("Set Bundle.type, or store the Bundle as it is with POST [base]/Bundle.", "Renseignez Bundle.type, ou enregistrez le Bundle tel quel par POST [base]/Bundle."))
	}
	entries, err := s.entries(root)
	if err != nil {
		return err
	}
	if kind == "batch" {
		return s.batch(w, r, entries, out)
	}
	return s.transaction(w, r, entries, out)
}

// An entry is Bundle.entry of a batch or transaction.
type entry struct {
	at       string // "Bundle.entry[3]"
	fullURL  string
	resource fhirjson.Node

	method, url                       string
	ifMatch, ifNoneMatch, ifNoneExist string
}

// entries reads the entries; how many there may be is bounded (P09).
func (s *Server) entries(root fhirjson.Node) ([]entry, error) {
	list := root.Get("entry")
	if list.Len() > s.cfg.Limits.Entries {
		return nil, fhir.Errorf(fhir.TooLarge, "rest", "bundle.entries", fhir.CodeTooCostly, "Bundle.entry",
			fhir.T("The Bundle has more than %d entries.", "Le Bundle a plus de %d entrées.", s.cfg.Limits.Entries),
			fhir.T("Split it.", "Divisez-le."))
	}
	entries := make([]entry, 0, list.Len())
	if list.Kind() != fhirjson.Array {
		return entries, nil
	}
	for n := range list.Items() {
		request := n.Get("request")
		e := entry{at: fmt.Sprintf("Bundle.entry[%d]", len(entries)), fullURL: n.Get("fullUrl").Text(), resource: n.Get("resource"),
			method: request.Get("method").Text(), url: request.Get("url").Text(),
			ifMatch: request.Get("ifMatch").Text(), ifNoneMatch: request.Get("ifNoneMatch").Text(), ifNoneExist: request.Get("ifNoneExist").Text()}
		entries = append(entries, e)
	}
	return entries, nil
}

// check refuses an entry that names no request of this server's.
func (e *entry) check() error {
	switch {
	case e.method == "":
		return fhir.Errorf(fhir.Malformed, "rest", "bundle.request", fhir.CodeRequired, e.at+".request",
			fhir.T("The entry says not what is to be done.", "L'entrée n'indique pas ce qui est à faire."),
			fhir.T("Give request.method and request.url.", "Renseignez request.method et request.url."))
	case e.method != http.MethodGet && e.method != http.MethodHead && e.method != http.MethodPost && e.method != http.MethodPut && e.method != http.MethodDelete:
		return fhir.Errorf(fhir.Malformed, "rest", "bundle.method", fhir.CodeNotSupported, e.at+".request.method",
			fhir.T("The method of the entry is not offered.", "La méthode de l'entrée n'est pas proposée."),
			fhir.T("Offered: GET, HEAD, POST, PUT, DELETE.", "Possible : GET, HEAD, POST, PUT, DELETE."))
	case e.url == "" || e.url[0] == '/' || e.url[0] == '?' && !e.reads() || strings.Contains(e.url, "://") || strings.HasPrefix(e.url, "urn:") || strings.Contains(e.url, "#"): // A21
		return fhir.Errorf(fhir.Malformed, "rest", "bundle.url", fhir.CodeValue, e.at+".request.url",
			fhir.T("The URL of the entry is not relative to the base.", "L'URL de l'entrée n'est pas relative à la base."),
			fhir.T("Write it as Patient/1 or Patient?name=value, without host and leading slash.", "Écrivez Patient/1 ou Patient?nom=valeur, sans hôte ni barre oblique initiale."))
	case (e.method == http.MethodPost || e.method == http.MethodPut) && e.resource.Kind() != fhirjson.Object:
		return fhir.Errorf(fhir.Malformed, "rest", "bundle.resource", fhir.CodeRequired, e.at+".resource",
			fhir.T("The entry has no resource to write.", "L'entrée n'a pas de ressource à écrire."),
			fhir.T("Give entry.resource for POST and PUT.", "Renseignez entry.resource pour POST et PUT."))
	}
	return nil
}

// reads reports whether the entry changes nothing; then its URL may be of the
// base itself, which searches all types (R4 http.html#search).
func (e *entry) reads() bool { return e.method == http.MethodGet || e.method == http.MethodHead }

// locate makes the place of an error's issues that of the entry.
func (e *entry) locate(err error) error {
	f := asError(err)
	located := *f
	located.Issues = make([]fhir.Issue, len(f.Issues))
	for i, issue := range f.Issues {
		switch name, inHeader := strings.CutPrefix(issue.At, "http."); {
		case strings.HasPrefix(issue.At, "Bundle.entry["):
		case inHeader && name == "If-Match":
			issue.At = e.at + ".request.ifMatch"
		case inHeader && name == "If-None-Exist":
			issue.At = e.at + ".request.ifNoneExist"
		case inHeader:
			issue.At = e.at + ".request.url"
		case issue.At == "":
			issue.At = e.at
		default: // a path in the resource: Patient.name
			_, path, _ := strings.Cut(issue.At, ".")
			issue.At = e.at + ".resource"
			if path != "" {
				issue.At += "." + path
			}
		}
		located.Issues[i] = issue
	}
	return &located
}
