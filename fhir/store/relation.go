package store

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Two relations lie in the index as if they were search parameters, which they
// are not: no query asks for them. The bounds of a view do (fhir.Bounds).
//
//	named        of a CareTeam, Consent, Group or PractitionerRole: whoever of the
//	             directory its body refers to at all, "Organization/msp"
//	contributor  of every resource: who brought it in
//
// Both hold too much rather than too little: of named, whatever a reference
// begins with counts, and in whichever element it stands.
var (
	namedRelation       = search.Param{Code: "-named", Base: "Resource"}       // immutable
	contributorRelation = search.Param{Code: "-contributor", Base: "Resource"} // immutable
)

// The types that name who may see a patient, and those that tell who is behind
// a name.
var (
	policyTypes = []string{"CareTeam", "Consent"}
	rosterTypes = []string{"Group", "PractitionerRole"}
)

// namedTypes are the types of those who are named.
var namedTypes = []string{"Group", "Organization", "Practitioner", "PractitionerRole"}

// withNamed adds to the rows of a body those of the named relation.
func withNamed(list []row, typ string, doc *fhirjson.Doc) []row {
	if !slices.Contains(policyTypes, typ) && !slices.Contains(rosterTypes, typ) {
		return list
	}
	param := postingID(typ, &namedRelation)
	for n := range fhirjson.References(doc) {
		if value := namedBy(n.Text()); value != "" {
			list = append(list, row{param, []byte(value)})
		}
	}
	slices.SortFunc(list, compareRows)
	return slices.CompactFunc(list, func(a, b row) bool { return compareRows(a, b) == 0 })
}

// namedBy returns the "Type/id" that the text of a reference ends with, its
// version apart; "" when it is nobody who can be named.
func namedBy(reference string) string {
	text, _, _ := strings.Cut(reference, "/_history/")
	if i := strings.LastIndexByte(text, '/'); i > 0 {
		text = text[strings.LastIndexByte(text[:i], '/')+1:]
	}
	key, ok := fhir.ParseReference(text)
	if !ok || !slices.Contains(namedTypes, key.Type) {
		return ""
	}
	return key.String()
}

// contribution is the posting of who brought a resource in; its key is nil for
// nobody.
func contribution(key fhir.Key, v *postingValues) write {
	who := v.rows.facts.Contributor
	if who == "" {
		return write{}
	}
	return write{key: postingKey(postingID(key.Type, &contributorRelation), []byte(who), key.ID), value: v.plain()}
}

// appendContribution replaces the posting of who brought a resource in.
func appendContribution(writes []write, key fhir.Key, was, is *postingValues) []write {
	old, now := contribution(key, was), contribution(key, is)
	if old.key != nil && !bytes.Equal(old.key, now.key) {
		writes = append(writes, write{key: old.key})
	}
	if now.key != nil && (!bytes.Equal(old.key, now.key) || !bytes.Equal(old.value, now.value)) {
		writes = append(writes, now)
	}
	return writes
}

// contributed reports whether a posting is that of who brought the resource in.
func (c *change) contributed(param uint32, value []byte) bool {
	return param == postingID(c.Key.Type, &contributorRelation) && c.facts.Contributor == string(value)
}
