package rest

import (
	"net/http"

	"github.com/cordee-sante/cordee/fhir"
)

// read answers GET [base]/Type/id: the current version of a resource
// (R4 http.html#read). If-None-Match is looked at after the repository has
// answered, so that 304 tells nobody of a record that they may not see (A13).
func (s *Server) read(w http.ResponseWriter, r *http.Request) error {
	return s.readVersion(w, r, "read")
}

// readVersion is read and vread.
func (s *Server) readVersion(w http.ResponseWriter, r *http.Request, code string) error {
	key, err := s.key(w, r, code)
	if err != nil {
		return err
	}
	out, err := s.readOutput(r)
	raw := key.Type == "Binary" && !out.explicit && (err == nil || fhir.KindOf(err) == fhir.NotAcceptable)
	if err != nil && !raw {
		return err
	}
	res, err := s.repo(key.Type).Read(r.Context(), key)
	if err != nil {
		return err
	}
	stamp(w, &res)
	if notModified(r, res.Version) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if raw {
		return s.sendContent(w, r, &res, &out)
	}
	return s.sendResource(w, http.StatusOK, &res, &out)
}
