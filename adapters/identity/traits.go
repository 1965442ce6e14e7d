package identity

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Traits are what a Patient resource says of who somebody is: the strict traits
// of the RNIV (birth name, given names, sex, date and place of birth, INS) and
// what may complete them. Names are folded as a string search folds them.
type Traits struct {
	INS         []adapters.Token // in force
	FormerINS   []adapters.Token // Identifier.use old
	Identifiers []adapters.Token // all with a system, national ones included
	Families    []string         // of every name, birth and used
	FirstGivens []string         // the first of every name
	Givens      []string         // all, the list of the civil registry included
	BirthDate   string           // YYYY, YYYY-MM or YYYY-MM-DD
	Sex         string           // administrative gender, empty when unknown
	BirthPlace  string           // INSEE code of the commune or country
	Contacts    []string         // telecom values, folded
	Doubtful    bool             // the identity is provisional, doubtful or fictitious
}

// The extensions of FR Core that hold traits.
const (
	birthPlaceExtension  = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
	inseeExtension       = "fr-core-address-insee-code"
	birthGivensExtension = "fr-core-patient-birth-list-given-name"
)

// Read reads the traits of a Patient resource.
func Read(patient fhirjson.Node) Traits {
	t := Traits{BirthDate: patient.Get("birthDate").Text(), Sex: patient.Get("gender").Text()}
	if t.Sex == "unknown" {
		t.Sex = ""
	}
	for i := range patient.Get("identifier").Items() {
		t.identifier(i)
	}
	for name := range patient.Get("name").Items() {
		t.name(name)
	}
	for c := range patient.Get("telecom").Items() {
		if value := search.Fold(c.Get("value").Text()); value != "" {
			t.Contacts = append(t.Contacts, value)
		}
	}
	for e := range patient.Get("extension").Items() {
		if e.Get("url").Text() == birthPlaceExtension {
			t.BirthPlace = insee(e.Get("valueAddress"))
		}
	}
	status, ok := StatusOf(patient)
	t.Doubtful = ok && (status.Level == Provisional || status.Doubtful || status.Fictitious)
	return t
}

func (t *Traits) identifier(i fhirjson.Node) {
	token := adapters.Token{System: i.Get("system").Text(), Value: i.Get("value").Text()}
	if token.System == "" || token.Value == "" {
		return
	}
	t.Identifiers = append(t.Identifiers, token)
	if !adapters.IsINS(strings.TrimPrefix(token.System, "urn:oid:")) {
		return
	}
	if i.Get("use").Text() == "old" {
		t.FormerINS = append(t.FormerINS, token)
	} else {
		t.INS = append(t.INS, token)
	}
}

func (t *Traits) name(name fhirjson.Node) {
	t.Families = add(t.Families, name.Get("family").Text())
	first := true
	for given := range name.Get("given").Items() {
		if first {
			t.FirstGivens, first = add(t.FirstGivens, given.Text()), false
		}
		t.Givens = add(t.Givens, given.Text())
	}
	for e := range name.Get("extension").Items() {
		if strings.HasSuffix(e.Get("url").Text(), "/"+birthGivensExtension) {
			for given := range strings.FieldsSeq(e.Get("valueString").Text()) {
				t.Givens = add(t.Givens, given)
			}
		}
	}
}

// insee is the code of a place of birth: FR Core's extension, else the district,
// which the CI-SIS uses.
func insee(address fhirjson.Node) string {
	for e := range address.Get("extension").Items() {
		if strings.HasSuffix(e.Get("url").Text(), "/"+inseeExtension) {
			return e.At("valueCoding", "code").Text()
		}
	}
	return address.Get("district").Text()
}

func add(list []string, name string) []string {
	if name = search.Fold(name); name == "" || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}
