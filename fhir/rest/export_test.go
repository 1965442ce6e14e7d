package rest

import "github.com/go-chi/chi/v5"

// Router shows the tests what is routed.
func Router(s *Server) chi.Routes { return s.router }
