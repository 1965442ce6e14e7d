package consent

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// scopeSystem is the system of Consent.scope.
const scopeSystem = "http://terminology.hl7.org/CodeSystem/consentscope"

// CategorySystem is the system of the Consent categories that tell the two
// French consents apart: to consult the shared record, and to feed it
// (L1111-14, L1111-15; HL7 v2 PAM-FR ZFA-9 and ZFA-11).
const CategorySystem = "https://cordee-sante.github.io/fhir/CodeSystem/consent-category"

// The codes of CategorySystem. A Consent of another category, or of none, is
// about consulting.
const (
	CategoryConsultation = "dmp-consultation"
	CategoryFeeding      = "dmp-alimentation"
)

// statement is an active Consent of scope patient-privacy.
type statement struct {
	source   string // "Consent/x/_history/3"
	consults bool   // has a say in reading
	feeds    bool   // has a say in contributing
	flaw     bool   // cannot be read in full: an opposition to everything
	rule     rule
}

// compileStatement reads a Consent; ok is false when it has no say. Only a
// status other than active (C07) and a scope other than privacy take the say
// from a Consent: every other fault makes it an opposition (C08).
func (r reader) compileStatement(res fhir.Resource, patient string) (s statement, ok bool) {
	s.source = source(res)
	doc, err := fhirjson.Parse(res.Body)
	if err != nil {
		return opposing(s), true
	}
	root := doc.Root()
	switch root.Get("status").Text() {
	case "draft", "proposed", "rejected", "inactive", "entered-in-error":
		return statement{}, false
	}
	switch consentScope(root) {
	case "treatment", "research", "adr":
		return statement{}, false
	case "patient-privacy":
	default:
		return opposing(s), true
	}
	if !r.readable(root, patient) {
		return opposing(s), true
	}
	s.consults, s.feeds = categories(root)
	if s.rule, ok = r.compileBase(root); !ok {
		return opposing(s), true
	}
	return s, true
}

func opposing(s statement) statement {
	s.flaw, s.consults, s.feeds = true, true, true
	return s
}

// readable reports whether the elements around the provision are those of an
// active Consent of the patient, without what PCF forbids (verification) or
// what changes its meaning.
func (r reader) readable(root fhirjson.Node, patient string) bool {
	return root.Get("status").Text() == "active" && !modified(root) && !root.Get("verification").Exists() &&
		isPatient(r.target(root.Get("patient")), patient)
}

// consentScope returns the code of Consent.scope in its own system; "" for any
// other scope.
func consentScope(root fhirjson.Node) string {
	for c := range root.At("scope", "coding").Items() {
		if system, code := c.Coding(); system == scopeSystem {
			return code
		}
	}
	return ""
}

// categories says what the Consent is about.
func categories(root fhirjson.Node) (consults, feeds bool) {
	for category := range root.Get("category").Items() {
		for c := range category.Get("coding").Items() {
			if system, code := c.Coding(); system == CategorySystem {
				consults = consults || code == CategoryConsultation
				feeds = feeds || code == CategoryFeeding
			}
		}
	}
	return consults || !feeds, feeds
}

// compileBase reads Consent.provision. R4 leaves the type of the base rule to
// policyRule and PCF demands it in the provision: the provision is read first.
// A permit under the policy rule OPTOUT is an exception to it. Without either
// type the Consent cannot be read.
func (r reader) compileBase(root fhirjson.Node) (rule, bool) {
	provision, fallback := root.Get("provision"), policyRule(root)
	if !provision.Exists() {
		return rule{deny: fallback == "deny"}, fallback != ""
	}
	base, ok := r.compileRule(provision, fallback, 0)
	if ok && fallback == "deny" && provision.Get("type").Text() == "permit" {
		base = rule{deny: true, exceptions: []rule{base}}
	}
	return base, ok
}

// policyRule reads the opt-out and opt-in of v3-ActCode, the opt-out first.
func policyRule(root fhirjson.Node) (kind string) {
	for c := range root.At("policyRule", "coding").Items() {
		switch _, code := c.Coding(); code {
		case "OPTOUT":
			return "deny"
		case "OPTIN":
			kind = "permit"
		}
	}
	return kind
}

// verdict is what the Consent says of the identity.
func (s *statement) verdict(q *inquiry, teams []team) verdict {
	if s.flaw {
		return opposes
	}
	return s.rule.verdict(q, teams)
}
