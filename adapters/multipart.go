package adapters

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// partsLimit bounds the documents of one request; each is a transaction.
const partsLimit = 1000

// documents returns the documents of a body: the parts of a multipart one (RFC
// 2046 §5.1, RFC 7578), the body itself otherwise. several is true for the
// former, even with one part. Names of files are not looked at: they often say
// whose document it is.
func documents(contentType string, body []byte) (list [][]byte, several bool, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		return [][]byte{body}, false, nil // what the bytes are, the bytes say
	}
	if params["boundary"] == "" {
		return nil, true, errMultipart(fhir.T("The Content-Type names no boundary.", "Le Content-Type n’indique pas de boundary."), nil)
	}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextPart()
		switch {
		case errors.Is(err, io.EOF) && len(list) > 0:
			return list, true, nil
		case errors.Is(err, io.EOF):
			return nil, true, errMultipart(fhir.T("There is no part between the boundaries.", "Il n’y a aucune partie entre les boundaries."), nil)
		case err != nil:
			return nil, true, errMultipart(fhir.T("The parts cannot be told apart after part %d.", "Les parties ne peuvent plus être distinguées après la partie %d.", len(list)), err)
		case len(list) == partsLimit:
			return nil, true, fhir.Errorf(fhir.TooLarge, "adapters.Ingest", "intake.multipart-parts", fhir.CodeTooCostly, "",
				fhir.T("There are more than %d documents in the request.", "La requête contient plus de %d documents.", partsLimit),
				fhir.T("Send them in several requests.", "Envoyez-les en plusieurs requêtes."))
		}
		document, err := content(part)
		if err != nil {
			return nil, true, errMultipart(fhir.T("Part %d cannot be read.", "La partie %d ne peut pas être lue.", len(list)+1), err)
		}
		list = append(list, document)
	}
}

// content returns the bytes of a part, its transfer encoding undone (RFC 2045
// §6; the reader undoes quoted-printable by itself).
func content(part *multipart.Part) ([]byte, error) {
	if part.FormName() != "" && part.FileName() == "" {
		return nil, errors.New("a form field that is no file")
	}
	var r io.Reader = part
	if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
		r = base64.NewDecoder(base64.StdEncoding, part)
	}
	return io.ReadAll(r)
}

func errMultipart(text fhir.Text, cause error) error {
	return fhir.Errorf(fhir.Malformed, "adapters.Ingest", "intake.multipart", fhir.CodeStructure, "http.Content-Type", text,
		fhir.T("Send one part for each document: a file of a multipart/form-data, or a part of a multipart/mixed. Options go into the URL.",
			"Envoyez une partie par document : un fichier d’un multipart/form-data, ou une partie d’un multipart/mixed. Les options vont dans l’URL.")).Wrap(cause)
}
