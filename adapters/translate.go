package adapters

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// translate gives the code systems of all parts the URIs that maps know, and adds
// to each CodeableConcept what maps make of its codes: the source's own codings stay,
// and stay first.
func (a *Assembly) translate() {
	maps := a.in.Maps
	if maps.Version() == "" {
		return
	}
	for _, p := range a.parts {
		p.Walk(func(o *draft.Object) {
			if oid, ok := strings.CutPrefix(o.Text("system"), "urn:oid:"); ok && o.Has("code") {
				if uri := maps.URI(oid); uri != "" {
					o.Set("system", uri, o.From("system")...)
				}
			}
			if o.Has("coding") {
				translateConcept(o, maps)
			}
		})
	}
}

// translateConcept adds translations to a CodeableConcept. A concept that stands
// in several places is done once.
func translateConcept(concept *draft.Object, maps *conceptmap.Maps) {
	codings := concept.Objects("coding")
	has := make(map[conceptmap.Code]bool, len(codings))
	for _, c := range codings {
		has[codeOf(c)] = true
	}
	for _, c := range codings {
		for _, to := range maps.Translate(codeOf(c)) {
			key := conceptmap.Code{System: to.System, Code: to.Code}
			if has[key] {
				continue
			}
			has[key] = true
			concept.Add("coding", new(draft.Object).Set("system", to.System).Set("code", to.Code).Set("display", to.Display))
		}
	}
}

func codeOf(coding *draft.Object) conceptmap.Code {
	return conceptmap.Code{System: coding.Text("system"), Code: coding.Text("code")}
}
