package storetest_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// The pools are small, so that queries meet resources and resources each other.
var (
	ids       = []string{"a", "b", "c", "d", "e"}
	names     = []string{"Martin", "MARTIN", "martineau", "Lefèvre", "Le Gall", "D'Hœuvre", "Éveline", "Anne-Marie", "Noël", "Zoé", "Müller", "François", "Fran"}
	cities    = []string{"Saint-Étienne", "Nantes", "L'Haÿ-les-Roses", "Nanterre"}
	words     = []string{"Hypertension artérielle", "hypertension", "Céphalée", "Douleur", "douleur aiguë", "Cancer du sein"}
	systems   = []string{"http://loinc.org", "http://snomed.info/sct", "urn:oid:1.2.250.1.213.1.4.10", "http://acme.org/a|b", ""}
	codes     = []string{"8480-6", "I10", "i10", "a,b", "c$d", "x|y", `p\q`, "fr"}
	statuses  = []string{"final", "amended", "registered"}
	genders   = []string{"male", "female", "unknown"}
	phones    = []string{"+33 1 99 00 12 34", "+33199001234", "0199001234", "01.99.00.12.34"}
	addresses = []string{"zoe@exemple.example", "Zoe@Exemple.example", "dr@exemple.example"}
	uris      = []string{"http://acme.org/fhir/ValueSet/123", "http://acme.org/fhir", "http://acme.org/fhir/ValueSet/123/_history/5", "urn:oid:1.2.3", "http://acme.org/fhir/ValueSet/12"}
	unitsOf   = []string{"mg", "g", "kg", "ug", "mmol/L", "g/L", "mg/dL", "h", "d", "a", "mm[Hg]"}
	labels    = []string{"R", "N", "V"}
)

// object is a JSON object under construction.
type object map[string]any

// maybe sets a member, most of the time.
func (o object) maybe(t *rapid.T, name string, draw func() any) {
	if rapid.IntRange(0, 2).Draw(t, name) > 0 {
		o[name] = draw()
	}
}

func one(t *rapid.T, what string, pool []string) string { return rapid.SampledFrom(pool).Draw(t, what) }

// some draws up to three of something.
func some(t *rapid.T, draw func() any) func() any {
	return func() any {
		list := make([]any, rapid.IntRange(1, 3).Draw(t, "n"))
		for i := range list {
			list[i] = draw()
		}
		return list
	}
}

