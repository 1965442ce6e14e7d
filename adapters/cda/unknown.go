package cda

import (
	"fmt"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// templateRoots are where the templates come from that this package reads, or whose
// statements it reads by their class: CI-SIS, HL7 France, IHE, HL7, DICOM.
var templateRoots = []string{"1.2.250.1.213.1.1.", "2.16.840.1.113883.2.8.", "1.3.6.1.4.1.19376.1.", "2.16.840.1.113883.10.", dicomEntry}

// stranger warns of a statement all of whose templates are from elsewhere, once
// for each template: it is read by its class, which may say less than it means.
func (c *conversion) stranger(n *node) {
	var first *node
	for t := range n.Elements("templateId") {
		for _, family := range templateRoots {
			if strings.HasPrefix(t.Attr("root"), family) {
				return
			}
		}
		if first == nil {
			first = t
		}
	}
	oid := first.Attr("root")
	const most = 20
	if oid == "" || c.strange[oid] || len(c.strange) == most {
		return
	}
	c.strange[oid] = true
	c.unknownTemplate("cda.unknown-template", first,
		fhir.T("A template is not known; what follows it is read by its class.", "Un modèle n’est pas connu ; ce qui le suit est lu selon sa classe."))
}

// unknownTemplate adds the warning, with XPath, line and column.
func (c *conversion) unknownTemplate(id string, n *node, text fhir.Text) {
	line, column := c.doc.Position(n.Offset)
	c.warn(fhir.Issue{ID: id, Severity: fhir.SeverityWarning, Code: fhir.CodeNotSupported, At: fmt.Sprintf("%s (%d:%d)", n.Path(), line, column), Text: text,
		Hint: fhir.T("Compare what was made of it with the document.", "Comparez ce qui en a été fait avec le document.")})
}

// kind names the kind of document in the report, and warns of one that is not
// known: header, sections and entries are read all the same.
func (c *conversion) kind() {
	name, at := documentKind(c.root)
	c.Report.Document = name
	if at != nil {
		c.unknownTemplate("cda.unknown-document", at,
			fhir.T("The kind of document is not known; it is read by what it shares with others.", "Le genre du document n’est pas connu ; il est lu selon ce qu’il a de commun avec d’autres."))
	}
}
