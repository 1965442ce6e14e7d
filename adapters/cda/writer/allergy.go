package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// propensity is the type of an allergy: a code that the ConceptMaps read as just
// its type and category, or one that leaves the category open.
func (w *writer) propensity(r resource) *element {
	typ, category := r.Get("type").Text(), r.Get("category").First().Text()
	for _, wanted := range []string{category, ""} {
		for _, c := range w.maps.Written(conceptmap.AllergyType, typ) {
			read, known := w.maps.Required(conceptmap.AllergyCategory, c.System, c.Code)
			if oid := w.oid(c.System); known && read == wanted && oid != "" {
				return fixed("code", c.Code, c.Display, oid)
			}
		}
	}
	return null("code", "UNK")
}

// isNoAllergy reports whether a concept says that there is no allergy: it is no
// agent, and stands as the value.
func (w *writer) isNoAllergy(n node) bool {
	first := n.Get("coding").First()
	_, known := w.maps.Required(conceptmap.AbsentOrUnknown, first.Get("system").Text(), first.Get("code").Text())
	return known
}

// allergyConcern writes an AllergyIntolerance as FR-Liste-des-allergies with
// FR-Allergie-ou-hypersensibilite.
func (w *writer) allergyConcern(r resource) *element {
	onset, end, _ := course(r, "onset", "")
	return w.concern(r, w.allergy(r), "allergyintolerance-assertedDate", onset, end, ihe+".4.5.1", ihe+".4.5.3", cisisEntry+".40")
}

func (w *writer) allergy(r resource) *element {
	o := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates(ihe+".4.5", ihe+".4.6", cisisEntry+".41")...)
	negation(o, coded(r.Get("verificationStatus"), "refuted"))
	o.add(ownIDs(r)...)
	o.add(w.sourceCode("code", "", r.Get("_type")).or(w.propensity(r)))
	_, end, times := course(r, "onset", "")
	code := r.Get("code")
	o.add(w.said("text", code.Get("text").Text()), completed(), times)
	if w.isNoAllergy(code) {
		o.add(w.concept("value", "CD", code))
	} else {
		o.add(el("value", "xsi:type", "CD", "nullFlavor", "NA"), w.agent(code))
	}
	o.add(w.author(r, r.Get("recorder"), r.Get("recordedDate").Text()))
	w.informed(o, r, r.Get("asserter"))
	w.reactions(o, r)
	o.add(w.status(r, end), w.certainty(r.Get("verificationStatus")), w.criticality(r))
	w.comments(o, r, 0)
	w.reasons(o, r)
	return o
}

// agent is what the patient is allergic to.
func (w *writer) agent(code node) *element {
	entity := el("playingEntity", "classCode", "MMAT").add(w.concept("code", "", code), leaf("name", code.Get("text").Text()))
	return el("participant", "typeCode", "CSM").add(el("participantRole", "classCode", "MANU").add(entity))
}

func (w *writer) criticality(r resource) *element {
	code := r.Get("criticality").Text()
	value := w.sourceCoded(r.Get("_criticality")).or(w.required("value", "CD", conceptmap.Criticality, code))
	if code == "" || value == nil {
		return nil
	}
	return w.attribute("SUBJ", true, fixed("code", "82606-5", "Criticité", oidLOINC), value, "", ihe+".4.13", cisisEntry+".48", cisisEntry+".170")
}

// sourceCoded is the value that an element of type code was made of, with its
// further codes; nil when that is not known.
func (w *writer) sourceCoded(n node) *element { return w.sourceCode("value", "CD", n) }

func (w *writer) sourceCode(name, xsiType string, n node) *element {
	var e *element
	for x := range n.Get("extension").Items() {
		if x.Get("url").Text() != ourDefinitions+"source-coding" {
			continue
		}
		if e == nil {
			if e = el(name, "xsi:type", xsiType); !w.coding(e, value(x)) {
				return nil
			}
		} else if t := el("translation"); w.coding(t, value(x)) {
			e.add(t)
		}
	}
	return e
}

// reactions writes what happened on exposure: FR-Probleme for each
// manifestation.
func (w *writer) reactions(o *element, r resource) {
	for reaction := range r.Get("reaction").Items() {
		for m := range reaction.Get("manifestation").Items() {
			text := reaction.Get("description").Text()
			if text == "" {
				text = m.Get("text").Text()
			}
			p := el("observation", "classCode", "OBS", "moodCode", "EVN", "negationInd", "false").add(templates(ihe+".4.5", cisisEntry+".37")...)
			p.add(fixed("code", "404684003", "résultat clinique", oidSNOMED), w.said("text", text), completed())
			p.add(el("effectiveTime").add(point("low", reaction.Get("onset").Text()).or(null("low", "UNK"))), w.concept("value", "CD", m))
			if value := w.sourceCoded(reaction.Get("_severity")).or(w.required("value", "CD", conceptmap.ReactionSeverity, reaction.Get("severity").Text())); value != nil {
				p.add(w.attribute("SUBJ", true, fixed("code", "SEV", "Sévérité", oidActCode), value, "", ihe+".4.1", cisisEntry+".29"))
			}
			o.add(link("MFST", true, p))
		}
	}
}
