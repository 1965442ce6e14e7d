package rest

import (
	"net/http"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// update answers PUT [base]/Type/id: 200, or 201 when it brings the resource
// about (R4 http.html#update). If-Match makes it depend on the version.
func (s *Server) update(w http.ResponseWriter, r *http.Request) error {
	key, err := s.key(w, r, "update")
	if err != nil {
		return err
	}
	return s.put(w, r, fhir.Change{Method: fhir.Update, Key: key}, s.readOutput)
}

// conditionalUpdate answers PUT [base]/Type?search: the one match is updated,
// without a match the resource is created, several are 412 (R4 http.html#cond-update).
func (s *Server) conditionalUpdate(w http.ResponseWriter, r *http.Request) error {
	typ, err := s.typeOf(w, r, "update")
	if err != nil {
		return err
	}
	where, out, err := s.where(r, typ)
	if err != nil {
		return err
	}
	return s.put(w, r, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ}, Where: where},
		func(*http.Request) (output, error) { return out, nil })
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, change fhir.Change, outputOf func(*http.Request) (output, error)) error {
	out, err := outputOf(r)
	if err != nil {
		return err
	}
	if err := refuseConditions(r.Header, "If-None-Match", "If-None-Exist"); err != nil {
		return err
	}
	if change.IfMatch, err = ifMatch(r.Header["If-Match"], "http.If-Match"); err != nil {
		return err
	}
	body, doc, err := s.readResource(w, r, change.Key.Type)
	if err != nil {
		return err
	}
	change.Body = body
	if change.Where == nil {
		err = checkID(doc.Root(), change.Key, "")
	} else if id := doc.Root().Get("id").Text(); id != "" {
		change.Key.ID = id
		if !fhir.ValidID(id) {
			err = errInvalidID(change.Key.Type + ".id")
		}
	}
	if err != nil {
		return err
	}
	return s.commit(w, r, change, &out)
}

// checkID refuses a body whose id is not that of the URL (R4 http.html#update:
// the server shall answer 400).
func checkID(root fhirjson.Node, key fhir.Key, at string) error {
	id := root.Get("id")
	if id.Text() == key.ID && id.Kind() == fhirjson.String {
		return nil
	}
	name, text := "rest.id-mismatch", fhir.T("The id of the body is not that of the URL.", "L'id du corps n'est pas celui de l'URL.")
	if !id.Exists() {
		name, text = "rest.id-missing", fhir.T("The body has no id.", "Le corps n'a pas d'id.")
	}
	return fhir.Errorf(fhir.Malformed, "rest", name, fhir.CodeInvalid, at+key.Type+".id", text,
		fhir.T("An update carries in its body the id of its URL.", "Une mise à jour porte dans son corps l'id de son URL."))
}

// where reads the search of a conditional update or delete from the URL, and
// apart from it the parameters that shape the answer.
func (s *Server) where(r *http.Request, typ string) (*fhir.Query, output, error) {
	a, err := ask(r.URL.RawQuery)
	if err != nil {
		return nil, output{}, err
	}
	out, err := a.output(r, false)
	if err != nil {
		return nil, output{}, err
	}
	q, err := s.condition(typ, encode(a.rest), "http."+typ)
	return q, out, err
}
