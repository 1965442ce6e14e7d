package adapters

import (
	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// OIDs under which professionals and structures are identified nationally.
const (
	OIDProfessional = "1.2.250.1.71.4.2.1"
	OIDStructure    = "1.2.250.1.71.4.2.2"
)

// Systems of FR Core for the registers behind those OIDs.
const (
	SystemRPPS      = "https://rpps.esante.gouv.fr"
	SystemADELI     = "https://adeli.esante.gouv.fr"
	SystemFINESS    = "https://finess.esante.gouv.fr"
	SystemSIRENE    = "https://sirene.fr"
	SystemADELIRang = "https://adelirang.esante.gouv.fr"
	SystemRPPSRang  = "https://rppsrang.esante.gouv.fr"
)

// A Token is a system and a value to match a resource by.
type Token struct{ System, Value string }

// A National is a national identifier as it is written into FHIR, with what a
// resource that has it is to be matched by. Tokens is empty when nothing may
// be matched by it: the number is wrong.
type National struct {
	Identifiers []*draft.Object
	Tokens      []Token
	Wrong       bool // its check digit does not fit, and counts
}

// ParseProfessional reads a number under OIDProfessional. The same OID holds
// 11-digit RPPS numbers and the national form, a digit for the register in
// front: 8 for RPPS, 0 for ADELI. Senders label both alike, so the shape
// decides; both forms are written, and both match. In production a number whose
// Luhn digit is wrong matches nobody.
func ParseProfessional(value string, mode Mode, from ...draft.Origin) National {
	rpps, adeli := "", ""
	switch {
	case digits(value, 11):
		rpps = value
	case digits(value, 12) && value[0] == '8':
		rpps = value[1:]
	case len(value) == 10 && value[0] == '0':
		adeli = value[1:]
	}
	const national = "urn:oid:" + OIDProfessional
	switch {
	case rpps != "":
		n := National{Identifiers: []*draft.Object{
			TypedIdentifier(FRIdentifierTypes, "IDNPS", national, "8"+rpps, "official", from...),
			TypedIdentifier(FRIdentifierTypes, "RPPS", SystemRPPS, rpps, "", from...)}}
		if mode == Integration || luhn(rpps) {
			n.Tokens = []Token{{SystemRPPS, rpps}, {national, "8" + rpps}}
		}
		n.Wrong = n.Tokens == nil
		return n
	case adeli != "":
		return National{Identifiers: []*draft.Object{
			TypedIdentifier(FRIdentifierTypes, "IDNPS", national, value, "official", from...),
			TypedIdentifier(FRIdentifierTypes, "ADELI", SystemADELI, adeli, "", from...)},
			Tokens: []Token{{SystemADELI, adeli}, {national, value}}}
	}
	// Numbers of employees (3 + FINESS/…, 5 + SIREN/…) and others stay as they are.
	return National{Identifiers: []*draft.Object{TypedIdentifier(FRIdentifierTypes, "IDNPS", national, value, "official", from...)},
		Tokens: []Token{{national, value}}}
}

// structures are the registers of a number under OIDStructure by its first
// digit: how many characters follow, how FR Core writes them, and how the last is
// computed; nil where it is not.
var structures = map[byte]struct {
	length       int
	code, system string
	check        func(string) bool
}{
	'0': {11, "", SystemADELIRang, nil},
	'1': {9, "FINEG", SystemFINESS, finess},
	'2': {9, "SIREN", SystemSIRENE, luhn},
	'3': {14, "SIRET", SystemSIRENE, siret},
	'4': {14, "RPPSRG", SystemRPPSRang, nil},
}

// ParseStructure reads a number under OIDStructure: a digit for the register,
// then the number in it. In production one whose check digit is wrong matches
// nobody.
func ParseStructure(value string, mode Mode, from ...draft.Origin) National {
	const national = "urn:oid:" + OIDStructure
	if value == "" {
		return National{}
	}
	n := National{Identifiers: []*draft.Object{TypedIdentifier(FRIdentifierTypes, "IDNST", national, value, "official", from...)},
		Tokens: []Token{{national, value}}}
	register, known := structures[value[0]]
	if !known || len(value) != 1+register.length {
		return n
	}
	number := value[1:]
	own := new(draft.Object)
	if register.code != "" {
		own = TypedIdentifier(FRIdentifierTypes, register.code, register.system, number, "", from...)
	} else {
		own.Set("system", register.system).Set("value", number, from...)
	}
	n.Identifiers = append(n.Identifiers, own)
	n.Tokens = append(n.Tokens, Token{register.system, number})
	if mode != Integration && register.check != nil && !register.check(number) {
		n.Tokens, n.Wrong = nil, true
	}
	return n
}

// finess reports whether the last digit of a FINESS number fits. It is a Luhn
// digit of the others; those of Corsica begin with 2A or 2B, of which the rule
// that is published says nothing, so they pass.
func finess(s string) bool {
	if len(s) == 9 && s[0] == '2' && (s[1] == 'A' || s[1] == 'B') && digits(s[2:], 7) {
		return true
	}
	return luhn(s)
}

// laPoste is the SIREN whose establishments the Luhn rule ran out for: there the
// digits add up to a multiple of 5 (INSEE, numbering of SIRET).
const laPoste = "356000000"

func siret(s string) bool {
	if luhn(s) || len(s) != 14 || s[:9] != laPoste {
		return luhn(s)
	}
	sum := 0
	for i := range len(s) {
		sum += int(s[i] - '0')
	}
	return digits(s, 14) && sum%5 == 0
}

// WrongStructure is the warning for a structure's number that matches nobody.
func WrongStructure(at string) fhir.Issue {
	return fhir.Issue{ID: "identity.structure-number", Severity: fhir.SeverityWarning, Code: fhir.CodeBusinessRule, At: at,
		Text: fhir.T("The number of a structure is wrong; it was not matched with any that is known.", "Le numéro d’une structure est erroné ; elle n’a été rapprochée d’aucune autre."),
		Hint: fhir.T("Check the FINESS, SIREN or SIRET number: its last digit is a Luhn digit.", "Vérifiez le numéro FINESS, SIREN ou SIRET : son dernier chiffre est une clé de Luhn.")}
}

// WrongNumber is the warning for a professional's number that matches nobody.
func WrongNumber(at string) fhir.Issue {
	return fhir.Issue{ID: "identity.professional-number", Severity: fhir.SeverityWarning, Code: fhir.CodeBusinessRule, At: at,
		Text: fhir.T("The number of a professional is wrong; he was not matched with anybody known.", "Le numéro d’un professionnel est erroné ; il n’a été rapproché de personne."),
		Hint: fhir.T("Check the RPPS number: its last digit is a Luhn digit.", "Vérifiez le numéro RPPS : son dernier chiffre est une clé de Luhn.")}
}

func digits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range n {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// luhn reports whether the last digit is the check digit of the others (ISO/IEC
// 7812-1 annex B).
func luhn(s string) bool {
	if !digits(s, len(s)) {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
