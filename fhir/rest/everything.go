package rest

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/search"
)

// everythingCount is the page size of $everything when the call names none: the
// record of a patient is read as a whole more often than not.
const everythingCount = 500

// Everything is the operation Patient/{id}/$everything: all that the caller may
// see of one patient's compartment, page by page, and then what that refers to of
// the directory, once each (R4 operation-patient-everything.html). Types returns the types that the caller
// may search at all; others are left out, as the operation wants.
//
// _since, _type, _count, start and end narrow it. start and end are the dates of
// care: what has none, the Patient and their doctors among it, is always there.
func Everything(repo fhir.Repository, types func(context.Context) []string) Operation {
	return Operation{
		Name: "everything", Definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
		Instance: true, Types: []string{"Patient"}, Safe: true,
		Handle: func(ctx context.Context, call Call) (Answer, error) {
			q, err := everythingQuery(call, types(ctx))
			if err != nil {
				return Answer{}, err
			}
			page, err := repo.Search(ctx, q)
			if err == nil && len(page.Matches) == 0 && q.Cursor == "" {
				_, err = repo.Read(ctx, call.Key) // no patient, or one who is withheld: not an empty record
			}
			return Answer{Page: &page, Self: self(call.Params)}, err
		},
	}
}

func everythingQuery(call Call, allowed []string) (fhir.Query, error) {
	q := fhir.Query{Types: allowed, Compartment: call.Key, Count: everythingCount, Care: fhir.Care{All: true, Support: true}}
	for _, p := range call.Params {
		switch p.Name {
		case "_cursor":
			q.Cursor = p.Value
		case "_count":
			n, err := strconv.Atoi(p.Value)
			if err != nil || n < 1 {
				return q, errEverything(p.Name, fhir.T("_count is a whole number of at least 1.", "_count est un nombre entier d'au moins 1."))
			}
			q.Count = n
		case "_since":
			q.Params = append(q.Params, fhir.Param{Code: "_lastUpdated", Values: []string{"ge" + p.Value}})
		case "_type":
			wanted := strings.Split(p.Value, ",")
			for _, typ := range wanted {
				if !tables.IsResource(typ) {
					return q, errEverything(p.Name, fhir.T("_type lists resource types, separated by commas.", "_type énumère des types de ressources, séparés par des virgules."))
				}
			}
			q.Types = slices.DeleteFunc(slices.Clone(q.Types), func(typ string) bool { return !slices.Contains(wanted, typ) })
		case "start", "end":
			if !careDate.MatchString(p.Value) {
				return q, errEverything(p.Name, fhir.T("start and end are dates: YYYY, YYYY-MM or YYYY-MM-DD.", "start et end sont des dates : AAAA, AAAA-MM ou AAAA-MM-JJ."))
			}
			if p.Name == "start" {
				q.Care.Start = p.Value
			} else {
				q.Care.End = p.Value
			}
		case "_elements", "_summary": // of the output
		default:
			return q, errEverything(p.Name, fhir.T("$everything knows start, end, _since, _type and _count.", "$everything connaît start, end, _since, _type et _count."))
		}
	}
	if len(q.Types) == 0 {
		return q, fhir.Errorf(fhir.Forbidden, "rest.Everything", "rest.everything-types", fhir.CodeForbidden, "",
			fhir.T("The token allows none of the types asked for.", "Le jeton n'autorise aucun des types demandés."), fhir.Text{})
	}
	return q, nil
}

// careDate is a date (R4 datatypes.html#date).
var careDate = regexp.MustCompile(`^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$`)

func errEverything(param string, hint fhir.Text) error {
	return fhir.Errorf(fhir.Malformed, "rest.Everything", "rest.everything-parameter", fhir.CodeNotSupported, "http."+printable(param),
		fhir.T("$everything was called with a parameter or value that it does not know.", "$everything a été appelée avec un paramètre ou une valeur inconnus."), hint)
}

// printable keeps a name of the client's making out of an answer unless it
// looks like the name of a parameter.
func printable(name string) string {
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return "?"
		}
	}
	return name
}

// self are the parameters for the links of the answer.
func self(params []search.Pair) []search.Pair {
	return slices.DeleteFunc(slices.Clone(params), func(p search.Pair) bool { return p.Name == "_cursor" || p.Name == "_count" })
}
