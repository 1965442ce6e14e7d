package identity

import (
	"slices"

	"github.com/cordee-sante/cordee/adapters"
)

// A Grade is how sure a match is (http://terminology.hl7.org/CodeSystem/match-grade).
type Grade string

// The grades that are returned.
const (
	Certain  Grade = "certain"  // the same INS, and traits that fit it
	Probable Grade = "probable" // score of at least 90
	Possible Grade = "possible" // score of at least 70, or the same INS with traits that contradict it
	none     Grade = "certainly-not"
)

// The weights of the traits, and the scores of the grades, in hundredths. A
// trait that only one of the two has counts half.
const (
	familyWeight     = 30
	givenWeight      = 25
	birthDateWeight  = 25
	birthPlaceWeight = 10
	sexWeight        = 5
	contactWeight    = 5

	probableScore = 90
	possibleScore = 70

	// Given names beside the first confirm less: they repeat in a family.
	otherGivenPercent = 90
)

// Compare says how sure it is that two records are of one person, with a score of
// 0 to 100 out of the traits that the first one states.
func Compare(asked, found Traits) (Grade, int) {
	score := score(asked, found)
	switch {
	case share(asked.INS, found.INS):
		if score.coherent() && !asked.Doubtful && !found.Doubtful {
			return Certain, 100
		}
		return Possible, max(score.percent(), possibleScore)
	case conflict(asked.INS, found.INS):
		return none, 0 // twins and homonyms: the INS tells them apart
	case share(asked.INS, found.FormerINS), share(asked.FormerINS, found.INS):
		return Probable, max(score.percent(), probableScore)
	}
	switch percent := score.percent(); {
	case percent >= probableScore:
		return Probable, percent
	case percent >= possibleScore:
		return Possible, percent
	}
	return none, 0
}

// sum adds up traits.
type sum struct {
	weight, reached         int
	family, given, birthday int // similarities, -1 where one has no such trait
}

func score(asked, found Traits) sum {
	s := sum{}
	s.family = s.add(familyWeight, len(asked.Families) > 0, len(found.Families) > 0, best(asked.Families, found.Families, names))
	given := max(best(asked.FirstGivens, found.FirstGivens, names), best(asked.Givens, found.Givens, names)*otherGivenPercent/100)
	s.given = s.add(givenWeight, len(asked.Givens) > 0, len(found.Givens) > 0, given)
	s.birthday = s.add(birthDateWeight, asked.BirthDate != "", found.BirthDate != "", dates(asked.BirthDate, found.BirthDate))
	s.add(birthPlaceWeight, asked.BirthPlace != "", found.BirthPlace != "", same(asked.BirthPlace, found.BirthPlace))
	s.add(sexWeight, asked.Sex != "", found.Sex != "", same(asked.Sex, found.Sex))
	s.add(contactWeight, len(asked.Contacts) > 0, len(found.Contacts) > 0, best(asked.Contacts, found.Contacts, same))
	return s
}

func (s *sum) add(weight int, asked, found bool, similarity int) int {
	if !asked {
		return -1
	}
	s.weight += weight
	if !found {
		s.reached += weight * 50
		return -1
	}
	s.reached += weight * similarity
	return similarity
}

// percent is the score. Names alone, or a date alone, are nobody's identity:
// without a family name, a given name and a date of birth to compare it is 0.
func (s *sum) percent() int {
	if s.weight == 0 || s.family < 0 || s.given < 0 || s.birthday < 0 {
		return 0
	}
	return s.reached / s.weight
}

// coherent reports whether the traits fit an INS that both have: no date of birth
// that contradicts it, and one of the names or the other.
func (s *sum) coherent() bool {
	if s.birthday == 0 {
		return false
	}
	return s.family > 0 || s.given > 0 || s.family < 0 && s.given < 0
}

func same(a, b string) int {
	if a == b {
		return 100
	}
	return 0
}

func share(a, b []adapters.Token) bool {
	return slices.ContainsFunc(a, func(t adapters.Token) bool { return slices.Contains(b, t) })
}

// conflict reports whether both have an INS of one system, and none the same.
func conflict(a, b []adapters.Token) bool {
	return slices.ContainsFunc(a, func(t adapters.Token) bool {
		return slices.ContainsFunc(b, func(u adapters.Token) bool { return t.System == u.System && t.Value != u.Value })
	})
}
