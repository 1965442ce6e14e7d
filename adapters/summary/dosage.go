package summary

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// dosage writes a Dosage: its own words, or dose, rhythm and condition put
// together from what is coded.
func (w *reader) dosage(n fhirjson.Node) string {
	if t := n.Get("text").Text(); t != "" {
		return t
	}
	dose := ""
	for d := range n.Get("doseAndRate").Items() {
		dose = join(", ", dose, w.value(d, "dose"), w.value(d, "rate"))
	}
	needed := concept(n.Get("asNeededCodeableConcept"))
	if n.Get("asNeededBoolean").Text() == "true" {
		needed = w.say(fhir.T("as needed", "si besoin"))
	}
	return join(", ", dose, w.rhythm(n.Get("timing")), needed, concept(n.Get("route")), n.Get("patientInstruction").Text())
}

// rhythm writes how often: twice in 8 h, morning and evening ….
func (w *reader) rhythm(n fhirjson.Node) string {
	repeat := n.Get("repeat")
	often := ""
	if repeat.Get("period").Exists() {
		times := repeat.Get("frequency").Text()
		if times == "" {
			times = "1"
		}
		often = times + w.say(fhir.T(" times every ", " fois par ")) + join(" ", strip(w.number(repeat.Get("period"))), w.term(repeat.Get("periodUnit").Text()))
	}
	var moments []string
	for m := range repeat.Get("when").Items() {
		moments = append(moments, w.term(m.Text()))
	}
	for m := range repeat.Get("timeOfDay").Items() {
		moments = append(moments, strings.TrimSuffix(m.Text(), ":00"))
	}
	if t := concept(n.Get("code")); often == "" && len(moments) == 0 {
		return t
	}
	return join(", ", often, strings.Join(moments, " + "))
}

// strip leaves out the number one: every 1 d is every day.
func strip(number string) string {
	if number == "1" {
		return ""
	}
	return number
}

// terms are words for codes of required value sets.
var terms = map[string]fhir.Text{
	"low": fhir.T("low", "faible"), "high": fhir.T("high", "élevée"), "unable-to-assess": fhir.T("cannot be assessed", "non évaluable"),
	"unconfirmed": fhir.T("unconfirmed", "non confirmé"), "provisional": fhir.T("provisional", "provisoire"), "differential": fhir.T("differential", "différentiel"),
	"confirmed": fhir.T("confirmed", "confirmé"), "presumed": fhir.T("presumed", "présumé"),
	"mild": fhir.T("mild", "légère"), "moderate": fhir.T("moderate", "modérée"), "severe": fhir.T("severe", "sévère"),
	"completed": fhir.T("done", "fait"), "not-done": fhir.T("not done", "non fait"),
	"s": fhir.T("s", "s"), "min": fhir.T("min", "min"), "h": fhir.T("h", "h"), "d": fhir.T("day", "jour"), "wk": fhir.T("week", "semaine"),
	"mo": fhir.T("month", "mois"), "a": fhir.T("year", "an"),
	"MORN": fhir.T("morning", "matin"), "AFT": fhir.T("afternoon", "après-midi"), "EVE": fhir.T("evening", "soir"), "NIGHT": fhir.T("night", "nuit"), "NOON": fhir.T("noon", "midi"),
	"HS": fhir.T("at bedtime", "au coucher"), "WAKE": fhir.T("on waking", "au réveil"),
	"C": fhir.T("with meals", "pendant les repas"), "CM": fhir.T("with breakfast", "pendant le petit déjeuner"), "CD": fhir.T("with lunch", "pendant le déjeuner"), "CV": fhir.T("with dinner", "pendant le dîner"),
	"AC": fhir.T("before meals", "avant les repas"), "ACM": fhir.T("before breakfast", "avant le petit déjeuner"), "ACD": fhir.T("before lunch", "avant le déjeuner"), "ACV": fhir.T("before dinner", "avant le dîner"),
	"PC": fhir.T("after meals", "après les repas"), "PCM": fhir.T("after breakfast", "après le petit déjeuner"), "PCD": fhir.T("after lunch", "après le déjeuner"), "PCV": fhir.T("after dinner", "après le dîner"),
}

// term returns the word for a code, or the code.
func (w *reader) term(code string) string {
	if t, ok := terms[code]; ok {
		return w.say(t)
	}
	return code
}
