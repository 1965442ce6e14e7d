package cda

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// nonXMLBody takes a document that is a PDF, a picture or plain text out of its
// envelope, beside the original: both are the same document.
func (c *conversion) nonXMLBody(n *node) error {
	text := n.Element("text")
	data, err := c.media(text)
	if err != nil {
		return err
	}
	contentType := token(text.Attr("mediaType"))
	if contentType == "" {
		contentType = "text/plain"
	}
	attachment := c.Attachment(contentType, data, c.original, "nonXMLBody")
	spoken := n.Element("languageCode")
	attachment.Set("language", language(spoken), mark(spoken))
	for t := range text.Nodes() {
		attachment.Mark(t.Mark)
	}
	c.original.Add("content", new(object).Put("attachment", attachment))
	section := new(object).Set("title", c.composition.Text("title")).Add("entry", c.Reference(c.original))
	c.composition.Add("section", section)
	return nil
}

// media returns what an ED of base64 or text holds. Base64 that does not decode is no document: nothing could be shown of it, and
// neither is a file that is not the one whose hash is given.
func (c *conversion) media(n *node) ([]byte, error) {
	text, runs := "", 0
	for t := range n.Nodes() {
		if t.IsText() {
			text, runs = t.Text, runs+1
		}
	}
	if runs > 1 {
		var b strings.Builder
		for t := range n.Nodes() {
			b.WriteString(t.Text)
		}
		text = b.String()
	}
	at := n
	if at == nil {
		at = c.root
	}
	if strings.TrimSpace(text) == "" { // nothing outside the document is fetched
		return nil, fault(c.doc, at, "cda.no-text",
			fhir.T("The body of the document is empty.", "Le corps du document est vide."),
			fhir.T("Embed the file in the document, as base64.", "Joignez le fichier au document, en base64."))
	}
	var content []byte
	if n.Attr("representation") != "B64" {
		content = []byte(text)
	} else {
		var ok bool
		if content, ok = decodeBase64(text); !ok {
			return nil, fault(c.doc, n, "cda.base64",
				fhir.T("An embedded file is damaged: it is not base64.", "Un fichier joint est endommagé : ce n’est pas du base64."),
				fhir.T("Send the document again with the whole file.", "Renvoyez le document avec le fichier entier."))
		}
	}
	unpacked, ok := unpack(n.Attr("compression"), content)
	if !ok {
		return nil, fault(c.doc, n, "cda.compression",
			fhir.T("An embedded file cannot be unpacked.", "Un fichier joint ne peut pas être décompressé."),
			fhir.T("Send it as it is, or packed as DF, ZL or GZ and no larger than 50 MB.", "Envoyez-le tel quel, ou compressé en DF, ZL ou GZ et de 50 Mo au plus."))
	}
	if !intact(n, content) && !intact(n, unpacked) {
		return nil, fault(c.doc, n, "cda.integrity",
			fhir.T("An embedded file is not the one that its hash was taken of.", "Un fichier joint n’est pas celui dont l’empreinte a été prise."),
			fhir.T("Send the document again; whoever changed the file has to hash it anew.", "Renvoyez le document ; qui a modifié le fichier doit en refaire l’empreinte."))
	}
	return unpacked, nil
}

// intact reports whether a file has the hash that integrityCheck gives, SHA-1
// where the algorithm is left out (HL7 V3 data types, ED). Without one it is
// taken as it is; one of another algorithm is no proof either way.
func intact(n *node, content []byte) bool {
	want, err := base64.StdEncoding.DecodeString(strings.TrimSpace(n.Attr("integrityCheck")))
	var h hash.Hash
	switch n.Attr("integrityCheckAlgorithm") {
	case "", "SHA-1":
		h = sha1.New()
	case "SHA-256":
		h = sha256.New()
	}
	if !n.HasAttr("integrityCheck") || h == nil {
		return true
	}
	h.Write(content)
	return err == nil && bytes.Equal(want, h.Sum(nil))
}
