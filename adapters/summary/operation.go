package summary

import (
	"context"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Operation is Patient/[id]/$summary and Patient/$summary?identifier=[token]
// (HL7 IPS 2.0, OperationDefinition summary).
func (s *Summaries) Operation() rest.Operation {
	return rest.Operation{
		Name: "summary", Definition: "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
		Type: true, Instance: true, Types: []string{"Patient"}, Safe: true,
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			inputs, err := call.Inputs("identifier", "profile", "graph")
			if err != nil {
				return rest.Answer{}, err
			}
			plan := IPS()
			for _, p := range inputs {
				if supported := p.Name == "identifier" || p.Name == "profile" && slices.Contains([]string{plan.Profile, plan.BundleProfile}, p.Value); !supported && p.Value != "" {
					return rest.Answer{}, fhir.Errorf(fhir.NotImplemented, "summary.Operation", "summary.profile", fhir.CodeNotSupported, "http."+p.Name,
						fhir.T("Summaries of this kind are not made here.", "Les synthèses de cette sorte ne sont pas constituées ici."),
						fhir.T("Leave profile and graph out for the International Patient Summary.", "Omettez profile et graph pour le résumé international du patient."))
				}
			}
			key, err := s.patient(ctx, call.Key, inputs)
			if err != nil {
				return rest.Answer{}, err
			}
			b, err := s.Of(ctx, key, plan, call.Language)
			if err != nil {
				return rest.Answer{}, err
			}
			return rest.Answer{Resource: b.JSON()}, nil
		},
	}
}

// patient returns the patient that a call names by id or by identifier. One who
// is withheld is not found by his identifier either.
func (s *Summaries) patient(ctx context.Context, key fhir.Key, inputs []search.Pair) (fhir.Key, error) {
	if key.ID != "" {
		return key, nil
	}
	token := ""
	for _, p := range inputs {
		if p.Name == "identifier" {
			token = p.Value
		}
	}
	if value := token[strings.LastIndexByte(token, '|')+1:]; value == "" || strings.Contains(strings.ReplaceAll(token, `\,`, ""), ",") {
		return key, errPatient(fhir.Malformed, "summary.identifier", fhir.CodeRequired,
			fhir.T("It is not said whose summary is wanted.", "Le patient dont la synthèse est demandée n'est pas indiqué."))
	}
	page, err := s.Repo.Search(ctx, fhir.Query{Type: "Patient", Count: 2, Params: []fhir.Param{{Code: "identifier", Values: []string{token}}}})
	switch {
	case err != nil:
		return key, err
	case len(page.Matches) == 0:
		return key, errPatient(fhir.NotFound, "summary.no-patient", fhir.CodeNotFound,
			fhir.T("No patient has this identifier.", "Aucun patient n'a cet identifiant."))
	case len(page.Matches) > 1:
		return key, errPatient(fhir.PreconditionFailed, "summary.several-patients", fhir.CodeMultipleMatches,
			fhir.T("Several patients have this identifier.", "Plusieurs patients ont cet identifiant."))
	}
	return page.Matches[0].Current(), nil
}

func errPatient(kind fhir.Kind, id string, code fhir.IssueCode, text fhir.Text) error {
	return fhir.Errorf(kind, "summary.Operation", id, code, "http.identifier", text,
		fhir.T("Use Patient/[id]/$summary, or one identifier with its system.", "Utilisez Patient/[id]/$summary, ou un seul identifiant avec son système."))
}
