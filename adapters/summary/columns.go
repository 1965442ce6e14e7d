package summary

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A column is one of a section's narrative table.
type column struct {
	title fhir.Text
	cell  func(*reader, r) string
}

var (
	what = column{fhir.T("What", "Intitulé"), label}
	when = column{fhir.T("When", "Date"), func(w *reader, n r) string {
		for _, name := range dates {
			if v := n.Get(name); v.Kind() == fhirjson.Object {
				return w.period(v)
			} else if v.Exists() {
				return w.date(v.Text())
			}
		}
		return ""
	}}
	since = column{fhir.T("Since", "Depuis"), func(w *reader, n r) string {
		if s := w.value(n.Node, "onset"); s != "" {
			return s
		}
		return ""
	}}
	until       = column{fhir.T("Until", "Jusqu’à"), func(w *reader, n r) string { return w.value(n.Node, "abatement") }}
	severity    = column{fhir.T("Severity", "Sévérité"), func(w *reader, n r) string { return concept(n.Get("severity")) }}
	criticality = column{fhir.T("Criticality", "Criticité"), func(w *reader, n r) string { return w.term(n.Get("criticality").Text()) }}
	certainty   = column{fhir.T("Certainty", "Certitude"), func(w *reader, n r) string {
		if t := n.Get("verificationStatus").Get("text").Text(); t != "" {
			return t
		}
		return w.term(code(n.Get("verificationStatus")))
	}}
	state     = column{fhir.T("Status", "Statut"), func(w *reader, n r) string { return w.term(status(n)) }}
	reactions = column{fhir.T("Reactions", "Réactions"), func(w *reader, n r) string {
		var list []string
		for reaction := range n.Get("reaction").Items() {
			for m := range reaction.Get("manifestation").Items() {
				list = append(list, join(", ", concept(m), w.term(reaction.Get("severity").Text())))
			}
		}
		return strings.Join(list, " ; ")
	}}
	remarks = column{fhir.T("Remarks", "Commentaire"), func(w *reader, n r) string {
		var list []string
		for note := range n.Get("note").Items() {
			list = append(list, note.Get("text").Text())
		}
		return strings.Join(list, " ; ")
	}}
	rank = column{fhir.T("Dose", "Rang"), func(w *reader, n r) string {
		p := n.Get("protocolApplied").First()
		return join("", p.Get("doseNumberPositiveInt").Text(), p.Get("doseNumberString").Text())
	}}
	finding = column{fhir.T("Finding", "Résultat"), func(w *reader, n r) string { return w.finding(n.Node, 0) }}
	normal  = column{fhir.T("Normal", "Valeurs de référence"), func(w *reader, n r) string {
		first := n.Get("referenceRange").First()
		if t := first.Get("text").Text(); t != "" {
			return t
		}
		return w.scope(first, "low", "high", " – ")
	}}
	relatives = column{fhir.T("Conditions", "Pathologies"), func(w *reader, n r) string {
		var list []string
		for c := range n.Get("condition").Items() {
			list = append(list, concept(c.Get("code")))
		}
		return strings.Join(list, " ; ")
	}}
	posology = column{fhir.T("Dosage", "Posologie"), func(w *reader, n r) string {
		name := "dosage"
		if n.Type == "MedicationRequest" {
			name = "dosageInstruction"
		}
		var list []string
		for d := range n.Get(name).Items() {
			list = append(list, w.dosage(d))
		}
		return join(" ; ", list...)
	}}
)

// label says what an entry is about.
func label(w *reader, n r) string {
	switch n.Type {
	case "Immunization":
		return concept(n.Get("vaccineCode"))
	case "MedicationStatement", "MedicationRequest":
		if m := w.find(n.Get("medicationReference").Get("reference").Text()); m.Exists() {
			return concept(m.Get("code"))
		}
		return join("", concept(n.Get("medicationCodeableConcept")), n.Get("medicationReference").Get("display").Text())
	case "DeviceUseStatement":
		return w.device(w.find(n.Get("device").Get("reference").Text()), n.Get("device").Get("display").Text())
	case "Consent":
		return concept(n.Get("category").First())
	case "CarePlan":
		return join(" : ", n.Get("title").Text(), n.Get("description").Text())
	case "ClinicalImpression":
		return join(" : ", n.Get("description").Text(), n.Get("summary").Text())
	case "FamilyMemberHistory":
		return concept(n.Get("relationship"))
	}
	return concept(n.Get("code"))
}

func (w *reader) device(n fhirjson.Node, display string) string {
	if t := concept(n.Get("type")); t != "" {
		return t
	}
	if name := n.Get("deviceName").First().Get("name").Text(); name != "" {
		return name
	}
	return display
}

// maxDepth bounds panels in panels; more is a loop.
const maxDepth = 4

// finding writes what an observation found: its value, components, members, or
// the conclusion of a report.
func (w *reader) finding(n fhirjson.Node, depth int) string {
	var list []string
	if v := w.value(n, "value"); v != "" {
		list = append(list, v)
	}
	for i := range n.Get("interpretation").Items() {
		list = append(list, "("+concept(i)+")")
	}
	text := strings.Join(list, " ")
	list = list[:0:0]
	for c := range n.Get("component").Items() {
		list = append(list, concept(c.Get("code"))+" "+w.value(c, "value"))
	}
	for _, name := range []string{"hasMember", "result"} {
		for m := range n.Get(name).Items() {
			if member := w.find(m.Get("reference").Text()); member.Exists() && depth < maxDepth {
				list = append(list, concept(member.Get("code"))+" "+w.finding(member, depth+1))
			}
		}
	}
	return join(" ; ", text, strings.Join(list, " ; "), n.Get("conclusion").Text())
}
