package writer

// propensities are the types of allergy (SNOMED CT) by AllergyIntolerance.type
// and category.
var propensities = map[[2]string][2]string{
	{"allergy", "medication"}: {"416098002", "allergie médicamenteuse"}, {"", "medication"}: {"419511003", "propension à une réaction indésirable à un médicament"},
	{"intolerance", "medication"}: {"59037007", "intolérance médicamenteuse"},
	{"allergy", "food"}:           {"414285001", "allergie alimentaire"}, {"", "food"}: {"418471000", "propension à une réaction indésirable à un aliment"},
	{"intolerance", "food"}:    {"235719002", "intolérance alimentaire"},
	{"allergy", "environment"}: {"426232007", "allergie environnementale"},
	{"allergy", ""}:            {"419199007", "allergie à une substance"}, {"intolerance", ""}: {"782197009", "intolérance à une substance"},
}

// absentAllergies are codes (SNOMED CT) that say that there is no allergy: they
// are no agent, and stand as the value.
var absentAllergies = map[string]bool{"716186003": true, "160244002": true, "409137002": true, "429625007": true, "428607008": true, "428197003": true}

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
	p, known := propensities[[2]string{r.Get("type").Text(), r.Get("category").First().Text()}]
	if !known {
		p = [2]string{"420134006", "propension à des réactions indésirables"}
	}
	o.add(sourceCode("code", "", r.Get("_type")).or(fixed("code", p[0], p[1], oidSNOMED)))
	_, end, times := course(r, "onset", "")
	code := r.Get("code")
	o.add(w.said("text", code.Get("text").Text()), completed(), times)
	if absentAllergies[code.Get("coding").First().Get("code").Text()] {
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
	display := map[string]string{"low": "faible", "high": "élevée", "unable-to-assess": "non évaluable"}[code]
	if display == "" {
		return nil
	}
	value := el("value", "xsi:type", "CD", "code", code, "displayName", display, "codeSystem", "2.16.840.1.113883.4.642.4.130")
	value = sourceCoded(r.Get("_criticality")).or(value)
	return w.attribute("SUBJ", true, fixed("code", "82606-5", "Criticité", oidLOINC), value, "", ihe+".4.13", cisisEntry+".48", cisisEntry+".170")
}

// sourceCoded is the value that an element of type code was made of, with its
// further codes; nil when that is not known.
func sourceCoded(n node) *element { return sourceCode("value", "CD", n) }

func sourceCode(name, xsiType string, n node) *element {
	var e *element
	for x := range n.Get("extension").Items() {
		if x.Get("url").Text() != ourDefinitions+"source-coding" {
			continue
		}
		if e == nil {
			if e = el(name, "xsi:type", xsiType); !coding(e, value(x)) {
				return nil
			}
		} else if t := el("translation"); coding(t, value(x)) {
			e.add(t)
		}
	}
	return e
}

// severities are the codes of SNOMED CT for the severity of a reaction.
var severities = map[string][2]string{"mild": {"255604002", "léger"}, "moderate": {"6736007", "modéré"}, "severe": {"24484000", "sévère"}}

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
			if s, ok := severities[reaction.Get("severity").Text()]; ok {
				value := sourceCoded(reaction.Get("_severity")).or(fixed("value", s[0], s[1], oidSNOMED).set("xsi:type", "CD"))
				p.add(w.attribute("SUBJ", true, fixed("code", "SEV", "Sévérité", oidActCode), value, "", ihe+".4.1", cisisEntry+".29"))
			}
			o.add(link("MFST", true, p))
		}
	}
}
