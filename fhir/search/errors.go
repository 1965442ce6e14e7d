package search

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// Every fault names the parameter and what was expected. The value is never
// repeated: it may be a name or an identifier of a patient.

// fault is an error in the parameter of that name.
func fault(kind fhir.Kind, id string, code fhir.IssueCode, name string, text, hint fhir.Text) *fhir.Error {
	at := "http.?"
	if plainName(name) {
		at = "http." + name
	}
	return fhir.Errorf(kind, "search", id, code, at, text, hint)
}

// plainName reports whether a name looks like that of a parameter. Anything
// else may be a value that lost its name, and is not repeated.
func plainName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !letter(c) && c != '-' && c != '.' && c != ':' {
			return false
		}
	}
	return true
}

// malformed is a value against the syntax of its type.
func (c *compiler) malformed(id string, text, hint fhir.Text) *fhir.Error {
	return fault(fhir.Malformed, id, fhir.CodeValue, c.name, text, hint)
}

func (c *compiler) escapes() *fhir.Error {
	return c.malformed("search.malformed-value",
		fhir.T("The value is empty, or holds a backslash that escapes nothing.", "La valeur est vide, ou contient une barre oblique inverse qui n'échappe rien."),
		fhir.T(`Only \, \$ \| and \\ are escapes (R4 search.html#escaping).`,
			`Les seuls échappements sont \, \$ \| et \\ (R4 search.html#escaping).`))
}

func (c *compiler) empty() *fhir.Error {
	return c.malformed("search.empty-value",
		fhir.T("The parameter has no value, or an empty one between commas.", "Le paramètre n'a pas de valeur, ou une valeur vide entre des virgules."),
		fhir.T("Give it a value or leave it out; to find resources without the element use :missing=true.",
			"Donnez-lui une valeur ou omettez-le ; pour trouver les ressources sans l'élément, utilisez :missing=true."))
}

func (c *compiler) tooLong(limit int) *fhir.Error {
	return c.malformed("search.value-too-long",
		fhir.T("The value is too long to search for.", "La valeur est trop longue pour une recherche."),
		fhir.T("Give at most %[1]d bytes; the beginning of a text is enough to find it.",
			"Donnez au plus %[1]d octets ; le début d'un texte suffit à le trouver.", limit))
}

func (c *compiler) malformedNumber() *fhir.Error {
	return c.malformed("search.malformed-number",
		fhir.T("The value is not a number.", "La valeur n'est pas un nombre."),
		fhir.T("Write a number such as 5.4, 100 or 1e-3, of at most %[1]d digits, with a prefix such as ge in front where wanted.",
			"Écrivez un nombre comme 5.4, 100 ou 1e-3, d'au plus %[1]d chiffres, précédé au besoin d'un préfixe comme ge.", maxDigits))
}

func (c *compiler) malformedQuantity() *fhir.Error {
	return c.malformed("search.malformed-quantity",
		fhir.T("The value is not a quantity.", "La valeur n'est pas une quantité."),
		fhir.T("Write number, number|system|code or number||unit, with a prefix such as ge in front where wanted.",
			"Écrivez nombre, nombre|système|code ou nombre||unité, précédé au besoin d'un préfixe comme ge."))
}

func (c *compiler) malformedReference() *fhir.Error {
	types := strings.Join(c.p.Targets, ", ")
	if types == "" {
		return c.malformed("search.malformed-reference",
			fhir.T("The value is not a reference.", "La valeur n'est pas une référence."),
			fhir.T("Write Type/id, an id, or an absolute URL.",
				"Écrivez Type/id, un id ou une URL absolue."))
	}
	return c.malformed("search.malformed-reference",
		fhir.T("The value is not a reference of this parameter.", "La valeur n'est pas une référence de ce paramètre."),
		fhir.T("Write Type/id, an id, or an absolute URL; the type is one of %[1]s, and the same as that of the modifier.",
			"Écrivez Type/id, un id ou une URL absolue ; le type est l'un de %[1]s, et celui du modificateur.", types))
}

// unsupported is a modifier that R4 has and this server does not answer.
func (c *compiler) unsupported(id, modifier string) *fhir.Error {
	return fault(fhir.Malformed, id, fhir.CodeNotSupported, c.name,
		fhir.T("The modifier :%[1]s is not supported for %[2]s.", "Le modificateur :%[1]s n'est pas pris en charge pour %[2]s.", modifier, c.p.Code),
		c.allowed())
}

// costly is a modifier that stands for more codes than one query may hold.
func (c *compiler) costly() *fhir.Error {
	return fault(fhir.Forbidden, "search.too-many-codes", fhir.CodeTooCostly, c.name,
		fhir.T("The value stands for too many codes.", "La valeur représente trop de codes."),
		fhir.T("At most %[1]d are looked up at once; use a narrower value set or code.",
			"Au plus %[1]d sont cherchés à la fois ; utilisez un jeu de valeurs ou un code plus étroit.", c.limits.Codes))
}

