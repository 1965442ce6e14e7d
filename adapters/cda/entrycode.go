package cda

import "slices"

// Statements whose templates are not known, or that name none, are told by their
// codes and by how they are built, as far as the codes are those that CI-SIS, IHE
// and HL7 fix for them.

const (
	oidSNOMED   = "2.16.840.1.113883.6.96"
	oidSNOMED35 = "1.2.250.1.213.2.12"
	oidAllergy  = "2.16.840.1.113883.4.642.1.122" // allergy-intolerance-type of FHIR
	oidIHEAct   = "1.3.6.1.4.1.19376.1.5.3.2"
)

// statementCodes are the codes of statements by what they say, with their system.
var statementCodes = map[[2]string]kind{
	{oidLOINC, "33999-4"}: problemStatus, {oidLOINC, "11323-3"}: healthStatus, {oidLOINC, "66455-7"}: certainty, {oidLOINC, "82606-5"}: criticality,
	{oidActCode, "SEV"}: severity, {oidLOINC, "48767-8"}: comment, {oidLOINC, "30973-2"}: vaccineRank,
	{oidIHEAct, "PINSTRUCT"}: patientInstructions, {oidIHEAct, "FINSTRUCT"}: dispenserInstructions,
	{oidActCode, "IMMUNIZ"}: immunization, {oidActCode, "INITIMMUNIZ"}: immunization, {oidActCode, "BOOSTER"}: immunization,
	{oidSNOMED, "46680005"}: vitalSigns, {oidLOINC, "85353-1"}: vitalSigns, {oidLOINC, "74728-7"}: vitalSigns,
	// The types of problem of IHE PCC TF-2 6.3.4.14.4.
	{oidSNOMED, "404684003"}: problem, {oidSNOMED, "418799008"}: problem, {oidSNOMED, "55607006"}: problem, {oidSNOMED, "409586006"}: problem,
	{oidSNOMED, "64572001"}: problem, {oidSNOMED, "282291009"}: problem, {oidSNOMED, "248536006"}: problem, {oidLOINC, "75326-9"}: problem,
	{oidLOINC, "75321-0"}: problem, {oidLOINC, "75325-1"}: problem, {oidLOINC, "75319-4"}: problem, {oidLOINC, "29308-4"}: problem,
	{oidSNOMED35, "G-1009"}: problem,
}

// codedKind tells a statement by its code and its form, unknownKind when they say
// nothing.
func codedKind(n *node) kind {
	code := n.Element("code")
	if t := code.Element("translation"); t != nil && code.Attr("code") == "" {
		code = t
	}
	switch k := statementCodes[[2]string{code.Attr("codeSystem"), code.Attr("code")}]; {
	case k == problem && !isFinding(n):
	case k != unknownKind:
		return k
	}
	switch n.Name {
	case "act":
		if code.Attr("code") == "" && n.Element("id") != nil && n.Element("text") == nil && n.Element("entryRelationship") == nil && n.Parent().Name == "entryRelationship" {
			return internalReference // an id and nothing that it would say itself
		}
		return concernKind(n, code)
	case "observation":
		if isAllergy(n, code) {
			return allergy
		}
		if code.Attr("code") == "ASSERTION" && isFinding(n) && ofProblems(n) {
			return problem
		}
		if link := n.Parent(); link.Parent().Name == "organizer" && codedKind(link.Parent()) == vitalSigns {
			return vitalSign
		}
	case "substanceAdministration":
		if inSection(n, "11369-6") {
			return immunization
		}
	case "organizer":
		if related := n.Element("subject", "relatedSubject"); related != nil && n.Attr("classCode") == "CLUSTER" && !children[related.Element("code").Attr("code")] {
			return familyHistory
		}
	}
	return unknownKind
}

// isFinding reports whether an observation says that something is so by its value.
func isFinding(n *node) bool {
	switch xsiType(n.Element("value")) {
	case "CD", "CE", "":
		return n.Attr("moodCode") == "EVN" && n.Element("value") != nil && n.Element("participant").Attr("typeCode") != "CSM"
	}
	return false
}

// ofProblems reports whether a statement stands among problems: in an act of
// concern, or in a section of problems or of history. Elsewhere an assertion may be
// of anything.
func ofProblems(n *node) bool {
	return n.Parent().Parent().Element("code").Attr("code") == "CONC" || inSection(n, "11450-4", "11348-0", "46240-8")
}

// inSection reports whether the section around a statement has one of those LOINC
// codes.
func inSection(n *node, loinc ...string) bool {
	for n != nil && n.Name != "section" {
		n = n.Parent()
	}
	code := n.Element("code")
	return code.Attr("codeSystem") == oidLOINC && slices.Contains(loinc, code.Attr("code"))
}

// concernKind tells an act of concern by what it holds.
func concernKind(n, code *node) kind {
	if c := code.Attr("code"); c != "" && c != "CONC" {
		return unknownKind
	}
	for link := range n.Elements("entryRelationship") {
		switch s := link.Element("observation"); {
		case s == nil || link.Attr("typeCode") != "SUBJ":
		case kindOf(s) == allergy:
			return allergyConcern
		case kindOf(s) == problem:
			return problemConcern
		}
	}
	return unknownKind
}

// isAllergy reports whether an observation is of an allergy: by its type, or an
// assertion of one, with the agent as consumable.
func isAllergy(n, code *node) bool {
	system := code.Attr("codeSystem")
	if isPropensity(code) && (system == oidSNOMED || system == oidActCode || system == oidAllergy) {
		return true
	}
	if code.Attr("code") != "ASSERTION" {
		return false
	}
	return isPropensity(n.Element("value")) && n.Element("participant").Attr("typeCode") == "CSM"
}
