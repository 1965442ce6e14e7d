package identity

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A Level is how far an identity is established (RNIV, volet 0, §3).
type Level uint8

// The levels, from the least.
const (
	Provisional  Level = iota // identité provisoire
	Validated                 // identité validée: a document was checked
	INSRetrieved              // identité récupérée: traits and INS came from INSi
	Qualified                 // identité qualifiée: both
)

// A Status is the level of an identity, with what speaks against it.
type Status struct {
	Level      Level
	Doubtful   bool // DOUT
	Fictitious bool // FICT
	Homonym    bool // HOMD, HOMA: another person has the same traits
}

const reliabilityExtension = "fr-core-identity-reliability"

// StatusOf reads the extension fr-core-identity-reliability of a Patient, of
// both generations: fr-core-cs-v2-0445, in which VALI says qualified of a patient
// that has an INS, and fr-core-cs-identity-status of the RNIV v2, in which it says
// validated. ok is false when the resource says nothing of it.
func StatusOf(patient fhirjson.Node) (s Status, ok bool) {
	for e := range patient.Get("extension").Items() {
		if !strings.HasSuffix(e.Get("url").Text(), "/"+reliabilityExtension) {
			continue
		}
		for part := range e.Get("extension").Items() {
			system, code := part.Get("valueCoding").Coding()
			if part.Get("url").Text() == "identityStatus" {
				ok = true
				s.note(code, strings.HasSuffix(system, "/fr-core-cs-v2-0445"), hasINS(patient))
			} else if part.Get("url").Text() == "comment" {
				s.flag(code)
			}
		}
	}
	return s, ok
}

// note takes one status code in; several may stand beside each other.
func (s *Status) note(code string, old, hasINS bool) {
	level := Provisional
	switch code {
	case "VALI":
		if level = Validated; old && hasINS {
			level = Qualified
		}
	case "RECUP", "RECD":
		level = INSRetrieved
	case "QUAL":
		level = Qualified
	default:
		s.flag(code)
	}
	s.Level = max(s.Level, level)
}

func (s *Status) flag(code string) {
	switch code {
	case "DOUT", "DOUA", "USUR", "ANOM":
		s.Doubtful = true
	case "FICT":
		s.Fictitious = true
	case "HOMD", "HOMA":
		s.Homonym = true
	}
}

func hasINS(patient fhirjson.Node) bool {
	var t Traits
	for i := range patient.Get("identifier").Items() {
		t.identifier(i)
	}
	return len(t.INS) > 0
}