func (c *compiler) allowed() fhir.Text {
	var list []string
	for _, m := range modifiers(c.p) {
		list = append(list, ":"+m)
	}
	if len(list) == 0 {
		return fhir.T("%[1]s takes no modifier.", "%[1]s n'accepte pas de modificateur.", c.p.Code)
	}
	return fhir.T("%[1]s, a %[2]s parameter, takes %[3]s.", "%[1]s, un paramètre de type %[2]s, accepte %[3]s.", c.p.Code, c.p.Type, strings.Join(list, ", "))
}

// modifier refuses what R4 does not have for the type of the parameter.
func (c *compiler) modifier(m string) error {
	if m == "" || slices.Contains(modifiers(c.p), m) {
		return nil
	}
	if c.p.Type == Reference && tables.IsResource(m) && (len(c.p.Targets) == 0 || slices.Contains(c.p.Targets, m)) {
		return nil
	}
	hint := c.allowed()
	candidates := modifiers(c.p)
	if c.p.Type == Reference {
		candidates = append(candidates, c.p.Targets...)
	}
	if near := tables.Nearest(m, candidates); near != "" {
		hint = meant(":"+near, hint)
	}
	if !plainName(m) {
		m = "?"
	}
	text := fhir.T("The modifier :%[1]s does not apply to %[2]s.", "Le modificateur :%[1]s ne s'applique pas à %[2]s.", m, c.p.Code)
	return fault(fhir.Malformed, "search.unknown-modifier", fhir.CodeInvalid, c.name, text, hint)
}

// meant puts what was probably meant in front of a hint.
func meant(near string, hint fhir.Text) fhir.Text {
	return fhir.Text{EN: "Did you mean " + near + "? " + hint.EN, FR: "Vouliez-vous dire " + near + " ? " + hint.FR}
}

// noModifier refuses a modifier where none applies.
func noModifier(name string) *fhir.Error {
	return fault(fhir.Malformed, "search.unknown-modifier", fhir.CodeInvalid, name,
		fhir.T("%[1]s takes no modifier.", "%[1]s n'accepte pas de modificateur.", name),
		fhir.T("Leave out what follows the colon.", "Omettez ce qui suit le deux-points."))
}

// modifiers are those of R4 search.html#modifiers for the parameter's type; a
// reference takes its target types besides.
func modifiers(p *parameter) []string {
	switch {
	case p.Base == "Resource" && (p.Code == "_id" || p.Code == "_lastUpdated"):
		return []string{"missing"}
	case p.Base == "Resource" && p.Code == "_content":
		return nil // every resource has some
	case p.Type == String:
		return []string{"missing", "exact", "contains"}
	case p.Type == Token:
		return []string{"missing", "not", "text", "of-type", "in", "not-in", "above", "below"}
	case p.Type == Reference && p.Canonical:
		return []string{"missing", "identifier", "below"}
	case p.Type == Reference && p.climbs:
		return []string{"missing", "identifier", "above", "below"}
	case p.Type == Reference:
		return []string{"missing", "identifier"}
	case p.Type == URI:
		return []string{"missing", "above", "below"}
	}
	return []string{"missing"}
}

// unknown is a parameter that the type does not have.
func (r *Registry) unknown(typ, code string) *fhir.Error {
	if err := r.indexing(typ, code); err != nil {
		return err
	}
	var codes []string
	for _, p := range r.Params(typ) {
		codes = append(codes, p.Code)
	}
	text := fhir.T("%[1]s has no such search parameter.", "%[1]s n'a pas ce paramètre de recherche.", typ)
	list := strings.Join(codes, ", ")
	hint := fhir.T("It has: %[1]s.", "Il a : %[1]s.", list)
	if plainName(code) {
		text = fhir.T("%[1]s has no search parameter %[2]s.", "%[1]s n'a pas de paramètre de recherche %[2]s.", typ, code)
	}
	if typ == "Resource" {
		text = fhir.T("A search over all types has no such parameter.", "Une recherche sur tous les types n'a pas ce paramètre.")
		hint = fhir.T("Name the types with _type, or search one type; over all there are: %[1]s.", "Nommez les types avec _type, ou cherchez un seul type ; sur tous il y a : %[1]s.", list)
	} else if near := tables.Nearest(code, codes); near != "" {
		hint = fhir.T("Did you mean %[1]s? It has: %[2]s.", "Vouliez-vous dire %[1]s ? Il a : %[2]s.", near, list)
	}
	return fault(fhir.Malformed, "search.unknown-parameter", fhir.CodeNotSupported, code, text, hint)
}

func (c *compiler) malformedComposite() *fhir.Error {
	n := len(c.p.components)
	return c.malformed("search.malformed-composite",
		fhir.T("The value does not have the parts of the composite.", "La valeur n'a pas les parties du composite."),
		fhir.T("Write %[1]d values with $ between them, each as for the parameter of its own; put a backslash before a $ that belongs to a value.",
			"Écrivez %[1]d valeurs séparées par $, chacune comme pour le paramètre correspondant ; mettez une barre oblique inverse devant un $ qui fait partie d'une valeur.", n))
}
