package identity

import (
	"cmp"
	"context"
	_ "embed"
	"slices"
	"strconv"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// Operations are $match, $merge and $unmerge over a guarded repository.
type Operations struct {
	Repo Repository
	Base string // FHIR base, of which fullUrls are made
}

// A Match is a patient that may be the one asked about.
type Match struct {
	Patient fhir.Resource
	Grade   Grade
	Score   int // of 100
}

// Find returns the patients that may be the one that has these traits, the
// surest first. When several are certain, which two records of one INS are, none
// is: they are probable, and a person has to look at them. more reports that there
// were more candidates than are compared.
func (o *Operations) Find(ctx context.Context, asked Traits) (list []Match, more bool, err error) {
	found, more, err := candidates(ctx, o.Repo, asked)
	if err != nil {
		return nil, false, err
	}
	certain := 0
	for _, c := range found {
		grade, score := Compare(asked, c.traits)
		if grade == none {
			continue
		}
		if grade == Certain {
			certain++
		}
		list = append(list, Match{c.Resource, grade, score})
	}
	for i := range list {
		if list[i].Grade == Certain && certain > 1 {
			list[i].Grade = Probable
		}
	}
	slices.SortFunc(list, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Patient.ID, b.Patient.ID))
	})
	return list, more, nil
}

// Match is the operation Patient/$match (R4 patient-operation-match.html).
func (o *Operations) Match() rest.Operation {
	return rest.Operation{
		Name: "match", Definition: "http://hl7.org/fhir/OperationDefinition/Patient-match", Type: true, Types: []string{"Patient"},
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			q, err := readQuestion(call.Body)
			if err != nil {
				return rest.Answer{}, err
			}
			list, more, err := o.Find(ctx, q.traits)
			if err != nil {
				return rest.Answer{}, err
			}
			if q.certain {
				list = slices.DeleteFunc(list, func(m Match) bool { return m.Grade != Certain })
			}
			total := len(list)
			return rest.Answer{Resource: o.bundle(list[:min(q.count, total)], total, more)}, nil
		},
	}
}

// question is what $match is asked.
type question struct {
	traits  Traits
	certain bool
	count   int
}

// matchesMost bounds an answer when the question does not.
const matchesMost = 50

// readQuestion reads Parameters, or a Patient alone.
func readQuestion(body []byte) (question, error) {
	q := question{count: matchesMost}
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return q, err
	}
	patient := doc.Root()
	if patient.Get("resourceType").Text() == "Parameters" {
		patient = fhirjson.Node{}
		for p := range doc.Root().Get("parameter").Items() {
			switch p.Get("name").Text() {
			case "resource":
				patient = p.Get("resource")
			case "onlyCertainMatches":
				q.certain = p.Get("valueBoolean").Raw() == "true"
			case "count":
				n, err := strconv.Atoi(p.Get("valueInteger").Raw())
				if err != nil || n < 1 {
					return q, errMatch("identity.match-parameter", "Parameters.parameter", fhir.T("count is a whole number of at least 1.", "count est un nombre entier d’au moins 1."))
				}
				q.count = min(q.count, n)
			default:
				return q, errMatch("identity.match-parameter", "Parameters.parameter", fhir.T("$match knows resource, onlyCertainMatches and count.", "$match connaît resource, onlyCertainMatches et count."))
			}
		}
	}
	if patient.Get("resourceType").Text() != "Patient" {
		return q, errMatch("identity.match-patient", "Parameters.parameter.resource", fhir.T("Send a Patient as the parameter resource.", "Envoyez un Patient comme paramètre resource."))
	}
	q.traits = Read(patient)
	if len(q.traits.Identifiers) == 0 && (len(q.traits.Families) == 0 || len(q.traits.FirstGivens) == 0 || q.traits.BirthDate == "") {
		return q, errMatch("identity.match-traits", "Patient", fhir.T("Send an identifier with its system, or family name, given name and date of birth.",
			"Envoyez un identifiant avec son système, ou le nom, le prénom et la date de naissance."))
	}
	return q, nil
}

func errMatch(id, at string, hint fhir.Text) error {
	return fhir.Errorf(fhir.Malformed, "identity.Match", id, fhir.CodeRequired, at,
		fhir.T("It is not clear who is to be found.", "On ne sait pas qui est à retrouver."), hint)
}

// bundle renders a searchset with scores and grades.
func (o *Operations) bundle(list []Match, total int, more bool) []byte {
	b := draft.New("Bundle", "")
	b.Set("type", "searchset").Literal("total", strconv.Itoa(total))
	for _, m := range list {
		search := new(draft.Object).
			Add("extension", new(draft.Object).Set("url", "http://hl7.org/fhir/StructureDefinition/match-grade").Set("value|Code", string(m.Grade))).
			Set("mode", "match").Literal("score", hundredths(m.Score))
		b.Add("entry", new(draft.Object).Set("fullUrl", o.Base+"/"+m.Patient.Current().String()).
			Literal("resource", string(m.Patient.Body)).Put("search", search))
	}
	if more {
		outcome := draft.New("OperationOutcome", "")
		outcome.Add("issue", new(draft.Object).Set("severity", "warning").Set("code", "incomplete").
			Put("details", new(draft.Object).Set("text", "Plus de patients répondent que ceux qui ont été comparés ; précisez l’identité. / More patients share names or dates than were compared; say more of the identity.")))
		b.Add("entry", new(draft.Object).Put("resource", &outcome.Object).Put("search", new(draft.Object).Set("mode", "outcome")))
	}
	return b.JSON()
}

// hundredths writes a score between 0 and 1.
func hundredths(n int) string {
	if n >= 100 {
		return "1"
	}
	return "0." + string([]byte{byte('0' + n/10), byte('0' + n%10)})
}
