package adapters

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// FR Core (hl7.fhir.fr.core 2.2) and national code systems that every adapter
// writes.
const (
	frCore            = "https://hl7.fr/ig/fhir/core/"
	FRIdentifierTypes = frCore + "CodeSystem/fr-core-cs-v2-0203"
	V2IdentifierTypes = "http://terminology.hl7.org/CodeSystem/v2-0203"
)

// insTypes are the qualified national identifiers of a patient (Identité
// Nationale de Santé) by the OID of their assigning authority, as FR Core
// slices them: code of fr-core-cs-v2-0203 and Identifier.use.
var insTypes = map[string]struct {
	code, use string
	test      bool
}{
	"1.2.250.1.213.1.4.8":  {"INS-NIR", "official", false},
	"1.2.250.1.213.1.4.9":  {"INS-NIA", "temp", false},
	"1.2.250.1.213.1.4.10": {"INS-NIR-TEST", "official", true},
	"1.2.250.1.213.1.4.11": {"INS-NIR-DEMO", "official", true},
}

// IsINS reports whether the OID is that of a national patient identifier.
func IsINS(oid string) bool {
	_, ok := insTypes[oid]
	return ok
}

// An INS is a national patient identifier that may be relied on.
type INS struct{ System, Value, code, use string }

// ParseINS checks a national patient identifier. In production an identifier of
// a test OID and one whose key does not fit are refused; in integration they
// are accepted, and a wrong key is reported in warning. The error is Kind
// Unprocessable and never shows the value.
func ParseINS(oid, value, at string, mode Mode) (ins INS, warning []fhir.Issue, err error) {
	typ, known := insTypes[oid]
	switch {
	case !known:
		return INS{}, nil, insFault("identity.not-ins", at, fhir.T("The patient has no national identifier (INS).", "Le patient n’a pas d’identité nationale de santé (INS)."))
	case mode != Integration && typ.test:
		return INS{}, nil, insFault("identity.test-ins", at, fhir.T("The national identifier (INS) is one for tests.", "L’identité nationale de santé (INS) est une identité de test."))
	case !insShape(value):
		return INS{}, nil, insFault("identity.malformed-ins", at, fhir.T("The national identifier (INS) does not have its form.", "L’identité nationale de santé (INS) n’a pas la bonne forme."))
	}
	if insKey(value[:13]) != value[13:] {
		issue := insFault("identity.ins-key", at, fhir.T("The key of the national identifier (INS) does not fit.", "La clé de l’identité nationale de santé (INS) est erronée."))
		if mode != Integration {
			return INS{}, nil, issue
		}
		issue.Issues[0].Severity = fhir.SeverityWarning
		warning = issue.Issues
	}
	return INS{System: "urn:oid:" + oid, Value: value, code: typ.code, use: typ.use}, warning, nil
}

func insFault(id, at string, text fhir.Text) *fhir.Error {
	return fhir.Errorf(fhir.Unprocessable, "adapters.ParseINS", id, fhir.CodeBusinessRule, at, text,
		fhir.T("Send the 15 characters of the INS under its own OID, as INSi returned them.", "Envoyez les 15 caractères de l’INS sous son OID, tels que l’INSi les a rendus."))
}

// Identifier returns the identifier as fr-core-patient-ins has it.
func (i INS) Identifier(from ...draft.Origin) *draft.Object {
	return TypedIdentifier(FRIdentifierTypes, i.code, i.System, i.Value, i.use, from...)
}

// TypedIdentifier returns an Identifier with a type.
func TypedIdentifier(typeSystem, typeCode, system, value, use string, from ...draft.Origin) *draft.Object {
	coding := new(draft.Object).Set("system", typeSystem).Set("code", typeCode)
	return new(draft.Object).Set("use", use).
		Put("type", new(draft.Object).Add("coding", coding)).
		Set("system", system).Set("value", value, from...)
}

// insShape reports whether s has the form of a NIR or NIA with its key: sex,
// year, month, department (2A and 2B for Corsica), commune, order, key.
func insShape(s string) bool {
	if len(s) != 15 || !strings.ContainsRune("123478", rune(s[0])) {
		return false
	}
	for i := 1; i < len(s); i++ {
		corsica := i == 6 && s[5] == '2' && (s[6] == 'A' || s[6] == 'B')
		if (s[i] < '0' || s[i] > '9') && !corsica {
			return false
		}
	}
	return true
}

// insKey returns the key of the first 13 characters: 97 − (number mod 97), with
// 19 for 2A and 18 for 2B.
func insKey(nir string) string {
	switch department := nir[5:7]; department {
	case "2A":
		nir = nir[:5] + "19" + nir[7:]
	case "2B":
		nir = nir[:5] + "18" + nir[7:]
	}
	n := 0
	for _, c := range nir {
		n = (n*10 + int(c-'0')) % 97
	}
	key := 97 - n
	return string([]byte{byte('0' + key/10), byte('0' + key%10)})
}
