package writer

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

const systemConfidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

// A label is a security label: how secret something is, or from whom it is
// masked.
type label struct{ system, code string }

var labelNames = map[string]string{"N": "Normal", "R": "Restreint", "V": "Très restreint", "MASQUE_PS": "Masqué aux professionnels de santé",
	"INVISIBLE_PATIENT": "Non visible par le patient", "INVISIBLE_REPRESENTANTS_LEGAUX": "Non visible par les représentants légaux du patient"}

// element is the confidentialityCode.
func (l label) element(oid string) *element {
	return el("confidentialityCode", "code", l.code, "displayName", labelNames[l.code], "codeSystem", oid)
}

// labels decides what is written as secret: the document, or sections of it. CDA
// has one code for each. Whatever is labelled in the record stands in a part that
// has the label, and perhaps more does; when one code is not enough for that the
// document is not written, for a mask that is lost opens the record.
func (w *writer) labels(c resource) error {
	w.secrets = map[string]label{}
	w.secret = label{systemConfidentiality, "N"}
	own := labelsOf(c)
	switch code := c.Get("confidentiality").Text(); {
	case code != "" && code != "N":
		w.secret.code = code
	case code == "" && len(own) > 0:
		w.secret = own[0]
	}
	covered := []label{w.secret}
	if err := w.sectionLabels(c, c.node, &covered); err != nil {
		return err
	}
	all := own
	for _, e := range w.Entries {
		all = append(all, labelsOf(resource{e.Doc.Root(), e.FullURL})...)
	}
	for _, l := range all {
		if slices.Contains(covered, l) {
			continue
		}
		if w.secret.code != "N" {
			return errLabels()
		}
		w.secret = l
		covered = append(covered, l)
	}
	return nil
}

// sectionLabels notes the label of every section that has entries with one.
func (w *writer) sectionLabels(c resource, parent node, covered *[]label) error {
	for s := range parent.Get("section").Items() {
		var found []label
		for _, r := range w.all(c, s.Get("entry")) {
			for _, l := range labelsOf(r) {
				if l != w.secret && !slices.Contains(found, l) {
					found = append(found, l)
				}
			}
		}
		if len(found) > 1 {
			return errLabels()
		}
		if len(found) == 1 {
			w.secrets[s.Raw()] = found[0]
			*covered = append(*covered, found[0])
		}
		if err := w.sectionLabels(c, s, covered); err != nil {
			return err
		}
	}
	return nil
}

// labelsOf are the labels of a resource, without N, which hides nothing.
func labelsOf(r resource) (list []label) {
	for l := range r.At("meta", "security").Items() {
		if system, code := l.Coding(); code != "" && code != "N" {
			list = append(list, label{system, code})
		}
	}
	return list
}

func errLabels() error {
	return fhir.Errorf(fhir.Unprocessable, "writer.Write", "cda.labels", fhir.CodeSecurity, "Composition.meta.security",
		fhir.T("The document has more security labels than CDA can say.", "Le document porte plus de marques de confidentialité que le CDA ne peut en exprimer."),
		fhir.T("Ask for the FHIR document.", "Demandez le document FHIR."))
}
