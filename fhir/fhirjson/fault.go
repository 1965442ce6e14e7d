package fhirjson

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/fhir"
)

// A fault is one way in which a text is refused.
type fault struct {
	id         string
	code       fhir.IssueCode
	text, hint fhir.Text
}

var (
	faultSyntax = fault{"json.syntax", fhir.CodeStructure,
		fhir.T("The text is not well-formed JSON.", "Le texte n'est pas du JSON bien formé."),
		fhir.T("Put the syntax right at this place (RFC 8259).", "Corrigez la syntaxe à cet endroit (RFC 8259).")}
	faultEnd = fault{"json.end", fhir.CodeStructure,
		fhir.T("The text ends inside a value.", "Le texte s'arrête au milieu d'une valeur."),
		fhir.T("Send the whole document; it may have been cut on its way.", "Envoyez le document entier ; il a peut-être été coupé en chemin.")}
	faultTrailing = fault{"json.trailing", fhir.CodeStructure,
		fhir.T("There is text after the JSON value.", "Du texte suit la valeur JSON."),
		fhir.T("Send one value; several resources go into a Bundle.", "Envoyez une seule valeur ; plusieurs ressources se mettent dans un Bundle.")}
	faultBOM = fault{"json.byte-order-mark", fhir.CodeInvalid,
		fhir.T("The text starts with a byte order mark.", "Le texte commence par une marque d'ordre des octets (BOM)."),
		fhir.T("Write UTF-8 without a byte order mark (RFC 8259 §8.1).", "Écrivez en UTF-8 sans BOM (RFC 8259 §8.1).")}
	faultUTF8 = fault{"json.utf-8", fhir.CodeInvalid,
		fhir.T("The text is not valid UTF-8.", "Le texte n'est pas de l'UTF-8 valide."),
		fhir.T("Encode the document as UTF-8; Latin-1 must be converted first.", "Encodez le document en UTF-8 ; le Latin-1 doit d'abord être converti.")}
	faultSurrogate = fault{"json.surrogate", fhir.CodeInvalid,
		fhir.T("A \\u escape is half of a surrogate pair.", "Une séquence \\u est une moitié de paire de substitution."),
		fhir.T("Write both halves, or the character itself in UTF-8.", "Écrivez les deux moitiés, ou le caractère lui-même en UTF-8.")}
	faultControl = fault{"json.control-character", fhir.CodeInvalid,
		fhir.T("The text holds a control character.", "Le texte contient un caractère de contrôle."),
		fhir.T("A string may hold tab, line feed and carriage return, written \\t, \\n, \\r, and no other (R4 datatypes.html#string).",
			"Une chaîne peut contenir tabulation, saut de ligne et retour chariot, écrits \\t, \\n, \\r, et aucun autre (R4 datatypes.html#string).")}
	faultDuplicate = fault{"json.duplicate-name", fhir.CodeStructure,
		fhir.T("A name occurs twice in one object.", "Un nom figure deux fois dans un même objet."),
		fhir.T("Keep one; several values go into an array.", "N'en gardez qu'un ; plusieurs valeurs se mettent dans un tableau.")}
	faultCase = fault{"json.case-variant-name", fhir.CodeStructure,
		fhir.T("Two names of one object differ only in upper and lower case.", "Deux noms d'un même objet ne diffèrent que par la casse."),
		fhir.T("Names of elements are case-sensitive; keep the one of the specification.",
			"Les noms d'éléments sont sensibles à la casse ; gardez celui de la spécification.")}
	faultNull = fault{"json.null", fhir.CodeStructure,
		fhir.T("null is not a value here.", "null n'est pas une valeur à cet endroit."),
		fhir.T("Leave the element out; null only keeps a place in an array of primitives (R4 json.html#primitive).",
			"Omettez l'élément ; null ne sert qu'à tenir une place dans un tableau de primitives (R4 json.html#primitive).")}
)

// limitFaults say which limit a text exceeds.
func depthFault(most int) fault {
	return fault{"json.depth", fhir.CodeStructure,
		fhir.T("The text is nested more than %d levels deep.", "Le texte est imbriqué sur plus de %d niveaux.", most),
		fhir.T("Flatten the document; no resource of R4 needs as many.", "Aplatissez le document ; aucune ressource R4 n'en demande autant.")}
}

func membersFault(most int) fault {
	return fault{"json.members", fhir.CodeTooCostly,
		fhir.T("An object has more than %d members.", "Un objet a plus de %d membres.", most),
		fhir.T("No type of R4 has as many elements.", "Aucun type de R4 n'a autant d'éléments.")}
}

func valuesFault(most int) fault {
	return fault{"json.values", fhir.CodeTooCostly,
		fhir.T("The text holds more than %d values.", "Le texte contient plus de %d valeurs.", most),
		fhir.T("Send the document in parts.", "Envoyez le document en plusieurs parties.")}
}

func numberFault(most int) fault {
	return fault{"json.number-length", fhir.CodeValue,
		fhir.T("A number is longer than %d characters.", "Un nombre dépasse %d caractères.", most),
		fhir.T("Send no more digits than were measured.", "N'envoyez pas plus de chiffres qu'il n'en a été mesuré.")}
}

func bytesFault(most int) fault {
	return fault{"json.too-long", fhir.CodeTooLong,
		fhir.T("The text is longer than %d bytes.", "Le texte dépasse %d octets.", most),
		fhir.T("Send the document in parts, or large attachments as Binary.", "Envoyez le document en plusieurs parties, ou les grandes pièces jointes en Binary.")}
}

// at makes the error of a fault at an offset of the text.
func (f fault) at(text string, offset int) error {
	kind := fhir.Malformed
	if f.code == fhir.CodeTooLong {
		kind = fhir.TooLarge
	}
	return fhir.Errorf(kind, "fhirjson.Parse", f.id, f.code, position(text, offset), f.text, f.hint)
}

// position gives an offset as editors do: from 1, columns in characters.
func position(text string, offset int) string {
	before := text[:min(offset, len(text))]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("line %d, column %d", line, column)
}
