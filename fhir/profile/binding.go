package profile

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/r4"
)

// wrongCode says what codes the element may have. The code that was sent is
// not repeated: the nearest one is a word of the specification, and enough.
func wrongCode(m *member, code string) problem {
	all := m.codes.All()
	hint := fhir.T("The codes are listed in %s.", "Les codes sont listés dans %s.", m.element.Binding)
	if nearest := r4.Nearest(code, all); nearest != "" {
		hint = didYouMean(nearest, hint)
	} else if len(all) <= 12 {
		hint = fhir.T("One of: %s.", "L'un de : %s.", strings.Join(all, ", "))
	}
	return problem{"profile.code", fhir.CodeCodeInvalid,
		fhir.T("The code is not in the value set that %s requires.", "Le code n'est pas dans le jeu de valeurs que %s exige.", m.element.Path), hint}
}

// concept validates a CodeableConcept with a required binding: one of its
// codings must be in the value set (R4 terminologies.html#required). An
// extension alone may say why there is none.
func (v *validator) concept(n fhirjson.Node, m *member) {
	codings := n.Get("coding")
	if !codings.Exists() && !n.Get("text").Exists() {
		return
	}
	for coding := codings.First(); coding.Exists(); coding = coding.Next() {
		if m.codes.ContainsCoding(coding.Coding()) {
			return
		}
	}
	p := wrongCode(m, codings.First().Get("code").Text())
	p.text = fhir.T("No coding is in the value set that %s requires.", "Aucun codage n'est dans le jeu de valeurs que %s exige.", m.element.Path)
	v.report(p)
}

// simpleQuantity refuses a comparator (R4 datatypes.html#SimpleQuantity, sqty-1).
func (v *validator) simpleQuantity(n fhirjson.Node, m *member) {
	if n.Get("comparator").Exists() {
		v.reportAt("comparator", problem{"profile.simple-quantity", fhir.CodeInvariant,
			fhir.T("%s may not have a comparator.", "%s ne peut pas avoir de comparateur.", m.element.Path),
			fhir.T("Send the quantity itself.", "Envoyez la quantité elle-même.")})
	}
}
