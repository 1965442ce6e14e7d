package audit

import (
	"context"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// maxLists is how many posting lists one search merges.
const maxLists = 100

// selectivity orders the kinds of terms: how few records one is likely to have.
var selectivity = map[byte]int{termAll: 0, termAgent: 1, termIdentifier: 1, termOutcome: 2, termPatient: 3, termEntity: 4, termRequest: 5}

// drive lets the search run over the postings of the parameter when every match
// must be among them and they are likely fewer than those chosen so far.
func (c *criteria) drive(p fhir.Param, base string) {
	terms := termsOf(p, base)
	if len(terms) > 0 && len(terms) <= maxLists && selectivity[terms[0].kind] > selectivity[c.terms[0].kind] {
		c.terms = terms
	}
}

// termsOf returns terms of which every record has one that matches the
// parameter; nil when the index knows none.
func termsOf(p fhir.Param, base string) (terms []term) {
	kind, texts := byte(0), []string(nil)
	ok := false
	switch {
	case p.Code == "patient" && (p.Modifier == "" || p.Modifier == "Patient"):
		kind = termPatient
		texts, ok = references(p, "Patient", base)
	case p.Code == "agent" && p.Modifier != "identifier":
		kind = termAgent
		texts, ok = references(p, "", base)
	case p.Code == "entity" && p.Modifier != "identifier":
		kind = termEntity
		texts, ok = references(p, "", base)
	case p.Code == "agent" && p.Modifier == "identifier":
		kind = termIdentifier
		texts, ok = codes(p)
	case p.Code == "entity" && p.Modifier == "identifier":
		kind = termRequest
		texts, ok = codes(p)
	case p.Code == "outcome" && p.Modifier == "":
		kind = termOutcome
		texts, ok = codes(p)
		for _, text := range texts {
			ok = ok && text != Success.code()
		}
	}
	if !ok {
		return nil
	}
	for _, text := range texts {
		terms = append(terms, term{kind, text})
		if id, found := strings.CutPrefix(text, "Patient/"); found && kind == termEntity {
			terms = append(terms, term{termPatient, id}) // whom an event is about is an entity of it too
		}
	}
	return terms
}

// references reads the values of a reference parameter as Type/id or, with a
// typ, as ids of that type. ok is false for values that are neither.
func references(p fhir.Param, typ, base string) (texts []string, ok bool) {
	if p.Modifier != "" && (typ == "" && !fhir.ValidID(p.Modifier) || typ != "" && p.Modifier != typ || p.Modifier == "missing" || p.Modifier == "not") {
		return nil, false
	}
	for _, v := range p.Values {
		v = strings.TrimPrefix(v, strings.TrimSuffix(base, "/")+"/")
		key, local := fhir.ParseReference(v)
		switch {
		case local && typ == "":
			texts = append(texts, key.Current().String())
		case local && key.Type == typ && key.Version == "":
			texts = append(texts, key.ID)
		case !local && typ != "" && fhir.ValidID(v):
			texts = append(texts, v)
		default:
			return nil, false
		}
	}
	return texts, len(texts) > 0
}

// codes reads the values of a token parameter without their systems. ok is
// false when one has no code, or characters that are escaped.
func codes(p fhir.Param) (texts []string, ok bool) {
	for _, v := range p.Values {
		code := v[strings.IndexByte(v, '|')+1:]
		if code == "" || strings.ContainsAny(code, `\|`) {
			return nil, false
		}
		texts = append(texts, code)
	}
	return texts, len(texts) > 0
}

// compartment is the parameter that places an AuditEvent in a compartment (R4
// compartmentdefinition-patient.html and the others).
func compartment(key fhir.Key) (fhir.Param, error) {
	switch key.Type {
	case "Patient":
		return fhir.Param{Code: "patient", Values: []string{key.Current().String()}}, nil
	case "Practitioner", "Device":
		return fhir.Param{Code: "agent", Values: []string{key.Current().String()}}, nil
	}
	return fhir.Param{}, errUnsupported("trail.compartment", "http.compartment",
		fhir.T("AuditEvents are not in the compartment of a %s.", "Les AuditEvent ne sont pas dans le compartiment d'un %s.", key.Type),
		fhir.T("Search in the compartment of a Patient, Practitioner or Device.", "Cherchez dans le compartiment d'un Patient, Practitioner ou Device."))
}

// resolve replaces a chain by the references that it leads to (patient.identifier
// of ITI-81).
func (t *Trail) resolve(ctx context.Context, p fhir.Param) (fhir.Param, error) {
	link := p.Chain[0]
	if t.cfg.Resolve == nil || len(p.Chain) != 1 || link.Reverse {
		return fhir.Param{}, errUnsupported("trail.chain", "http."+link.Code,
			fhir.T("This chain is not supported on AuditEvent.", "Ce paramètre chaîné n'est pas pris en charge sur AuditEvent."),
			fhir.T("Search for the resource first, then for events with its reference.",
				"Cherchez d'abord la ressource, puis les événements avec sa référence."))
	}
	var types []string
	if found, ok := t.cfg.Registry.Param("AuditEvent", link.Code); ok {
		types = found.Targets
	}
	if link.Type != "" {
		types = []string{link.Type}
	}
	if link.Code == "patient" {
		types = []string{"Patient"}
	}
	last := p
	last.Chain = nil
	keys, err := t.cfg.Resolve(ctx, types, last)
	if err != nil {
		return fhir.Param{}, err
	}
	out := fhir.Param{Code: link.Code}
	for _, k := range keys {
		out.Values = append(out.Values, k.Current().String())
	}
	return out, nil
}
