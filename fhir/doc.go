// Package fhir holds the nouns of the gateway: resources and their keys,
// queries and pages, changes, errors, and the Repository that every store,
// guard and trail implements.
//
// The words are those of FHIR R4 (https://hl7.org/fhir/R4/http.html). The
// package imports nothing else of ours, holds no behaviour beyond what its
// values need, and knows neither who asks nor where bytes are kept.
package fhir
