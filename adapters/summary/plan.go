package summary

import (
	"github.com/cordee-sante/cordee/fhir"
)

// A Plan is a kind of summary: how the document is named, and its sections.
type Plan struct {
	Name          string // for parameters: "ips"
	System, Code  string // Composition.type
	Display       string
	Title         fhir.Text
	Profile       string // of the Composition, where its rules are met; empty for none
	BundleProfile string
	Sections      []Section
}

// A Section is one section of a summary. One with sections of its own has no
// entries.
type Section struct {
	Code, Display string // LOINC
	Title         fhir.Text
	Required      bool                    // there even when it is empty
	Takes         map[string]func(r) bool // the entries by type; nil takes every one of the type
	Recent        bool                    // of several results for one code the last alone
	Columns       []column                // of the narrative
	Sections      []Section
}

// types are the resource types that a plan looks at.
func (p *Plan) types() map[string]bool {
	all := map[string]bool{}
	var walk func([]Section)
	walk = func(list []Section) {
		for i := range list {
			for typ := range list[i].Takes {
				all[typ] = true
			}
			walk(list[i].Sections)
		}
	}
	walk(p.Sections)
	return all
}

// IPS is the International Patient Summary (Composition-uv-ips): the sections
// that it requires, recommends and allows, in its order.
func IPS() Plan {
	return Plan{
		Name: "ips", System: loinc, Code: "60591-5", Display: "Patient summary Document",
		Title:         fhir.T("International Patient Summary", "Résumé international du patient"),
		Profile:       "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips",
		BundleProfile: "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips",
		Sections: []Section{problems, allergies, medications, immunizations, results("30954-2"), procedures, devices,
			directives, alerts("104605-1", "Alerts"), functional, pastProblems, pregnancy, plan, socialHistory, vitalSigns},
	}
}

// IPSFR is the IPS-FR of the CI-SIS: the same with the sections that France
// adds, and its code for alerts.
func IPSFR() Plan {
	p := IPS()
	p.Name, p.Profile, p.BundleProfile = "ips-fr", "", ""
	p.Title = fhir.T("Patient summary (IPS-FR)", "Synthèse médicale (IPS-FR)")
	p.Sections = []Section{allergies, medications, problems, pastProblems, procedures, devices, immunizations, results("30954-2"),
		alerts("44944-7", "Other alerts"), functional, pregnancy, socialHistory, familyHistory, vitalSigns, plan, directives}
	return p
}

// VSM is the Volet de Synthèse Médicale: its tree of sections
// (CI-SIS Volet VSM 1.4 §4).
func VSM() Plan {
	return Plan{
		Name: "vsm", System: "urn:oid:1.2.250.1.213.1.1.4.12", Code: "SYNTH", Display: "Synthèse",
		Title: fhir.T("Medical synthesis", "Synthèse médicale"),
		Sections: []Section{
			{Code: "46612-8", Display: "Conclusions de synthèse", Title: fhir.T("Conditions, history, allergies and risk factors", "Pathologies, antécédents, allergies et facteurs de risque"),
				Sections: []Section{
					{Code: "34117-2", Display: "Historique et physique", Title: fhir.T("Current conditions, history and allergies", "Pathologies en cours, antécédents et allergies"),
						Sections: []Section{problems, always(pastProblems), always(procedures), allergies}},
					{Code: "57207-3", Display: "Facteurs de risque", Title: fhir.T("Risk factors", "Facteurs de risque"),
						Sections: []Section{always(socialHistory), always(familyHistory)}},
				}},
			always(immunizations),
			always(results("30954-2")),
			{Code: "18776-5", Display: "Plan de traitement", Title: fhir.T("Long-term treatment", "Traitement au long cours"), Sections: []Section{medications}},
		},
	}
}

func always(s Section) Section {
	s.Required = true
	return s
}
