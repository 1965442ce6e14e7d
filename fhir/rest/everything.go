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
// _since, _type, _count, start and end, in the URL or in Parameters, narrow it. start and end are the dates of
// care: what has none, the Patient and their doctors among it, is always there.
func Everything(repo fhir.Repository, types func(context.Context) []string) Operation {
	return Operation{
		Name: "everything", Definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
		Instance: true, Types: []string{"Patient"}, Safe: true,
		Handle: func(ctx context.Context, call Call) (Answer, error) {
			inputs, err := call.Inputs(everythingInputs...)
			if err != nil {
				return Answer{}, err
			}
			for _, p := range inputs[len(call.Params):] {
				if slices.Contains(everythingShapes, p.Name) {
					return Answer{}, errEverything(p.Name, fhir.T("%s belongs into the URL.", "%s se met dans l'URL.", p.Name))
				}
			}
			q, err := everythingQuery(call.Key, inputs, types(ctx))
			if err != nil {
				return Answer{}, err
			}
			page, err := repo.Search(ctx, q)
			if err == nil && len(page.Matches) == 0 && q.Cursor == "" {
				_, err = repo.Read(ctx, call.Key) // no patient, or one who is withheld: not an empty record
			}
			return Answer{Page: &page, Self: self(inputs)}, err
		},
	}
}

// everythingInputs are the parameters of the operation and those of the URL alone:
// what shapes the output, and the page that the links name.
var (
	everythingInputs = append([]string{"start", "end", "_since", "_type", "_count"}, everythingShapes...)
	everythingShapes = []string{"_elements", "_summary", "_cursor"}
)

func everythingQuery(patient fhir.Key, inputs []search.Pair, allowed []string) (fhir.Query, error) {
	q := fhir.Query{Types: allowed, Compartment: patient, Count: everythingCount, Care: fhir.Care{All: true, Support: true}}
	var wanted []string
	for i, p := range inputs {
		if p.Name != "_type" && p.Name != "_elements" && slices.ContainsFunc(inputs[:i], func(before search.Pair) bool { return before.Name == p.Name }) {
			return q, errEverything(p.Name, fhir.T("%s may be given once; _type may be repeated.", "%s ne se donne qu'une fois ; _type peut être répété.", p.Name))
		}
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
		case "_type": // one or more parameters, each of one or more types
			wanted = append(wanted, strings.Split(p.Value, ",")...)
		case "start", "end":
			if !careDate.MatchString(p.Value) {
				return q, errEverything(p.Name, fhir.T("start and end are dates: YYYY, YYYY-MM or YYYY-MM-DD.", "start et end sont des dates : AAAA, AAAA-MM ou AAAA-MM-JJ."))
			}
			if p.Name == "start" {
				q.Care.Start = p.Value
			} else {
				q.Care.End = p.Value
			}
		}
	}
	return q, narrow(&q, wanted)
}

// narrow leaves of the types of the query those that are wanted; all when none
// is named.
func narrow(q *fhir.Query, wanted []string) error {
	for _, typ := range wanted {
		if !tables.IsResource(typ) {
			return errEverything("_type", fhir.T("_type lists resource types, separated by commas.", "_type énumère des types de ressources, séparés par des virgules."))
		}
	}
	if len(wanted) > 0 {
		q.Types = slices.DeleteFunc(slices.Clone(q.Types), func(typ string) bool { return !slices.Contains(wanted, typ) })
	}
	if len(q.Types) == 0 {
		return fhir.Errorf(fhir.Forbidden, "rest.Everything", "rest.everything-types", fhir.CodeForbidden, "",
			fhir.T("The token allows none of the types asked for.", "Le jeton n'autorise aucun des types demandés."), fhir.Text{})
	}
	return nil
}

// careDate is a date (R4 datatypes.html#date).
var careDate = regexp.MustCompile(`^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$`)

func errEverything(param string, hint fhir.Text) error {
	return fhir.Errorf(fhir.Malformed, "rest.Everything", "rest.everything-parameter", fhir.CodeNotSupported, "http."+param,
		fhir.T("$everything was called with a parameter or value that it does not know.", "$everything a été appelée avec un paramètre ou une valeur inconnus."), hint)
}

// self are the parameters for the links of the answer.
func self(params []search.Pair) []search.Pair {
	return slices.DeleteFunc(slices.Clone(params), func(p search.Pair) bool { return p.Name == "_cursor" || p.Name == "_count" })
}
