package summary

import "github.com/cordee-sante/cordee/fhir"

// The sections with their LOINC codes (IPS 2.0 Composition-uv-ips; those of
// France by CI-SIS).
var (
	problems = Section{Code: "11450-4", Display: "Problem list - Reported", Title: fhir.T("Problems", "Problèmes actifs"), Required: true,
		Takes: map[string]func(r) bool{"Condition": isActiveProblem}, Columns: []column{what, since, severity, certainty, remarks}}
	pastProblems = Section{Code: "11348-0", Display: "History of Past illness note", Title: fhir.T("Past illness", "Antécédents médicaux"),
		Takes: map[string]func(r) bool{"Condition": isPastProblem}, Columns: []column{what, since, until, remarks}}
	allergies = Section{Code: "48765-2", Display: "Allergies and adverse reactions Document", Title: fhir.T("Allergies and intolerances", "Allergies et intolérances"), Required: true,
		Takes: map[string]func(r) bool{"AllergyIntolerance": isActiveAllergy}, Columns: []column{what, criticality, reactions, since, certainty, remarks}}
	medications = Section{Code: "10160-0", Display: "History of Medication use Narrative", Title: fhir.T("Medication", "Traitements"), Required: true,
		Takes: map[string]func(r) bool{"MedicationStatement": isTaken, "MedicationRequest": isOrdered}, Columns: []column{what, posology, when, remarks}}
	immunizations = Section{Code: "11369-6", Display: "History of Immunization Narrative", Title: fhir.T("Immunizations", "Vaccinations"),
		Takes: map[string]func(r) bool{"Immunization": isValid}, Columns: []column{what, when, rank, state}}
	procedures = Section{Code: "47519-4", Display: "History of Procedures Document", Title: fhir.T("Procedures", "Actes et interventions"),
		Takes: map[string]func(r) bool{"Procedure": isDone}, Columns: []column{what, when, remarks}}
	devices = Section{Code: "46264-8", Display: "History of medical device use", Title: fhir.T("Medical devices", "Dispositifs médicaux"),
		Takes: map[string]func(r) bool{"DeviceUseStatement": isUsed}, Columns: []column{what, when, remarks}}
	directives = Section{Code: "42348-3", Display: "Advance directives", Title: fhir.T("Advance directives", "Directives anticipées"),
		Takes: map[string]func(r) bool{"Consent": isDirective}, Columns: []column{what, when}}
	functional = Section{Code: "47420-5", Display: "Functional status assessment note", Title: fhir.T("Functional status", "Statut fonctionnel"),
		Takes: map[string]func(r) bool{"ClinicalImpression": isValid}, Columns: []column{what, when}}
	pregnancy = Section{Code: "10162-6", Display: "History of pregnancies Narrative", Title: fhir.T("Pregnancy", "Grossesses"),
		Takes: map[string]func(r) bool{"Observation": isPregnancy}, Columns: []column{what, finding, when}}
	plan = Section{Code: "18776-5", Display: "Plan of care note", Title: fhir.T("Plan of care", "Plan de soins"),
		Takes: map[string]func(r) bool{"CarePlan": isActive}, Columns: []column{what, when}}
	socialHistory = Section{Code: "29762-2", Display: "Social history Narrative", Title: fhir.T("Social history", "Mode de vie"), Recent: true,
		Takes: map[string]func(r) bool{"Observation": isOf("social-history")}, Columns: []column{what, finding, when}}
	vitalSigns = Section{Code: "8716-3", Display: "Vital signs", Title: fhir.T("Vital signs", "Signes vitaux"), Recent: true,
		Takes: map[string]func(r) bool{"Observation": isOf("vital-signs")}, Columns: []column{what, finding, when}}
	familyHistory = Section{Code: "10157-6", Display: "History of family member diseases note", Title: fhir.T("Family history", "Antécédents familiaux"),
		Takes: map[string]func(r) bool{"FamilyMemberHistory": isValid}, Columns: []column{what, relatives, remarks}}
)

func results(code string) Section {
	return Section{Code: code, Display: "Relevant diagnostic tests/laboratory data Narrative", Title: fhir.T("Results", "Résultats"), Recent: true,
		Takes: map[string]func(r) bool{"Observation": isOf("laboratory", "imaging"), "DiagnosticReport": isReport}, Columns: []column{what, finding, normal, when}}
}

func alerts(code, display string) Section {
	return Section{Code: code, Display: display, Title: fhir.T("Alerts", "Points de vigilance"),
		Takes: map[string]func(r) bool{"Flag": isActive}, Columns: []column{what, when}}
}
