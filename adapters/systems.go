package adapters

import "strings"

// systems are the URIs of code systems and value sets that documents name by
// OID. An OID has a URI here when the owner of the system published one; for
// all others urn:oid: is exact. French OIDs come from the nomenclature pages of
// the ANS (NOS, SMT); HL7 ones from terminology.hl7.org.
var systems = map[string]string{
	"2.16.840.1.113883.6.1":       "http://loinc.org",
	"2.16.840.1.113883.6.96":      "http://snomed.info/sct",
	"2.16.840.1.113883.6.3":       "http://hl7.org/fhir/sid/icd-10",
	"2.16.840.1.113883.6.43.1":    "http://terminology.hl7.org/CodeSystem/icd-o-3",
	"2.16.840.1.113883.6.139":     "http://hl7.org/fhir/sid/icpc-2",
	"2.16.840.1.113883.6.73":      "http://www.whocc.no/atc",
	"2.16.840.1.113883.6.8":       "http://unitsofmeasure.org",
	"2.16.840.1.113883.6.88":      "http://www.nlm.nih.gov/research/umls/rxnorm",
	"2.16.840.1.113883.12.292":    "http://hl7.org/fhir/sid/cvx",
	"2.16.840.1.113883.3.26.1.1":  "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
	"0.4.0.127.0.16.1.1.2.1":      "http://standardterms.edqm.eu",
	"1.2.840.10008.2.16.4":        "http://dicom.nema.org/resources/ontology/DCM",
	"2.16.840.1.113883.3.6905.2":  "http://data.esante.gouv.fr/ansm/medicament/codeSMS",
	"1.2.250.1.215.300.1":         "https://smt.esante.gouv.fr/terminologie-ccam",
	"2.16.840.1.113883.4.642.3.1": "http://hl7.org/fhir/administrative-gender",

	// The CI-SIS names these systems by the OID of a value set over them.
	"2.16.840.1.113883.4.642.1.1074": "http://terminology.hl7.org/CodeSystem/condition-clinical",
	"2.16.840.1.113883.4.642.1.1075": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
	"2.16.840.1.113883.4.642.4.1373": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
	"2.16.840.1.113883.4.642.4.1371": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
	"2.16.840.1.113883.4.642.4.130":  "http://hl7.org/fhir/allergy-intolerance-criticality",

	"2.16.840.1.113883.5.1":    v3 + "AdministrativeGender",
	"2.16.840.1.113883.5.2":    v3 + "MaritalStatus",
	"2.16.840.1.113883.5.4":    v3 + "ActCode",
	"2.16.840.1.113883.5.6":    v3 + "ActClass",
	"2.16.840.1.113883.5.7":    v3 + "ActPriority",
	"2.16.840.1.113883.5.8":    v3 + "ActReason",
	"2.16.840.1.113883.5.14":   v3 + "ActStatus",
	"2.16.840.1.113883.5.25":   v3 + "Confidentiality",
	"2.16.840.1.113883.5.60":   v3 + "LanguageAbilityMode",
	"2.16.840.1.113883.5.83":   v3 + "ObservationInterpretation",
	"2.16.840.1.113883.5.84":   v3 + "ObservationMethod",
	"2.16.840.1.113883.5.88":   v3 + "ParticipationFunction",
	"2.16.840.1.113883.5.90":   v3 + "ParticipationType",
	"2.16.840.1.113883.5.104":  v3 + "Race",
	"2.16.840.1.113883.5.110":  v3 + "RoleClass",
	"2.16.840.1.113883.5.111":  v3 + "RoleCode",
	"2.16.840.1.113883.5.112":  v3 + "RouteOfAdministration",
	"2.16.840.1.113883.5.139":  v3 + "TimingEvent",
	"2.16.840.1.113883.5.1008": v3 + "NullFlavor",
	"2.16.840.1.113883.5.1070": v3 + "substanceAdminSubstitution",
	"2.16.840.1.113883.5.1076": v3 + "ReligiousAffiliation",

	"1.2.250.1.213.1.1.4.13": SystemVisibility,
	"1.2.250.1.71.4.2.4":     nos + "TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite",
	"1.2.250.1.71.1.2.7":     SystemProfession,
	"1.2.250.1.213.3.3.13":   nos + "TRE_R213-ModePriseEnCharge/FHIR/TRE-R213-ModePriseEnCharge",
	"1.2.250.1.213.1.6.1.8":  nos + "TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement",
}

const (
	v3  = "http://terminology.hl7.org/CodeSystem/v3-"
	nos = "https://mos.esante.gouv.fr/NOS/"
)

// Code systems that adapters write by name.
const (
	SystemVisibility = nos + "TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
	SystemProfession = nos + "TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
	SystemSpecialty  = nos + "TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
	SystemCommune    = nos + "TRE_R13-Commune/FHIR/TRE-R13-Commune"
	SystemUCUM       = "http://unitsofmeasure.org"
)

// System returns the URI of the code system with that OID: the published one,
// or urn:oid:. It is empty for what is no OID.
func System(oid string) string {
	if uri, ok := systems[oid]; ok {
		return uri
	}
	if !IsOID(oid) {
		return ""
	}
	return "urn:oid:" + oid
}

// OID returns the OID of the code system with that URI, the inverse of System;
// empty when no document could name it.
func OID(uri string) string {
	if oid, ok := strings.CutPrefix(uri, "urn:oid:"); ok && IsOID(oid) {
		return oid
	}
	for oid, of := range systems { // no URI is there twice
		if of == uri {
			return oid
		}
	}
	return ""
}

// IsOID reports whether s is dotted numbers without leading zeros, from 0, 1 or
// 2 (R4 datatypes.html#oid).
func IsOID(s string) bool {
	if s == "" || s[0] > '2' || !strings.Contains(s, ".") {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if !digits(part, len(part)) || part == "" || len(part) > 1 && part[0] == '0' {
			return false
		}
	}
	return true
}
