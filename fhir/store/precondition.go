package store

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// precondition checks If-Match, and that a create meets no resource.
func precondition(c *change, cur *record) error {
	if c.Method == fhir.Create && cur != nil {
		return fhir.Errorf(fhir.Conflict, "store.Commit", "resource.exists", fhir.CodeDuplicate, c.at("id"),
			fhir.T("A resource of this id exists.", "Une ressource de cet identifiant existe déjà."),
			fhir.T("Use PUT to update it.", "Utilisez PUT pour la modifier."))
	}
	if c.IfMatch == "" {
		return nil
	}
	if cur != nil && cur.effect != fhir.Deleted && strconv.FormatUint(cur.version, 10) == c.IfMatch {
		return nil
	}
	at, now := c.at("request.ifMatch"), "-"
	if !c.bundled {
		at = "http.If-Match"
	}
	if cur != nil {
		now = strconv.FormatUint(cur.version, 10)
	}
	return fhir.Errorf(fhir.PreconditionFailed, "store.Commit", "resource.version", fhir.CodeConflict, at,
		fhir.T("The resource is at version %s.", "La ressource est en version %s.", now),
		fhir.T("Read it again, redo your change on that version and send If-Match with it.", "Relisez-la, refaites votre modification sur cette version et envoyez-la dans If-Match."))
}

// same reports whether a change says what is stored already, id and meta of the
// store apart. A Binary says more than its text: what its context is by now.
func (r *record) same(c *change) bool {
	if r.facts.Key.Type == "Binary" && !(slices.Equal(r.facts.Patients, c.facts.Patients) && slices.Equal(r.facts.Labels, c.facts.Labels)) {
		return false
	}
	body, doc := r.body, c.doc
	switch {
	case (len(r.content) == 0) == (len(c.Content) == 0):
		if !bytes.Equal(r.content, c.Content) {
			return false
		}
	case len(r.content) > 0:
		body = fhir.Whole(body, r.content)
	default:
		var err error
		if doc, err = fhirjson.Parse(fhir.Whole(c.Body, c.Content)); err != nil {
			return false
		}
	}
	old, err := fhirjson.Parse(body)
	return err == nil && bytes.Equal(fhirjson.StripMeta(old), fhirjson.StripMeta(doc))
}
