package search

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// locate reads the name of a parameter: code, code:modifier, a chain in front
// (subject:Patient.name, R4 search.html#chaining), or a reverse one
// (_has:Observation:patient:code, #has).
func (p *parser) locate(name string) (fhir.Param, *fhir.Error) {
	if code, modifier, _ := strings.Cut(name, ":"); code == "_list" {
		return p.list(modifier)
	}
	var found fhir.Param
	for i, typ := range p.types {
		param, err := p.resolve(typ, name)
		switch {
		case err != nil:
			return fhir.Param{}, err
		case i > 0 && !slices.Equal(param.Chain, found.Chain):
			return fhir.Param{}, fault(fhir.Malformed, "search.ambiguous-chain", fhir.CodeNotSupported, name,
				fhir.T("The chain leads to different types, depending on the type searched.", "La chaîne mène à des types différents selon le type cherché."),
				fhir.T("Search one type at a time.", "Cherchez un type à la fois."))
		}
		found = param
	}
	return found, nil
}

// list is _list: the resources that a List names are those that it refers to
// (R4 search.html#list).
func (p *parser) list(modifier string) (fhir.Param, *fhir.Error) {
	if modifier != "" {
		return fhir.Param{}, noModifier("_list")
	}
	return fhir.Param{Code: "_id", Chain: []fhir.Link{{Code: "item", Type: "List", Reverse: true}}}, nil
}

// resolve reads the name on a resource type.
func (p *parser) resolve(typ, name string) (fhir.Param, *fhir.Error) {
	var param fhir.Param
	full := name
	for {
		if len(param.Chain) > p.limits.Chain {
			return param, chainTooLong(full, p.limits.Chain)
		}
		var link fhir.Link
		var err *fhir.Error
		if head, rest, _ := strings.Cut(name, ":"); head == "_has" {
			link, name, err = p.reverse(typ, rest, full)
		} else if head, rest, ok := strings.Cut(name, "."); ok {
			link, err = p.forward(typ, head, rest, full)
			name = rest
		} else {
			break
		}
		if err != nil {
			return param, err
		}
		param.Chain = append(param.Chain, link)
		if err := p.turning(full, param.Chain); err != nil {
			return param, err
		}
		typ = link.Type
	}
	var modified bool
	if param.Code, param.Modifier, modified = strings.Cut(name, ":"); modified && param.Modifier == "" {
		return param, fault(fhir.Malformed, "search.unknown-modifier", fhir.CodeInvalid, param.Code,
			fhir.T("A colon without a modifier follows the name.", "Un deux-points sans modificateur suit le nom."), fhir.Text{})
	}
	if _, ok := p.find(typ, param.Code); !ok {
		return param, p.unknown(typ, param.Code)
	}
	return param, nil
}

func chainTooLong(name string, limit int) *fhir.Error {
	return fault(fhir.Forbidden, "search.chain-too-long", fhir.CodeTooCostly, name,
		fhir.T("The chain has too many links.", "La chaîne a trop de maillons."),
		fhir.T("At most %[1]d are followed; search step by step, with the ids found.",
			"Au plus %[1]d sont suivis ; cherchez pas à pas, avec les id trouvés.", limit))
}

// turning refuses a chain of which too many links go back: each looks through all
// that refers to what the next one finds.
func (p *parser) turning(name string, chain []fhir.Link) *fhir.Error {
	n := 0
	for _, link := range chain {
		if link.Reverse {
			n++
		}
	}
	if n <= p.limits.Has {
		return nil
	}
	return fault(fhir.Forbidden, "search.has-too-deep", fhir.CodeTooCostly, name,
		fhir.T("The parameter has too many _has within each other.", "Le paramètre imbrique trop de _has."),
		fhir.T("At most %[1]d are followed; search step by step, with the ids found.",
			"Au plus %[1]d sont suivis ; cherchez pas à pas, avec les id trouvés.", p.limits.Has))
}

