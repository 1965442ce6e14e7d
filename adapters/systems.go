package adapters

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

// systems are the URIs of code systems and value sets that documents name by
// OID: those of the ConceptMap oid-uri that is shipped.
var systems = conceptmap.ShippedURIs()

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
