package gateway

import (
	"context"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// ingestLimit: scanned letters in a document are base64, as in a Binary.
const ingestLimit = 50 << 20

// ingest is the operation $ingest, over the guarded repository.
func (g *Gateway) ingest() rest.Operation {
	mode := adapters.Production
	if g.cfg.Mode == "integration" || g.cfg.Demo {
		mode = adapters.Integration
	}
	operation := adapters.Ingest{
		Intake: adapters.Intake{Adapters: []adapters.Adapter{cda.Adapter{}}, Repo: g.records, Validate: valid},
		Mode:   mode,
		Sender: sender,
		Maps:   g.translations.of,
		Status: rest.Status,
		Clock:  g.clock,
	}
	turn := newGiants()
	return rest.Operation{
		Name: "ingest", Definition: "https://cordee-sante.github.io/fhir/OperationDefinition/ingest", Describes: adapters.IngestDefinition, System: true,
		Accepts: []string{"*/*"}, Limit: ingestLimit,
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			d, err := delivery(call)
			if err != nil {
				return rest.Answer{}, err
			}
			leave, err := turn.enter(ctx, len(d.Body))
			if err != nil {
				return rest.Answer{}, err
			}
			defer leave()
			body, err := operation.Accept(ctx, d)
			return rest.Answer{Resource: body}, err
		},
	}
}

// delivery reads a call. A misspelt dry-run must not become a real one, so what
// is not known is refused.
func delivery(call rest.Call) (adapters.Delivery, error) {
	d := adapters.Delivery{ContentType: call.ContentType, Body: call.Body}
	for _, p := range call.Params {
		switch p.Name + "=" + p.Value {
		case "mapping=full":
			d.Every = true
		case "dry-run=true":
			d.DryRun = true
		case "mapping=", "dry-run=", "dry-run=false":
		default:
			hint := fhir.T("Known are mapping=full and dry-run=true.", "Sont connus mapping=full et dry-run=true.")
			if near := tables.Nearest(p.Name, []string{"mapping", "dry-run"}); near != "" && near != p.Name {
				hint = fhir.T("Did you mean %s?", "Vouliez-vous dire %s ?", near)
			}
			return d, fhir.Errorf(fhir.Malformed, "gateway.ingest", "intake.parameter", fhir.CodeInvalid, "http."+p.Name,
				fhir.T("$ingest does not know this parameter, or not this value of it.", "$ingest ne connaît pas ce paramètre, ou pas cette valeur."), hint)
		}
	}
	return d, nil
}

// sender says on whose behalf a document is sent: the organisation of the token.
func sender(ctx context.Context) (source, organization string, ok bool) {
	p, ok := auth.FromContext(ctx)
	return p.Organization, p.Organization, ok && p.Organization != ""
}

// valid applies the rules of the store to a resource that is not written.
func valid(body []byte) error {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return err
	}
	if issues := profile.Validate(doc); len(issues) > 0 {
		return profile.Error(issues)
	}
	return nil
}
