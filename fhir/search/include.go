package search

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// include reads _include and _revinclude: Type:parameter, optionally :Target,
// with * for any (R4 search.html#include).
func (p *parser) include(name, modifier, value string) *fhir.Error {
	in := fhir.Include{Reverse: name == "_revinclude", Iterate: modifier == "iterate" || modifier == "recurse"}
	if modifier != "" && !in.Iterate {
		return fault(fhir.Malformed, "search.unknown-modifier", fhir.CodeInvalid, name,
			fhir.T("%[1]s has no such modifier.", "%[1]s n'a pas ce modificateur.", name),
			fhir.T("It takes :iterate.", "Il accepte :iterate."))
	}
	if len(p.query.Includes) == p.limits.Includes {
		return fault(fhir.Forbidden, "search.too-many-includes", fhir.CodeTooCostly, name,
			fhir.T("The query has too many includes.", "La requête a trop d'inclusions."),
			fhir.T("Give at most %[1]d, or read the resources of a compartment with $everything.",
				"Donnez-en au plus %[1]d, ou lisez les ressources d'un compartiment avec $everything.", p.limits.Includes))
	}
	parts := strings.Split(value, ":")
	switch {
	case value == "*":
		in.Type, in.Code = "*", "*"
	case (len(parts) == 2 || len(parts) == 3) && !strings.Contains(value, ","):
		in.Type, in.Code = parts[0], parts[1]
		if len(parts) == 3 {
			in.Target = parts[2]
		}
		if err := p.checkInclude(name, in); err != nil {
			return err
		}
	default:
		return fault(fhir.Malformed, "search.malformed-include", fhir.CodeValue, name,
			fhir.T("The value of %[1]s names no reference.", "La valeur de %[1]s ne nomme aucune référence.", name),
			fhir.T("Write Type:parameter, Type:parameter:Target or *, as in %[1]s=%[2]s; repeat the parameter for several.",
				"Écrivez Type:paramètre, Type:paramètre:Cible ou *, par exemple %[1]s=%[2]s ; répétez le paramètre pour plusieurs.",
				name, "MedicationRequest:patient"))
	}
	p.query.Includes = append(p.query.Includes, in)
	return nil
}

func (p *parser) checkInclude(name string, in fhir.Include) *fhir.Error {
	if !tables.IsResource(in.Type) {
		return unknownType(name, in.Type)
	}
	if in.Target != "" && !tables.IsResource(in.Target) {
		return unknownType(name, in.Target)
	}
	if in.Code == "*" {
		return nil
	}
	x, ok := p.find(in.Type, in.Code)
	var references []string
	for _, q := range p.Params(in.Type) {
		if q.Type == Reference {
			references = append(references, q.Code)
		}
	}
	if err := p.indexing(in.Type, in.Code); err != nil {
		return err
	}
	if !ok || x.Type != Reference {
		hint := fhir.T("Its references are %[1]s.", "Ses références sont %[1]s.", strings.Join(references, ", "))
		if near := tables.Nearest(in.Code, references); near != "" {
			hint = fhir.T("Did you mean %[1]s:%[2]s? Its references are %[3]s.", "Vouliez-vous dire %[1]s:%[2]s ? Ses références sont %[3]s.",
				in.Type, near, strings.Join(references, ", "))
		}
		return fault(fhir.Malformed, "search.unknown-include", fhir.CodeNotSupported, name,
			fhir.T("%[1]s has no such reference parameter.", "%[1]s n'a pas ce paramètre de référence.", in.Type), hint)
	}
	if in.Target != "" && len(x.Targets) > 0 && !slices.Contains(x.Targets, in.Target) {
		return fault(fhir.Malformed, "search.wrong-target", fhir.CodeInvalid, name,
			fhir.T("%[1]s of %[2]s does not lead to %[3]s.", "%[1]s de %[2]s ne mène pas à %[3]s.", in.Code, in.Type, in.Target),
			fhir.T("It leads to %[1]s.", "Il mène à %[1]s.", strings.Join(x.Targets, ", ")))
	}
	return nil
}

// unknownType is a type that R4 does not have.
func unknownType(name, typ string) *fhir.Error {
	near := tables.Nearest(typ, tables.Types())
	hint := fhir.T("Types are those of R4, as in Patient; case counts.", "Les types sont ceux de R4, comme Patient ; la casse compte.")
	if near != "" {
		hint = fhir.T("Did you mean %[1]s?", "Vouliez-vous dire %[1]s ?", near)
	}
	return fault(fhir.Malformed, "search.unknown-type", fhir.CodeNotSupported, name,
		fhir.T("There is no such resource type.", "Ce type de ressource n'existe pas."), hint)
}
