package rest

import (
	"net/http"

	"github.com/cordee-sante/cordee/fhir"
)

// delete answers DELETE [base]/Type/id: 204, also when there is nothing to
// delete (R4 http.html#delete). If-Match makes it depend on the version. What
// was deleted reads 410; its history remains.
func (s *Server) delete(w http.ResponseWriter, r *http.Request) error {
	key, err := s.key(w, r, "delete")
	if err != nil {
		return err
	}
	out, err := s.readOutput(r)
	if err != nil {
		return err
	}
	return s.remove(w, r, fhir.Change{Method: fhir.Delete, Key: key}, &out)
}

// conditionalDelete answers DELETE [base]/Type?search: the one match is deleted,
// several are 412 (R4 http.html#cdelete, "single").
func (s *Server) conditionalDelete(w http.ResponseWriter, r *http.Request) error {
	typ, err := s.typeOf(w, r, "delete")
	if err != nil {
		return err
	}
	where, out, err := s.where(r, typ)
	if err != nil {
		return err
	}
	return s.remove(w, r, fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: typ}, Where: where}, &out)
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request, change fhir.Change, out *output) (err error) {
	if err := refuseConditions(r.Header, "If-None-Match", "If-None-Exist"); err != nil {
		return err
	}
	if change.IfMatch, err = ifMatch(r.Header["If-Match"], "http.If-Match"); err != nil {
		return err
	}
	return s.commit(w, r, change, out)
}
