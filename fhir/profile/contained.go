package profile

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

var (
	containedNested = problem{"profile.contained-nested", fhir.CodeInvariant,
		fhir.T("A contained resource contains resources itself.", "Une ressource incluse en inclut d'autres."),
		fhir.T("Move them into contained of the outer resource (dom-2).", "Placez-les dans contained de la ressource extérieure (dom-2).")}
	containedID = problem{"profile.contained-id", fhir.CodeRequired,
		fhir.T("A contained resource has no id.", "Une ressource incluse n'a pas d'id."),
		fhir.T("Give it an id, and refer to it with # and the id (R4 references.html#contained).",
			"Donnez-lui un id, et désignez-la par # suivi de cet id (R4 references.html#contained).")}
	containedTwice = problem{"profile.contained-twice", fhir.CodeDuplicate,
		fhir.T("Two contained resources have the same id.", "Deux ressources incluses ont le même id."),
		fhir.T("Give each its own id.", "Donnez à chacune son propre id.")}
	containedMeta = problem{"profile.contained-meta", fhir.CodeInvariant,
		fhir.T("A contained resource has no versions and no labels of its own.", "Une ressource incluse n'a ni version ni étiquette propres."),
		fhir.T("Remove versionId, lastUpdated and security from its meta (dom-4, dom-5).",
			"Supprimez versionId, lastUpdated et security de son meta (dom-4, dom-5).")}
)

// contained validates what holds for contained resources only (R4
// references.html#contained).
func (v *validator) contained(n fhirjson.Node) {
	if n.Get("contained").Exists() {
		v.reportAt("contained", containedNested)
	}
	id := n.Get("id").Text()
	if id == "" {
		v.reportAt("id", containedID)
	}
	list := v.container.Get("contained")
	for c := list.First(); c.Exists() && c != n; c = c.Next() {
		if id != "" && c.Get("id").Text() == id {
			v.reportAt("id", containedTwice)
			break
		}
	}
	meta := n.Get("meta")
	for _, name := range []string{"versionId", "lastUpdated", "security"} {
		if meta.Get(name).Exists() {
			v.push("meta")
			v.reportAt(name, containedMeta)
			v.pop()
		}
	}
}
