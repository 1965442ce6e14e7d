package storetest_test

import (
	"net/url"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// plainCodes are the token parameters over codes, whose system is implied, with
// the values they are asked for.
var plainCodes = map[string][]string{
	"active": {"true", "false"}, "gender": genders, "status": append([]string{"active", "draft", "current"}, statuses...),
	"intent": {"plan", "order"}, "address-use": {"home", "work"}, "_id": append([]string{"zz"}, ids...),
	"telecom": append(slices.Clone(phones), addresses...), "phone": phones, "email": addresses,
}

// drawCriterion draws a parameter of the type with a modifier and values.
func drawCriterion(t *rapid.T, typ string) naive.Criterion {
	codes, kinds := naive.Codes(typ)
	i := rapid.IntRange(0, len(codes)-1).Draw(t, "parameter")
	code, kind := codes[i], kinds[i]
	if kind != "composite" && rapid.IntRange(0, 9).Draw(t, "missing") == 0 {
		return naive.Criterion{Name: code + ":missing", Value: one(t, "missing", []string{"true", "false"})}
	}
	modifier := drawModifier(t, code, kind)
	values := make([]string, rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "values"))
	for i := range values {
		if values[i] = drawValue(t, code, kind, modifier); kind == "composite" {
			values[i] = drawComposite(t, naive.Components(typ, code))
		}
	}
	if modifier != "" {
		modifier = ":" + modifier
	}
	return naive.Criterion{Name: code + modifier, Value: strings.Join(values, ",")}
}

func drawModifier(t *rapid.T, code, kind string) string {
	list := map[string][]string{"token": {"", "", "not", "text"}, "string": {"", "", "exact", "contains"},
		"reference": {"", "", "identifier"}, "uri": {"", "below", "above"}}[kind]
	switch {
	case list == nil || code == "_id":
		return ""
	case code == "identifier":
		list = append(list, "of-type")
	case plainCodes[code] != nil:
		list = []string{"", "not"}
	case code == "instantiates-canonical":
		return ""
	case code == "subject":
		list = append(list, "Patient")
	case code == "partof" || code == "based-on" || code == "link":
		list = append(list, "above", "below")
	}
	return one(t, "modifier", list)
}

func drawValue(t *rapid.T, code, kind, modifier string) string {
	switch {
	case plainCodes[code] != nil:
		return escape(one(t, "code", plainCodes[code]))
	case modifier == "text" || kind == "string":
		return drawText(t, code, modifier)
	case modifier == "of-type":
		return escape(one(t, "system", systems[:3])) + "|" + escape(one(t, "code", codes)) + "|" + escape(one(t, "value", codes))
	case code == "_tag" || code == "_security":
		return one(t, "label", []string{"", "http://acme.org/labels|", "|"}) + one(t, "code", labels)
	case kind == "token" || modifier == "identifier":
		return drawToken(t)
	case kind == "date":
		return drawPrefix(t, false) + drawTime(t)
	case kind == "number":
		return drawPrefix(t, true) + drawDecimal(t)
	case kind == "quantity":
		return drawQuantityValue(t)
	case kind == "special":
		return drawNear(t)
	case modifier == "Patient":
		return one(t, "id", ids)
	case code == "instantiates-canonical":
		return one(t, "canonical", uris[:3]) + one(t, "version", []string{"", "|1.0", "|2", "|3"})
	case kind == "reference" && (modifier == "above" || modifier == "below"):
		return one(t, "root", []string{"", "", "Location/", "CarePlan/", "http://example.org/fhir/Patient/"}) + one(t, "id", ids)
	case kind == "reference":
		if rapid.Bool().Draw(t, "bare") {
			return one(t, "id", ids)
		}
		return drawLiteral(t, "Patient", "Group", "Organization", "Practitioner", "Encounter", "Condition", "CarePlan", "CareTeam", "Observation", "Device")
	case modifier == "":
		return one(t, "uri", uris)
	}
	return one(t, "url", []string{uris[0], uris[1], uris[2], uris[4], "http://acme.org", "http://acme.org/fhir/", "http://autre.example/x"})
}

func drawToken(t *rapid.T) string {
	code := escape(one(t, "code", codes))
	system := one(t, "system", systems)
	switch form := rapid.IntRange(0, 3).Draw(t, "form"); {
	case form < 2:
		return code
	case form == 2 && system != "":
		return escape(system) + "|"
	}
	return escape(system) + "|" + code
}

// drawText draws a text to find, or some of it.
func drawText(t *rapid.T, code, modifier string) string {
	pool := words
	switch code {
	case "name", "family", "given":
		pool = names
	case "address", "address-city", "address-postalcode", "title":
		pool = append([]string{"44000", "4400"}, cities...)
	}
	s := one(t, "text", pool)
	letters := []rune(s)
	from, to := 0, len(letters)
	if modifier != "exact" {
		to = rapid.IntRange(1, to).Draw(t, "to")
		s = string(letters[:to])
	}
	if modifier == "contains" {
		from = rapid.IntRange(0, to-1).Draw(t, "from")
		s = string(letters[from:to])
	}
	if strings.Trim(s, " '-") == "" {
		s = "e"
	}
	if modifier != "exact" {
		s = rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.ToLower, strings.Clone}).Draw(t, "case")(s)
	}
	return escape(s)
}

// drawComposite draws a value for each of the components.
func drawComposite(t *rapid.T, kinds []string) string {
	parts := make([]string, len(kinds))
	for i, kind := range kinds {
		parts[i] = drawValue(t, "", kind, "")
	}
	return strings.Join(parts, "$")
}

func drawPrefix(t *rapid.T, approximately bool) string {
	list := []string{"", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"}
	if approximately {
		list = append(list, "ap")
	}
	return one(t, "prefix", list)
}

func drawQuantityValue(t *rapid.T) string {
	s := drawPrefix(t, true) + drawDecimal(t)
	switch rapid.IntRange(0, 3).Draw(t, "unit") {
	case 0:
		return s
	case 1:
		return s + "||" + escape(one(t, "unit", append([]string{"MG"}, unitsOf...)))
	}
	return s + "|" + one(t, "system", []string{"http://unitsofmeasure.org", "http://acme.org/units"}) + "|" + escape(one(t, "unit", unitsOf))
}

func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(s)
}

// encode writes criteria as the query of a URL.
func encode(criteria []naive.Criterion) string {
	parts := make([]string, len(criteria))
	for i, c := range criteria {
		parts[i] = url.QueryEscape(c.Name) + "=" + url.QueryEscape(c.Value)
	}
	return strings.Join(parts, "&")
}
