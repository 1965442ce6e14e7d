package gateway

import (
	"context"

	"github.com/cordee-sante/cordee/adapters/cda/writer"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/adapters/summary"
	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// documents are the operations that answer with a document. They read through
// the guard, as their caller.
func (g *Gateway) documents(version string) []rest.Operation {
	documents := &document.Documents{Repo: g.records, Base: g.base, Clock: g.clock}
	summaries := &summary.Summaries{Repo: g.records, Base: g.base, Types: searchable, Organization: organization, Version: version, Clock: g.clock}
	export := &writer.Export{Documents: documents, Summaries: summaries, Maps: g.translations.of}
	return []rest.Operation{documents.Operation(), summaries.Operation(), export.Operation()}
}

// organization is that of the token.
func organization(ctx context.Context) string {
	p, _ := auth.FromContext(ctx)
	return p.Organization
}