// drawResource draws a resource of the type.
func drawResource(t *rapid.T, typ, id string) []byte {
	o := object{"resourceType": typ, "id": id}
	o.maybe(t, "meta", func() any { return drawMeta(t) })
	if rapid.IntRange(0, 2).Draw(t, "text") == 0 {
		o["text"] = drawNarrative(t)
	}
	switch typ {
	case "Patient":
		drawPatient(t, o)
	case "Observation":
		drawObservation(t, o)
	case "Condition":
		drawCondition(t, o)
	case "CarePlan":
		drawCarePlan(t, o)
	case "Location":
		drawLocation(t, o)
	case "List":
		drawList(t, o)
	case "ValueSet":
		drawValueSet(t, o)
	case "CodeSystem":
		drawCodeSystem(t, o)
	case "PlanDefinition":
		o["status"] = one(t, "status", []string{"active", "draft"})
		o.maybe(t, "title", func() any { return one(t, "title", words) })
		o.maybe(t, "identifier", some(t, func() any { return drawIdentifier(t) }))
		o.maybe(t, "url", func() any { return one(t, "canonical", uris[:3]) })
		o.maybe(t, "version", func() any { return one(t, "version", []string{"1.0", "2", "2"}) })
	case "RiskAssessment":
		o["status"], o["subject"] = "final", drawReference(t, "Patient", "Group")
		o["prediction"] = some(t, func() any { return object{"probabilityDecimal": json.RawMessage(drawDecimal(t))} })()
	}
	body, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// drawMeta draws tags, profiles, a source and labels.
func drawMeta(t *rapid.T) any {
	o := object{}
	coding := func() any { return object{"system": "http://acme.org/labels", "code": one(t, "label", labels)} }
	o.maybe(t, "tag", some(t, coding))
	o.maybe(t, "security", some(t, coding))
	o.maybe(t, "profile", some(t, func() any { return one(t, "profile", uris[:3]) }))
	o.maybe(t, "source", func() any { return one(t, "source", uris) })
	return o
}

func drawPatient(t *rapid.T, o object) {
	o.maybe(t, "active", func() any { return rapid.Bool().Draw(t, "active") })
	o.maybe(t, "gender", func() any { return one(t, "gender", genders) })
	o.maybe(t, "birthDate", func() any { return drawDay(t) })
	o.maybe(t, "deceasedDateTime", func() any { return drawTime(t) })
	o.maybe(t, "identifier", some(t, func() any { return drawIdentifier(t) }))
	o.maybe(t, "name", some(t, func() any {
		n := object{"use": "official"}
		n.maybe(t, "family", func() any { return one(t, "family", names) })
		n.maybe(t, "given", some(t, func() any { return one(t, "given", names) }))
		n.maybe(t, "text", func() any { return one(t, "given", names) + " " + one(t, "family", names) })
		return n
	}))
	o.maybe(t, "telecom", some(t, func() any {
		if rapid.Bool().Draw(t, "phone") {
			return object{"system": "phone", "value": one(t, "phone", phones)}
		}
		return object{"system": "email", "value": one(t, "email", addresses)}
	}))
	o.maybe(t, "address", some(t, func() any {
		return object{"use": one(t, "use", []string{"home", "work"}), "city": one(t, "city", cities), "postalCode": one(t, "code", []string{"44000", "42000", "4400"})}
	}))
	o.maybe(t, "communication", some(t, func() any { return object{"language": drawConcept(t)} }))
	o.maybe(t, "generalPractitioner", some(t, func() any { return drawReference(t, "Practitioner", "Organization") }))
	o.maybe(t, "managingOrganization", func() any { return drawReference(t, "Organization") })
	o.maybe(t, "link", some(t, func() any { return object{"other": drawReference(t, "Patient", "RelatedPerson"), "type": "seealso"} }))
}

func drawObservation(t *rapid.T, o object) {
	o["status"] = one(t, "status", statuses)
	o["code"] = drawConcept(t)
	o.maybe(t, "category", some(t, func() any { return drawConcept(t) }))
	o.maybe(t, "subject", func() any { return drawReference(t, "Patient", "Group", "Device") })
	o.maybe(t, "encounter", func() any { return drawReference(t, "Encounter") })
	o.maybe(t, "focus", some(t, func() any { return drawReference(t, "Condition", "Patient", "Device") }))
	o.maybe(t, "performer", some(t, func() any { return drawReference(t, "Patient", "Practitioner", "Organization") }))
	o.maybe(t, "derivedFrom", some(t, func() any { return drawReference(t, "Observation") }))
	o.maybe(t, "identifier", some(t, func() any { return drawIdentifier(t) }))
	drawChoice(t, o, "effective", "DateTime", "Period", "Instant")
	drawChoice(t, o, "value", "Quantity", "CodeableConcept", "String", "DateTime", "Period")
	o.maybe(t, "component", some(t, func() any {
		c := object{"code": drawConcept(t)}
		drawChoice(t, c, "value", "Quantity", "CodeableConcept")
		return c
	}))
}

func drawCondition(t *rapid.T, o object) {
	o["subject"] = drawReference(t, "Patient", "Group")
	for _, name := range []string{"clinicalStatus", "code", "severity"} {
		o.maybe(t, name, func() any { return drawConcept(t) })
	}
	o.maybe(t, "category", some(t, func() any { return drawConcept(t) }))
	o.maybe(t, "bodySite", some(t, func() any { return drawConcept(t) }))
	o.maybe(t, "encounter", func() any { return drawReference(t, "Encounter") })
	o.maybe(t, "asserter", func() any { return drawReference(t, "Practitioner", "Patient") })
	o.maybe(t, "identifier", some(t, func() any { return drawIdentifier(t) }))
	o.maybe(t, "recordedDate", func() any { return drawTime(t) })
	drawChoice(t, o, "onset", "DateTime", "Period", "Age", "Range", "String")
	drawChoice(t, o, "abatement", "DateTime", "Period")
}

func drawCarePlan(t *rapid.T, o object) {
	o["status"], o["intent"] = one(t, "status", []string{"active", "draft"}), "plan"
	o["subject"] = drawReference(t, "Patient", "Group")
	o.maybe(t, "period", func() any { return drawPeriod(t) })
	o.maybe(t, "category", some(t, func() any { return drawConcept(t) }))
	o.maybe(t, "careTeam", some(t, func() any { return drawReference(t, "CareTeam") }))
	o.maybe(t, "addresses", some(t, func() any { return drawReference(t, "Condition") }))
	o.maybe(t, "basedOn", some(t, func() any { return drawReference(t, "CarePlan") }))
	o.maybe(t, "identifier", some(t, func() any { return drawIdentifier(t) }))
	o.maybe(t, "instantiatesUri", some(t, func() any { return one(t, "uri", uris) }))
	o.maybe(t, "instantiatesCanonical", some(t, func() any {
		if rapid.IntRange(0, 3).Draw(t, "address") == 0 {
			return "http://example.org/fhir/PlanDefinition/" + one(t, "id", ids) + one(t, "version", []string{"", "|2"})
		}
		return one(t, "canonical", uris[:3]) + one(t, "version", []string{"", "|1.0", "|2"}) + one(t, "fragment", []string{"", "", "#part"})
	}))
	o.maybe(t, "activity", some(t, func() any {
		d := object{"status": "scheduled"}
		d.maybe(t, "code", func() any { return drawConcept(t) })
		d.maybe(t, "performer", some(t, func() any { return drawReference(t, "Practitioner", "CareTeam", "Device") }))
		drawChoice(t, d, "scheduled", "Period", "Timing")
		return object{"detail": d}
	}))
}

// drawChoice sets one of the types of a choice, or none.
func drawChoice(t *rapid.T, o object, name string, types ...string) {
	typ := rapid.SampledFrom(append(types, "")).Draw(t, name)
	draw := map[string]func() any{
		"DateTime":        func() any { return drawTime(t) },
		"Instant":         func() any { return drawInstant(t) },
		"Period":          func() any { return drawPeriod(t) },
		"Timing":          func() any { return drawTiming(t) },
		"Quantity":        func() any { return drawQuantity(t) },
		"Age":             func() any { return drawQuantity(t) },
		"Range":           func() any { return drawRange(t) },
		"CodeableConcept": func() any { return drawConcept(t) },
		"String":          func() any { return one(t, "words", words) },
	}[typ]
	if draw != nil {
		o[name+typ] = draw()
	}
}

func drawConcept(t *rapid.T) any {
	o := object{}
	o.maybe(t, "text", func() any { return one(t, "words", words) })
	if o["text"] == nil || rapid.Bool().Draw(t, "coded") {
		o["coding"] = some(t, func() any {
			c := object{"code": one(t, "code", codes)}
			if s := one(t, "system", systems); s != "" {
				c["system"] = s
			}
			c.maybe(t, "display", func() any { return one(t, "words", words) })
			return c
		})()
	}
	return o
}

func drawIdentifier(t *rapid.T) any {
	o := object{"value": one(t, "value", codes)}
	if s := one(t, "system", systems); s != "" {
		o["system"] = s
	}
	o.maybe(t, "type", func() any { return drawConcept(t) })
	return o
}

// drawReference draws a reference to one of the types, by one of its forms.
func drawReference(t *rapid.T, types ...string) any {
	o := object{}
	if form := rapid.IntRange(0, 5).Draw(t, "reference"); form > 1 {
		o["reference"] = drawLiteral(t, types...)
	} else if form == 1 {
		return object{"display": "quelqu'un"}
	}
	if o["reference"] == nil || rapid.IntRange(0, 3).Draw(t, "identified") == 0 {
		o["identifier"], o["type"] = drawIdentifier(t), one(t, "type", types)
	}
	return o
}

// drawLiteral draws a literal reference, mostly to the first of the types.
func drawLiteral(t *rapid.T, types ...string) string {
	key := one(t, "type", append([]string{types[0], types[0]}, types...)) + "/" + one(t, "id", ids)
	return one(t, "form", []string{key, key, key, key, "http://example.org/fhir/" + key, "https://ailleurs.example/fhir/" + key,
		key + "/_history/1", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"})
}

func drawQuantity(t *rapid.T) any {
	o := object{"value": json.RawMessage(drawDecimal(t))}
	switch rapid.IntRange(0, 3).Draw(t, "unit") {
	case 0:
	case 1:
		o["unit"] = one(t, "unit", unitsOf)
	default:
		code := one(t, "unit", unitsOf)
		o["unit"], o["code"], o["system"] = strings.ToUpper(code), code, "http://unitsofmeasure.org"
		if rapid.IntRange(0, 4).Draw(t, "other") == 0 {
			o["system"] = "http://acme.org/units"
		}
	}
	return o
}

// drawRange draws a range whose ends are in order, and in one unit.
func drawRange(t *rapid.T) any {
	low := rapid.IntRange(0, 120).Draw(t, "low")
	end := func(n int) object {
		return object{"value": n, "unit": "ans", "system": "http://unitsofmeasure.org", "code": "a"}
	}
	o := object{}
	if which := rapid.IntRange(0, 3).Draw(t, "ends"); which != 1 {
		o["low"] = end(low)
		if which != 2 {
			o["high"] = end(low + rapid.IntRange(0, 30).Draw(t, "width"))
		}
	} else {
		o["high"] = end(low)
	}
	return o
}

// drawDecimal draws a decimal near others, in one of the ways to write it.
func drawDecimal(t *rapid.T) string {
	n := rapid.SampledFrom([]int{-5, 0, 1, 5, 10, 54, 100}).Draw(t, "number")
	switch rapid.IntRange(0, 6).Draw(t, "form") {
	case 0:
		return fmt.Sprint(n)
	case 1:
		return fmt.Sprintf("%d.0", n)
	case 2:
		return fmt.Sprintf("%d.%d", n, rapid.IntRange(0, 9).Draw(t, "fraction"))
	case 3:
		return fmt.Sprintf("%d.%d5", n, rapid.IntRange(0, 9).Draw(t, "fraction"))
	case 4:
		return fmt.Sprintf("0.%03d", max(n, 0))
	case 5:
		return fmt.Sprintf("%de%d", n, rapid.IntRange(-3, 3).Draw(t, "exponent"))
	}
	return fmt.Sprintf("%d.5E%d", n, rapid.IntRange(-2, 2).Draw(t, "exponent"))
}