// reverse reads Type:reference: off the front of what follows _has:.
func (p *parser) reverse(typ, name, full string) (link fhir.Link, rest string, err *fhir.Error) {
	source, name, ok1 := strings.Cut(name, ":")
	code, rest, ok2 := strings.Cut(name, ":")
	if !ok1 || !ok2 || rest == "" {
		return link, "", fault(fhir.Malformed, "search.malformed-has", fhir.CodeInvalid, "_has",
			fhir.T("_has is not complete.", "_has n'est pas complet."),
			fhir.T("Write _has:Type:reference:parameter, as in _has:Observation:patient:code.",
				"Écrivez _has:Type:référence:paramètre, par exemple _has:Observation:patient:code."))
	}
	if !tables.IsResource(source) {
		return link, "", unknownType("_has", source)
	}
	x, err := p.referenceOf(source, code, full)
	if err != nil {
		return link, "", err
	}
	if len(x.Targets) > 0 && typ != "Resource" && !slices.Contains(x.Targets, typ) {
		return link, "", fault(fhir.Malformed, "search.wrong-target", fhir.CodeInvalid, "_has",
			fhir.T("%[1]s of %[2]s does not lead to %[3]s.", "%[1]s de %[2]s ne mène pas à %[3]s.", code, source, typ),
			fhir.T("It leads to %[1]s.", "Il mène à %[1]s.", strings.Join(x.Targets, ", ")))
	}
	return fhir.Link{Code: code, Type: source, Reverse: true}, rest, nil
}

// forward reads reference or reference:Type, in front of the rest of a chain.
func (p *parser) forward(typ, head, rest, full string) (fhir.Link, *fhir.Error) {
	code, target, typed := strings.Cut(head, ":")
	x, err := p.referenceOf(typ, code, full)
	if err != nil {
		return fhir.Link{}, err
	}
	targets := x.Targets
	if len(targets) == 0 {
		targets = tables.Types()
	}
	if typed {
		if !slices.Contains(targets, target) {
			hint := fhir.T("It leads to %[1]s.", "Il mène à %[1]s.", strings.Join(targets, ", "))
			if near := tables.Nearest(target, targets); near != "" {
				hint = meant(near, hint)
			}
			return fhir.Link{}, fault(fhir.Malformed, "search.wrong-target", fhir.CodeInvalid, full,
				fhir.T("%[1]s of %[2]s does not lead to such a type.", "%[1]s de %[2]s ne mène pas à ce type.", code, typ), hint)
		}
		return fhir.Link{Code: code, Type: target}, nil
	}
	if len(targets) > 1 {
		if targets, err = p.having(targets, rest, code, full); err != nil {
			return fhir.Link{}, err
		}
	}
	return fhir.Link{Code: code, Type: targets[0]}, nil
}

// having narrows the targets to the one that has the parameter which the rest of
// the chain begins with.
func (p *parser) having(targets []string, rest, code, full string) ([]string, *fhir.Error) {
	next := rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"))]
	var having []string
	for _, t := range targets {
		if _, ok := p.find(t, next); ok {
			having = append(having, t)
		}
	}
	switch len(having) {
	case 1:
		return having, nil
	case 0:
		return nil, p.unknownAt(targets, next)
	}
	shown := having
	if len(shown) > 12 {
		shown = append(slices.Clone(shown[:12]), "…")
	}
	return nil, fault(fhir.Malformed, "search.ambiguous-chain", fhir.CodeInvalid, full,
		fhir.T("%[1]s may lead to several types.", "%[1]s peut mener à plusieurs types.", code),
		fhir.T("Name the type, as in %[1]s:%[2]s.%[3]s; here it is one of %[4]s.", "Nommez le type, par exemple %[1]s:%[2]s.%[3]s ; c'est ici l'un de %[4]s.",
			code, having[0], next, strings.Join(shown, ", ")))
}

// unknownAt is a parameter that none of several types has.
func (p *parser) unknownAt(targets []string, code string) *fhir.Error {
	if len(targets) == 1 {
		return p.unknown(targets[0], code)
	}
	shown := targets
	if len(shown) > 12 {
		shown = append(slices.Clone(shown[:12]), "…")
	}
	return fault(fhir.Malformed, "search.unknown-parameter", fhir.CodeNotSupported, code,
		fhir.T("No type that the chain leads to has such a search parameter.", "Aucun type auquel mène la chaîne n'a ce paramètre de recherche."),
		fhir.T("The chain leads to %[1]s.", "La chaîne mène à %[1]s.", strings.Join(shown, ", ")))
}

// referenceOf returns the reference parameter that a link follows.
func (p *parser) referenceOf(typ, code, full string) (*parameter, *fhir.Error) {
	x, ok := p.find(typ, code)
	if !ok {
		return nil, p.unknown(typ, code)
	}
	if x.Type != Reference {
		return nil, fault(fhir.Malformed, "search.chain-not-reference", fhir.CodeInvalid, full,
			fhir.T("%[1]s of %[2]s is not a reference: no chain goes through it.", "%[1]s de %[2]s n'est pas une référence : aucune chaîne n'y passe.", code, typ),
			fhir.T("It is a %[1]s.", "C'est un paramètre de type %[1]s.", x.Type))
	}
	return x, nil
}
