package storetest_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// The words of narratives, as they stand there.
var said = []string{"Foie", "foie gras", "<b>os</b>", "m&eacute;tastases", "Été", "suivi, régulier", "bone-marrow", "l&#39;os", "Hypertension artérielle"}

func drawNarrative(t *rapid.T) any {
	var b strings.Builder
	for range rapid.IntRange(1, 3).Draw(t, "paragraphs") {
		b.WriteString("<p>" + one(t, "said", said) + "</p>")
	}
	if rapid.IntRange(0, 30).Draw(t, "long") == 0 { // more words than have rows
		for i := range 270 {
			fmt.Fprintf(&b, "<i> mot%d</i>", i)
		}
		b.WriteString("<p>" + one(t, "said", said) + "</p>")
	}
	return object{"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">` + b.String() + "</div>"}
}

func drawLocation(t *rapid.T, o object) {
	o["status"] = one(t, "status", []string{"active", "draft"})
	o.maybe(t, "name", func() any { return one(t, "name", words) })
	o.maybe(t, "identifier", some(t, func() any { return drawIdentifier(t) }))
	o.maybe(t, "type", some(t, func() any { return drawConcept(t) }))
	o.maybe(t, "address", func() any { return object{"city": one(t, "city", cities)} })
	o.maybe(t, "managingOrganization", func() any { return drawReference(t, "Organization") })
	o.maybe(t, "partOf", func() any { return drawReference(t, "Location") })
	if rapid.IntRange(0, 3).Draw(t, "position") > 0 {
		lat, lon := drawPlace(t)
		o["position"] = object{"latitude": lat, "longitude": lon}
	}
}

// drawPlace draws a place: some are close to each other, some across a pole or the
// antimeridian.
func drawPlace(t *rapid.T) (lat, lon float64) {
	return rapid.SampledFrom([]float64{-90, -89.95, 0, 43.611, 43.62, 48.8566, 89.99}).Draw(t, "lat"),
		rapid.SampledFrom([]float64{-179.99, -90, 0, 2.3522, 3.877, 3.9, 90, 179.98}).Draw(t, "lon")
}

func drawNear(t *rapid.T) string {
	lat, lon := drawPlace(t)
	if rapid.Bool().Draw(t, "m") {
		return fmt.Sprintf("%v|%v|%d|m", lat, lon, rapid.SampledFrom([]int{0, 999, 2_500, 70_000}).Draw(t, "distance"))
	}
	return fmt.Sprintf("%v|%v|%d|km", lat, lon, rapid.SampledFrom([]int{0, 1, 3, 50, 700, 12_000, 21_000}).Draw(t, "distance"))
}

func drawList(t *rapid.T, o object) {
	o["status"], o["mode"] = "current", "working"
	o.maybe(t, "title", func() any { return one(t, "title", cities) })
	o.maybe(t, "code", func() any { return drawConcept(t) })
	o.maybe(t, "subject", func() any { return drawReference(t, "Patient", "Group") })
	o.maybe(t, "entry", some(t, func() any {
		return object{"item": object{"reference": drawLiteral(t, "Patient", "Observation", "Condition", "CarePlan")}}
	}))
}

// The codes of code systems: no two are the same but for their case, and none
// holds what a filter takes apart.
var termCodes = []string{"8480-6", "I10", "fr", "c$d", "a,b"}

// systemOf is the system that a CodeSystem defines.
func systemOf(id string) string {
	return map[string]string{"a": "http://loinc.org", "b": "http://snomed.info/sct"}[id] + map[bool]string{true: "urn:cs:" + id}[id > "b"]
}

// drawCodeSystem draws all codes, each somewhere below another or on top.
func drawCodeSystem(t *rapid.T, o object) {
	o["status"], o["content"], o["url"] = "active", "complete", systemOf(o["id"].(string))
	below := map[int][]int{}
	for i := range termCodes {
		parent := rapid.IntRange(-1, i-1).Draw(t, "parent")
		below[parent] = append(below[parent], i)
	}
	var concepts func(of int) []any
	concepts = func(of int) (list []any) {
		for _, i := range below[of] {
			c := object{"code": termCodes[i]}
			if more := concepts(i); more != nil {
				c["concept"] = more
			}
			list = append(list, c)
		}
		return list
	}
	o["concept"] = concepts(-1)
}

// drawValueSet draws a set that others than those before it are not part of.
func drawValueSet(t *rapid.T, o object) {
	id := o["id"].(string)
	o["status"], o["url"] = "active", "urn:vs:"+id
	whole := false // names a system as a whole, or may by another set: the store takes from the codes it knows then
	system := func() string { return one(t, "system", systems[:2]) }
	listed := func() any {
		return object{"system": system(), "concept": some(t, func() any { return object{"code": one(t, "code", termCodes)} })()}
	}
	compose := object{"include": some(t, func() any {
		switch rapid.IntRange(0, 4).Draw(t, "include") {
		case 0:
			whole = true
			return object{"system": system()}
		case 1, 4:
			return object{"system": system(), "filter": []any{object{"property": "concept", "op": one(t, "op", []string{"is-a", "descendent-of"}), "value": one(t, "code", termCodes)}}}
		case 2:
			if id > "a" {
				whole = true
				part := object{"valueSet": []any{"urn:vs:" + one(t, "other", ids[:slices.Index(ids, id)])}}
				part.maybe(t, "system", func() any { return system() })
				return part
			}
		}
		return listed()
	})()}
	if !whole && rapid.Bool().Draw(t, "excludes") {
		compose["exclude"] = []any{listed()}
	}
	o["compose"] = compose
}

// drawSpecial draws what is no plain parameter: a filter, words, a list, a value set.
func drawSpecial(t *rapid.T, typ string, held map[fhir.Key][]byte) naive.Criterion {
	kind := rapid.IntRange(0, 3).Draw(t, "special")
	if holds(held, "ValueSet") && rapid.Bool().Draw(t, "term") {
		kind = 2
	}
	switch kind {
	case 0:
		return naive.Criterion{Name: one(t, "words", []string{"_text", "_content"}), Value: drawWords(t)}
	case 1:
		if holds(held, "List") {
			return naive.Criterion{Name: "_list", Value: one(t, "list", append([]string{"a,b", "zz,c"}, ids...))}
		}
	case 2:
		if code := codedParameter(t, typ); code != "" {
			if modifier, value := drawTerm(t, held); modifier != "" {
				return naive.Criterion{Name: code + ":" + modifier, Value: escape(value)}
			}
		}
	}
	f := drawFilter(t, typ, held, 0)
	return naive.Criterion{Name: "_filter", Value: f.String(), Filter: &f}
}

func holds(held map[fhir.Key][]byte, typ string) bool {
	for key := range held {
		if key.Type == typ {
			return true
		}
	}
	return false
}

func drawWords(t *rapid.T) string {
	if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
		return one(t, "rare", []string{"mot3", "mot268 mot269", `"mot268 mot269"`, "nulle part"})
	}
	pool := []string{"foie", "FOIE", "gras", "os", "métastases", "metastases", "ete", "regulier", "marrow", "hypertension", `"foie gras"`, `"bone marrow"`, `"l os"`, `"suivi régulier"`, "Cancer", "martin", "final", `"douleur aigue"`}
	var b strings.Builder
	for i := range rapid.IntRange(1, 3).Draw(t, "words") {
		if i > 0 {
			b.WriteString(one(t, "join", []string{" ", " ", " OR ", " AND ", ","}))
		}
		b.WriteString(one(t, "word", pool))
	}
	return b.String()
}

// codedParameter is a parameter over codings; empty when the type has none.
func codedParameter(t *rapid.T, typ string) string {
	list := map[string][]string{"Observation": {"code", "category", "combo-code", "value-concept"}, "Condition": {"code", "category", "severity"},
		"CarePlan": {"category", "activity-code"}, "Patient": {"language"}, "Location": {"type"}, "List": {"code"}}[typ]
	if list == nil {
		return ""
	}
	return one(t, "coded", list)
}

// drawTerm draws a modifier of the terminology that is held, with its value;
// nothing when it would be refused.
func drawTerm(t *rapid.T, held map[fhir.Key][]byte) (modifier, value string) {
	if rapid.Bool().Draw(t, "set") {
		if id := one(t, "set", ids); closed(held, id) {
			return one(t, "modifier", []string{"in", "not-in"}), "urn:vs:" + id
		}
		return "", ""
	}
	if id := one(t, "system", ids[:2]); held[fhir.Key{Type: "CodeSystem", ID: id}] != nil {
		return one(t, "modifier", []string{"above", "below"}), systemOf(id) + "|" + one(t, "code", termCodes)
	}
	return "", ""
}

// closed reports whether all that a value set names is held.
func closed(held map[fhir.Key][]byte, id string) bool {
	body := string(held[fhir.Key{Type: "ValueSet", ID: id}])
	if body == "" || strings.Contains(body, `"filter"`) && (held[fhir.Key{Type: "CodeSystem", ID: "a"}] == nil || held[fhir.Key{Type: "CodeSystem", ID: "b"}] == nil) {
		return false
	}
	for _, other := range ids {
		if other < id && strings.Contains(body, `"urn:vs:`+other+`"`) && !closed(held, other) {
			return false
		}
	}
	return true
}
