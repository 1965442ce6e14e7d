package storetest_test

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// operators are those of each kind of parameter, pr aside (R4 search_filter.html).
var operators = map[string][]string{
	"string": {"eq", "ne", "co", "sw", "ew"}, "token": {"eq", "ne", "co", "sw", "ew"}, "uri": {"eq", "ne", "co", "sw", "ew"},
	"reference": {"eq", "ne", "re"}, "number": {"eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb"}, "quantity": {"eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb"},
	"date": {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "po"}, "composite": {"eq"},
}

func drawFilter(t *rapid.T, typ string, held map[fhir.Key][]byte, depth int) (f naive.Filter) {
	for i := range rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "tests") {
		if i > 0 {
			f.Joins = append(f.Joins, one(t, "join", []string{"and", "or"}))
		}
		f.Tests = append(f.Tests, drawTest(t, typ, held, depth))
	}
	return f
}

func drawTest(t *rapid.T, typ string, held map[fhir.Key][]byte, depth int) naive.Test {
	if depth < 2 && rapid.IntRange(0, 4).Draw(t, "sub") == 0 {
		sub := drawFilter(t, typ, held, depth+1)
		return naive.Test{Not: rapid.Bool().Draw(t, "not"), Sub: &sub}
	}
	further := slices.DeleteFunc(slices.Clone(links), func(l link) bool { return l.from != typ })
	if len(further) == 0 || rapid.IntRange(0, 4).Draw(t, "link") > 0 {
		return drawComparison(t, typ, held)
	}
	l := rapid.SampledFrom(further).Draw(t, "link")
	test := drawComparison(t, l.to, held)
	test.Link = &naive.Link{Code: l.code, To: l.to}
	if depth < 2 && rapid.Bool().Draw(t, "where") {
		where := drawFilter(t, l.to, nil, depth+1)
		test.Link.Where = &where
	}
	return test
}

func drawComparison(t *rapid.T, typ string, held map[fhir.Key][]byte) naive.Test {
	if code := map[bool]string{true: "code"}[typ == "Observation" || typ == "Condition"]; code != "" && rapid.IntRange(0, 3).Draw(t, "term") == 0 {
		if modifier, value := drawTerm(t, held); modifier != "" {
			return naive.Test{Code: code, Op: map[string]string{"in": "in", "not-in": "ni", "below": "ss", "above": "sb"}[modifier], Value: value}
		}
	}
	codes, kinds := naive.Codes(typ)
	i := rapid.IntRange(0, len(codes)-1).Draw(t, "parameter")
	for kinds[i] == "special" {
		i = (i + 1) % len(codes)
	}
	code, kind := codes[i], kinds[i]
	if kind != "composite" && rapid.IntRange(0, 9).Draw(t, "pr") == 0 { // R4 has no :missing of composites
		return naive.Test{Code: code, Op: "pr", Value: one(t, "present", []string{"true", "false"})}
	}
	test := naive.Test{Code: code, Op: one(t, "op", operators[kind])}
	test.Value = drawRaw(t, typ, code, kind, test.Op)
	test.Quoted = strings.ContainsAny(test.Value, " )]\"\\") || rapid.Bool().Draw(t, "quoted")
	return test
}

// drawRaw draws a value as a filter has it, without escapes.
func drawRaw(t *rapid.T, typ, code, kind, op string) string {
	part := func(s string) string {
		if op != "co" && op != "sw" && op != "ew" {
			return s
		}
		letters := []rune(s)
		from := rapid.IntRange(0, len(letters)-1).Draw(t, "from")
		return string(letters[from:rapid.IntRange(from+1, len(letters)).Draw(t, "to")])
	}
	bare := op == "co" || op == "sw" || op == "ew"
	switch {
	case kind == "string":
		return raw(drawText(t, code, map[string]string{"co": "contains", "sw": ""}[op]+map[bool]string{true: "exact"}[op != "co" && op != "sw"]))
	case plainCodes[code] != nil:
		return part(one(t, "code", plainCodes[code]))
	case code == "_tag" || code == "_security":
		return map[bool]string{true: "http://acme.org/labels|"}[!bare && rapid.Bool().Draw(t, "system")] + one(t, "code", labels)
	case kind == "token" && bare:
		return part(one(t, "code", append([]string{"i10"}, termCodes...)))
	case kind == "token":
		return drawRawToken(t)
	case kind == "uri":
		return part(one(t, "uri", uris))
	case kind == "reference" && code == "instantiates-canonical":
		return one(t, "canonical", uris[:3])
	case kind == "reference":
		return map[bool]string{true: one(t, "type", []string{"Patient", "Group", "Condition", "Practitioner"}) + "/"}[rapid.Bool().Draw(t, "typed")] + one(t, "id", ids)
	case kind == "composite":
		return drawRawComposite(t, naive.Components(typ, code))
	case kind == "quantity":
		return drawDecimal(t) + drawRawUnit(t)
	case kind == "number":
		return drawDecimal(t)
	}
	return drawTime(t)
}

func drawRawToken(t *rapid.T) string {
	system := ""
	if rapid.Bool().Draw(t, "paired") {
		system = one(t, "system", append([]string{""}, systems[:3]...)) + "|"
	}
	return system + one(t, "code", []string{"8480-6", "I10", "i10", "fr"})
}

func drawRawUnit(t *rapid.T) string {
	return one(t, "unit", []string{"", "||mg", "||G", "|http://unitsofmeasure.org|g", "|http://unitsofmeasure.org|mm[Hg]", "|http://unitsofmeasure.org|h", "|http://acme.org/units|mg"})
}

func drawRawComposite(t *rapid.T, kinds []string) string {
	parts := make([]string, len(kinds))
	for i, kind := range kinds {
		switch kind {
		case "token":
			parts[i] = drawRawToken(t)
		case "quantity":
			parts[i] = drawPrefix(t, true) + drawDecimal(t) + drawRawUnit(t)
		case "date":
			parts[i] = drawPrefix(t, false) + drawTime(t)
		default:
			parts[i] = raw(drawText(t, "", ""))
		}
	}
	return strings.Join(parts, "$")
}

// raw takes the escapes off.
func raw(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\|`, `|`, `\$`, `$`).Replace(s)
}
