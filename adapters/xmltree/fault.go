package xmltree

import (
	"fmt"

	"github.com/cordee-sante/cordee/fhir"
)

// A fault is one way a text is refused.
type fault struct {
	id   string
	kind fhir.Kind
	code fhir.IssueCode
	text fhir.Text
	hint fhir.Text
}

// The faults. Their ids are listed in docs/errors.md.
var (
	faultSize = fault{"xml.size", fhir.TooLarge, fhir.CodeTooLong,
		fhir.T("The document is too large.", "Le document est trop volumineux."),
		fhir.T("Send large attachments on their own.", "Envoyez à part les pièces jointes volumineuses.")}
	faultDepth = fault{"xml.depth", fhir.Unprocessable, fhir.CodeTooCostly,
		fhir.T("Elements are nested too deeply.", "Les éléments sont trop imbriqués."), fhir.Text{}}
	faultNodes = fault{"xml.nodes", fhir.Unprocessable, fhir.CodeTooCostly,
		fhir.T("The document has too many elements.", "Le document compte trop d’éléments."), fhir.Text{}}
	faultAttrs = fault{"xml.attributes", fhir.Unprocessable, fhir.CodeTooCostly,
		fhir.T("An element has too many attributes.", "Un élément porte trop d’attributs."), fhir.Text{}}
	faultDoctype = fault{"xml.doctype", fhir.Unprocessable, fhir.CodeSecurity,
		fhir.T("A document type declaration is not accepted.", "Une déclaration de type de document (DOCTYPE) n’est pas acceptée."),
		fhir.T("Remove DOCTYPE and entities.", "Retirez DOCTYPE et entités.")}
	faultEntity = fault{"xml.entity", fhir.Unprocessable, fhir.CodeSecurity,
		fhir.T("An entity is not defined.", "Une entité n’est pas définie."),
		fhir.T("Only &lt; &gt; &amp; &quot; &apos; and character references exist.", "Seules &lt; &gt; &amp; &quot; &apos; et les références de caractères existent.")}
	faultInclude = fault{"xml.include", fhir.Unprocessable, fhir.CodeSecurity,
		fhir.T("XInclude is not accepted.", "XInclude n’est pas accepté."), fhir.Text{}}
	faultInstruction = fault{"xml.instruction", fhir.Unprocessable, fhir.CodeStructure,
		fhir.T("A processing instruction is not accepted here.", "Une instruction de traitement n’est pas acceptée ici."), fhir.Text{}}
	faultCharset = fault{"xml.charset", fhir.Unprocessable, fhir.CodeNotSupported,
		fhir.T("The charset is not supported.", "Le jeu de caractères n’est pas pris en charge."),
		fhir.T("Use UTF-8, ISO-8859-1, ISO-8859-15 or Windows-1252, and declare it.", "Utilisez UTF-8, ISO-8859-1, ISO-8859-15 ou Windows-1252, et déclarez-le.")}
	faultBytes = fault{"xml.bytes", fhir.Unprocessable, fhir.CodeInvalid,
		fhir.T("Some bytes do not belong to the declared charset.", "Des octets n’appartiennent pas au jeu de caractères déclaré."),
		fhir.T("Declare the charset that the document is written in.", "Déclarez le jeu de caractères dans lequel le document est écrit.")}
	faultChar = fault{"xml.character", fhir.Unprocessable, fhir.CodeInvalid,
		fhir.T("A control character is not allowed in XML.", "Un caractère de contrôle est interdit en XML."), fhir.Text{}}
	faultEnd = fault{"xml.truncated", fhir.Unprocessable, fhir.CodeIncomplete,
		fhir.T("The document ends in the middle.", "Le document est tronqué."),
		fhir.T("Send it again in full.", "Renvoyez-le en entier.")}
	faultSyntax = fault{"xml.syntax", fhir.Unprocessable, fhir.CodeStructure,
		fhir.T("This is not well-formed XML.", "Ce n’est pas du XML bien formé."), fhir.Text{}}
	faultName = fault{"xml.name", fhir.Unprocessable, fhir.CodeStructure,
		fhir.T("A name is not allowed.", "Un nom n’est pas permis."), fhir.Text{}}
	faultMismatch = fault{"xml.mismatch", fhir.Unprocessable, fhir.CodeStructure,
		fhir.T("An end tag does not match the element that is open.", "Une balise fermante ne correspond pas à l’élément ouvert."), fhir.Text{}}
	faultPrefix = fault{"xml.prefix", fhir.Unprocessable, fhir.CodeStructure,
		fhir.T("A namespace prefix is not declared.", "Un préfixe d’espace de noms n’est pas déclaré."), fhir.Text{}}
	faultTwice = fault{"xml.duplicate", fhir.Unprocessable, fhir.CodeStructure,
		fhir.T("An attribute is given twice.", "Un attribut est donné deux fois."), fhir.Text{}}
)

// error says where in the text the fault is: the XPath of the element that is
// open, with line and column.
func (f fault) error(text string, offset int, path string) error {
	line, column := position(text, offset)
	at := path
	if at == "" {
		at = "/"
	}
	return fhir.Errorf(f.kind, "xmltree.Parse", f.id, f.code, fmt.Sprintf("%s (%d:%d)", at, line, column), f.text, f.hint)
}
