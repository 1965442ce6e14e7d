package rest

import "net/http"

// vread answers GET [base]/Type/id/_history/version: one version of a resource
// (R4 http.html#vread).
func (s *Server) vread(w http.ResponseWriter, r *http.Request) error {
	return s.readVersion(w, r, "vread")
}
