package summary

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// r is a resource of the patient with its tree.
type r struct {
	fhir.Resource
	fhirjson.Node
}

const loinc = "http://loinc.org"

// code is the code of the first coding of a concept.
func code(n fhirjson.Node) string { return n.Get("coding").First().Get("code").Text() }

// coded reports whether a concept has one of the codes, whatever the system:
// asked of elements whose value set is required.
func coded(n fhirjson.Node, codes ...string) bool {
	for c := range n.Get("coding").Items() {
		if slices.Contains(codes, c.Get("code").Text()) {
			return true
		}
	}
	return false
}

// isWrong reports whether a statement was entered in error, or says that
// something is not so: as an entry of a list of what is so it would be misread.
func isWrong(n fhirjson.Node) bool {
	return coded(n.Get("verificationStatus"), "entered-in-error", "refuted")
}

func isActiveProblem(n r) bool {
	return !isWrong(n.Node) && (!n.Get("clinicalStatus").Exists() || coded(n.Get("clinicalStatus"), "active", "recurrence", "relapse"))
}

func isPastProblem(n r) bool {
	return !isWrong(n.Node) && coded(n.Get("clinicalStatus"), "inactive", "remission", "resolved")
}

func isActiveAllergy(n r) bool {
	return !isWrong(n.Node) && !coded(n.Get("clinicalStatus"), "inactive", "resolved")
}

func status(n r) string { return n.Get("status").Text() }

func isTaken(n r) bool {
	return slices.Contains([]string{"active", "intended", "on-hold", "unknown"}, status(n))
}

func isOrdered(n r) bool {
	return slices.Contains([]string{"active", "on-hold"}, status(n)) && n.Get("doNotPerform").Text() != "true" &&
		!slices.Contains([]string{"proposal", "option"}, n.Get("intent").Text())
}

func isValid(n r) bool { return status(n) != "entered-in-error" }

func isActive(n r) bool { return status(n) == "active" }

func isDone(n r) bool {
	return slices.Contains([]string{"completed", "in-progress", "unknown"}, status(n))
}

func isUsed(n r) bool { return slices.Contains([]string{"active", "on-hold", "intended"}, status(n)) }

func isDirective(n r) bool { return status(n) == "active" && coded(n.Get("scope"), "adr") }

func isReported(n r) bool {
	return slices.Contains([]string{"final", "amended", "corrected", "preliminary"}, status(n))
}

func isReport(n r) bool { return isReported(n) }

// isOf takes the observations of a category.
func isOf(categories ...string) func(r) bool {
	return func(n r) bool {
		if !isReported(n) || isPregnancy(n) {
			return false
		}
		for c := range n.Get("category").Items() {
			if coded(c, categories...) {
				return true
			}
		}
		return false
	}
}

// pregnancies are the LOINC codes of IPS for pregnancy: status, expected date of
// delivery, outcomes.
var pregnancies = []string{"82810-3", "11778-8", "11779-6", "11780-4", "11636-8", "11637-6", "11638-4", "11639-2", "11640-0", "11612-9", "11613-7", "11614-5", "33065-4"}

func isPregnancy(n r) bool { return isReported(n) && coded(n.Get("code"), pregnancies...) }

// choose returns the entries of a section, the latest first, then by id, so
// that the same record gives the same document.
func (s *Section) choose(all []r) []r {
	var list []r
	for _, n := range all {
		if takes, ok := s.Takes[n.Type]; ok && (takes == nil || takes(n)) {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b r) int {
		if c := strings.Compare(date(b.Node), date(a.Node)); c != 0 {
			return c
		}
		return strings.Compare(a.Current().String(), b.Current().String())
	})
	if s.Recent {
		return recent(list)
	}
	return list
}

// recent keeps the first of each code, and leaves out what is part of another:
// the members of a panel come with it.
func recent(list []r) []r {
	members := map[string]bool{}
	for _, n := range list {
		for _, name := range []string{"hasMember", "result"} {
			for m := range n.Get(name).Items() {
				members[m.Get("reference").Text()] = true
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(n r) bool {
		system, c := n.Get("code").Get("coding").First().Coding()
		key := n.Type + " " + system + "|" + c
		if c == "" {
			key = n.Type + " " + n.Get("code").Get("text").Text()
		}
		again := seen[key] || members[n.Current().String()]
		seen[key] = true
		return again
	})
}

// dates are the elements that say when, the first that is there.
var dates = []string{"effectiveDateTime", "effectivePeriod", "effectiveInstant", "performedDateTime", "performedPeriod", "occurrenceDateTime", "onsetDateTime", "onsetPeriod",
	"timingDateTime", "timingPeriod", "period", "dateTime", "authoredOn", "dateAsserted", "recordedDate", "date", "issued", "created"}

// date returns when something was, for sorting: the beginning of a period.
func date(n fhirjson.Node) string {
	for _, name := range dates {
		switch v := n.Get(name); v.Kind() {
		case fhirjson.String:
			return v.Text()
		case fhirjson.Object:
			if t := v.Get("start").Text(); t != "" {
				return t
			}
			return v.Get("end").Text()
		}
	}
	return ""
}
