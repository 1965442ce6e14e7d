package rest

import (
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// explained takes _explain out of the parameters of a search. It is none of
// search.Parse, so that conditions of writes do not know it.
func explained(pairs []search.Pair) (rest []search.Pair, explain bool, err error) {
	given := false
	for _, p := range pairs {
		if p.Name != "_explain" {
			rest = append(rest, p)
			continue
		}
		switch {
		case given:
			return nil, false, errParameter("_explain", fhir.T("Give it once.", "Donnez-le une seule fois."))
		case p.Value != "" && p.Value != "true" && p.Value != "false":
			return nil, false, errParameter("_explain", fhir.T("Use true or false.", "Utilisez true ou false."))
		}
		given, explain = true, p.Value == "true"
	}
	return rest, explain, nil
}

// planIssues tells a plan, an issue for each operator in the order of execution
// and a last one with round trips and time.
func planIssues(p *fhir.Plan) []fhir.Issue {
	issues := make([]fhir.Issue, 0, len(p.Operators)+1)
	issue := func(id string, text, hint fhir.Text) {
		issues = append(issues, fhir.Issue{ID: id, Severity: fhir.SeverityInformation, Code: fhir.CodeInformational, Text: text, Hint: hint})
	}
	for i := range p.Operators {
		o := &p.Operators[i]
		step := steps[o.Kind]
		text := step.text
		if o.Kind == fhir.OperatorSource {
			text = accesses[o.Access]
		}
		issue(step.id, about(o, text), counts(o))
	}
	ms := float64(p.Took) / float64(time.Millisecond)
	issue("search.explain-cost", fhir.T("What the search took.", "Coût de la recherche."),
		fhir.T("%[1]d round trips, %.3[2]f ms.", "%[1]d allers-retours, %.3[2]f ms.", p.RoundTrips, ms))
	return issues
}

// steps are the operators but sources, whose texts are those of accesses.
var steps = map[fhir.OperatorKind]struct {
	id   string
	text fhir.Text
}{
	fhir.OperatorSource:  {id: "search.explain-source"},
	fhir.OperatorTest:    {"search.explain-test", fhir.T("Test of each candidate", "Test de chaque candidat")},
	fhir.OperatorScope:   {"search.explain-scope", fhir.T("Scopes of the token, which withhold nothing while explaining", "Scopes du jeton, qui ne retiennent rien pendant l'explication")},
	fhir.OperatorConsent: {"search.explain-consent", fhir.T("Consent and care team, which withhold nothing while explaining", "Consentement et équipe de soins, qui ne retiennent rien pendant l'explication")},
	fhir.OperatorRead:    {"search.explain-read", fhir.T("Resources read through", "Ressources lues en entier")},
	fhir.OperatorSort:    {"search.explain-sort", fhir.T("Sort in memory", "Tri en mémoire")},
	fhir.OperatorLink:    {"search.explain-link", fhir.T("What the link of the chain leads to", "Ce à quoi mène le maillon de la chaîne")},
	fhir.OperatorIdle:    {"search.explain-idle", fhir.T("Types of which nothing was proposed", "Types dont rien n'a été proposé")},
	fhir.OperatorCount:   {"search.explain-count", fhir.T("Count of all matches", "Décompte de tous les résultats")},
	fhir.OperatorPage:    {"search.explain-page", fhir.T("Page", "Page")},
	fhir.OperatorInclude: {"search.explain-include", fhir.T("Included resources", "Ressources incluses")},
}

var accesses = map[fhir.Access]fhir.Text{
	fhir.AccessIDs:       fhir.T("Candidates by the ids of the query", "Candidats par les id de la requête"),
	fhir.AccessPatients:  fhir.T("Candidates from the rows of the patients", "Candidats tirés des lignes des patients"),
	fhir.AccessPostings:  fhir.T("Candidates from postings", "Candidats tirés d'un index"),
	fhir.AccessMerge:     fhir.T("Candidates from a merge of postings", "Candidats tirés de plusieurs index à la fois"),
	fhir.AccessRange:     fhir.T("Candidates from a range of postings", "Candidats tirés d'un intervalle d'index"),
	fhir.AccessWalk:      fhir.T("Candidates from a walk over the postings of what is sorted by", "Candidats tirés d'un parcours de l'index du tri"),
	fhir.AccessType:      fhir.T("Candidates from all of the type", "Candidats tirés de tout le type"),
	fhir.AccessFeed:      fhir.T("Candidates from the history of the type, newest first", "Candidats tirés de l'historique du type, du plus récent au plus ancien"),
	fhir.AccessContained: fhir.T("Candidates from what contains other resources", "Candidats tirés de ce qui contient d'autres ressources"),
}

// about says what an operator works on: "Observation: … (code, date)".
func about(o *fhir.Operator, text fhir.Text) fhir.Text {
	if len(o.Codes) > 0 {
		list := " (" + strings.Join(o.Codes, ", ") + ")"
		text = fhir.Text{EN: text.EN + list, FR: text.FR + list}
	}
	if o.Type != "" {
		text = fhir.Text{EN: o.Type + ": " + text.EN, FR: o.Type + " : " + text.FR}
	}
	if o.Depth > 0 {
		text = fhir.Text{EN: itoa(o.Depth) + ". " + text.EN, FR: itoa(o.Depth) + ". " + text.FR}
	}
	return text
}

// counts are the numbers of an operator.
func counts(o *fhir.Operator) fhir.Text {
	switch o.Kind {
	case fhir.OperatorSource:
		if o.Estimate < 0 {
			return fhir.T("Proposed %[1]d.", "Proposés %[1]d.", o.Out)
		}
		return fhir.T("Estimate %[1]d, in %[2]d parts; proposed %[3]d.", "Estimation %[1]d, en %[2]d parties ; proposés %[3]d.", o.Estimate, o.Parts, o.Out)
	case fhir.OperatorPage:
		return fhir.T("Room for %[1]d; holds %[2]d.", "Place pour %[1]d ; contient %[2]d.", o.Estimate, o.Out)
	case fhir.OperatorTest:
		return fhir.T("Proposed %[1]d; matched %[2]d.", "Proposés %[1]d ; retenus %[2]d.", o.In, o.Out)
	case fhir.OperatorScope, fhir.OperatorConsent:
		return fhir.T("Passed %[1]d; seen %[2]d.", "Présentés %[1]d ; visibles %[2]d.", o.In, o.Out)
	case fhir.OperatorInclude:
		return fhir.T("Matches %[1]d; included %[2]d.", "Résultats %[1]d ; incluses %[2]d.", o.In, o.Out)
	}
	return fhir.T("Number: %[1]d.", "Nombre : %[1]d.", o.Out)
}
