package consent

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// datum is a record that a provision is about (Consent.provision.data), by
// itself or by who wrote it.
type datum struct {
	instance string // "Observation/x"
	author   string // "Organization/id", who contributed it
}

// compileLabels reads securityLabel: codes of any system, as Facts have them.
func compileLabels(n fhirjson.Node) (list []string, ok bool) {
	for item := range n.Items() {
		_, code := item.Coding()
		if code == "" || strings.HasPrefix(code, fhir.ClassLabel) {
			return nil, false
		}
		list = append(list, strings.Clone(code))
	}
	return list, len(list) > 0
}

// compileData reads provision.data. dim is true when one of them is told by
// what Facts do not hold: records that depend on, or go with, another.
func (r reader) compileData(n fhirjson.Node) (list []datum, dim, ok bool) {
	for item := range n.Items() {
		target := r.target(item.Get("reference"))
		if !item.Get("reference").Exists() || modified(item) {
			return nil, false, false
		}
		switch meaning := item.Get("meaning").Text(); {
		case meaning == "instance" && target != "":
			list = append(list, datum{instance: target})
		case meaning == "authoredby" && typeOf(target) == "Organization":
			list = append(list, datum{author: target})
		case meaning == "instance", meaning == "related", meaning == "dependents", meaning == "authoredby":
			dim = true
		default:
			return nil, false, false
		}
	}
	return list, dim, len(list) > 0 || dim
}

// narrows reports whether the provision is about some records only.
func (u *rule) narrows() bool { return len(u.labels) > 0 || len(u.data) > 0 }

// covers reports whether the provision is about the record; one that narrows is
// about no patient in general.
func (u *rule) covers(f *fhir.Facts) bool {
	if !u.narrows() {
		return true
	}
	return f != nil && (len(u.labels) == 0 || u.coversLabels(f.Labels)) && (len(u.data) == 0 || u.coversData(f))
}

func (u *rule) coversData(f *fhir.Facts) bool {
	key := f.Key.Current().String()
	return slices.ContainsFunc(u.data, func(d datum) bool {
		return d.instance != "" && d.instance == key || d.author != "" && d.author == f.Contributor
	})
}

// confidentiality are the codes of v3-Confidentiality, the more secret the
// later.
var confidentiality = []string{"U", "L", "M", "N", "R", "V"}

// unlabelled is how confidential a record is that does not say (C12).
const unlabelled = "R"

// coversLabels compares codes, and confidentiality by rank: a permit for what
// is N covers what is less secret, a deny of what is R covers what is more.
func (u *rule) coversLabels(labels []string) bool {
	own := slices.Index(confidentiality, unlabelled)
	for rank, code := range slices.Backward(confidentiality) {
		if slices.Contains(labels, code) {
			own = rank
			break
		}
	}
	for _, label := range u.labels {
		rank := slices.Index(confidentiality, label)
		switch {
		case rank < 0 && slices.Contains(labels, label), rank >= 0 && u.deny && own >= rank, rank >= 0 && !u.deny && own <= rank:
			return true
		}
	}
	return false
}
