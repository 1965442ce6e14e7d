package profile

import (
	"strings"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A format is how a primitive is written (R4 datatypes.html#primitive). The
// checks are those of the published patterns, by hand because they run for
// every value, and stricter where the text of the specification is.
type format struct {
	name  string
	json  fhirjson.Kind
	check func(string) bool // for a text that is not empty; nil when all pass
	hint  fhir.Text
}

var formats = func() map[string]*format {
	list := []format{
		{"boolean", fhirjson.Bool, nil, fhir.Text{}},
		{"integer", fhirjson.Number, isInteger, fhir.T("Whole numbers from -2147483648 to 2147483647, without point or exponent.",
			"Entiers de -2147483648 à 2147483647, sans virgule ni exposant.")},
		{"unsignedInt", fhirjson.Number, isUnsignedInt, fhir.T("Whole numbers from 0 to 2147483647.", "Entiers de 0 à 2147483647.")},
		{"positiveInt", fhirjson.Number, isPositiveInt, fhir.T("Whole numbers from 1 to 2147483647.", "Entiers de 1 à 2147483647.")},
		{"decimal", fhirjson.Number, nil, fhir.Text{}},
		{"string", fhirjson.String, isString, fhir.T("At most 1,048,576 characters.", "Au plus 1 048 576 caractères.")},
		{"markdown", fhirjson.String, isString, fhir.T("At most 1,048,576 characters.", "Au plus 1 048 576 caractères.")},
		{"code", fhirjson.String, isCode, fhir.T("No space at either end, and single spaces inside.", "Pas d'espace aux extrémités, espaces simples à l'intérieur.")},
		{"id", fhirjson.String, fhir.ValidID, fhir.T("1 to 64 letters, digits, hyphens and points.", "1 à 64 lettres, chiffres, tirets et points.")},
		{"uri", fhirjson.String, isURI, fhir.T("A URI without spaces (RFC 3986).", "Une URI sans espaces (RFC 3986).")},
		{"url", fhirjson.String, isURI, fhir.T("A URL without spaces (RFC 3986).", "Une URL sans espaces (RFC 3986).")},
		{"canonical", fhirjson.String, isURI, fhir.T("A URL without spaces; a version follows a bar.", "Une URL sans espaces ; une version suit une barre.")},
		{"oid", fhirjson.String, isOID, fhir.T("urn:oid: and an OID: urn:oid:1.2.250.1.213.", "urn:oid: et un OID : urn:oid:1.2.250.1.213.")},
		{"uuid", fhirjson.String, isUUID, fhir.T("urn:uuid: and a UUID in small letters.", "urn:uuid: et un UUID en minuscules.")},
		{"base64Binary", fhirjson.String, isBase64, fhir.T("Base64 with padding (RFC 4648 §4).", "Base64 avec remplissage (RFC 4648 §4).")},
		{"date", fhirjson.String, isDate, fhir.T("YYYY, YYYY-MM or YYYY-MM-DD, a day that exists.", "AAAA, AAAA-MM ou AAAA-MM-JJ, un jour qui existe.")},
		{"dateTime", fhirjson.String, isDateTime, fhir.T("YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz; a time has seconds and a zone.",
			"AAAA, AAAA-MM, AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ss+zz:zz ; une heure a des secondes et un fuseau.")},
		{"instant", fhirjson.String, isInstant, fhir.T("YYYY-MM-DDThh:mm:ss+zz:zz.", "AAAA-MM-JJThh:mm:ss+zz:zz.")},
		{"time", fhirjson.String, isTime, fhir.T("hh:mm:ss, without a zone.", "hh:mm:ss, sans fuseau.")},
		{"xhtml", fhirjson.String, nil, fhir.Text{}},
	}
	m := make(map[string]*format, len(list))
	for i := range list {
		m[list[i].name] = &list[i]
	}
	return m
}()

func (f *format) wrong() problem {
	return problem{"profile.format", fhir.CodeValue,
		fhir.T("The value is not a valid %s.", "La valeur n'est pas un %s valide.", f.name), f.hint}
}

// isString bounds the length: the scan has refused control characters.
func isString(s string) bool {
	const most = 1 << 20
	return len(s) <= most || utf8.RuneCountInString(s) <= most
}

func isCode(s string) bool {
	space := true // a space may not follow
	for i := range len(s) {
		switch s[i] {
		case ' ':
			if space {
				return false
			}
			space = true
		case '\t', '\n', '\r':
			return false
		default:
			space = false
		}
	}
	return !space
}

func isURI(s string) bool { return !strings.ContainsAny(s, " \t\n\r") }

func isInteger(s string) bool {
	digits, negative := strings.CutPrefix(s, "-")
	n, ok := number(digits)
	return ok && (n <= 1<<31-1 || negative && n == 1<<31)
}

func isUnsignedInt(s string) bool {
	n, ok := number(s)
	return ok && n <= 1<<31-1
}

func isPositiveInt(s string) bool {
	n, ok := number(s)
	return ok && n >= 1 && n <= 1<<31-1
}

// number reads decimal digits without leading zeros.
func number(s string) (n int64, ok bool) {
	if len(s) == 0 || len(s) > 10 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return n, true
}

// isOID checks [0-2](\.(0|[1-9][0-9]*))+ after the prefix.
func isOID(s string) bool {
	arcs, ok := strings.CutPrefix(s, "urn:oid:")
	if !ok || len(arcs) < 3 || arcs[0] < '0' || arcs[0] > '2' || arcs[1] != '.' {
		return false
	}
	for arc := range strings.SplitSeq(arcs[2:], ".") {
		if arc == "" || len(arc) > 1 && arc[0] == '0' || strings.Trim(arc, "0123456789") != "" {
			return false
		}
	}
	return true
}

func isUUID(s string) bool {
	s, ok := strings.CutPrefix(s, "urn:uuid:")
	if !ok || len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f'):
			return false
		}
	}
	return true
}

// base64Digits are the characters of RFC 4648 §4.
var base64Digits = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = true
	}
	return t
}()

// isBase64 counts the characters of RFC 4648 §4. White space may part groups
// of four (R4 datatypes.html#base64Binary).
func isBase64(s string) bool {
	count, padding := 0, 0
	for i := 0; i < len(s); i++ {
		start := i
		for i < len(s) && base64Digits[s[i]] { // a scanned letter is one run of a million
			i++
		}
		if i > start && padding > 0 {
			return false
		}
		if count += i - start; i == len(s) {
			break
		}
		switch c := s[i]; {
		case c == '=':
			padding++
		case c != ' ' && c != '\n' && c != '\r' && c != '\t' || (count+padding)%4 != 0:
			return false
		}
	}
	return count > 0 && padding <= 2 && (count+padding)%4 == 0
}
