package r4

import "sync"

// Compartment returns, for each resource type that can be in the compartment,
// the codes of the search parameters by which it is: all those whose value
// leads to the focus (R4 compartmentdefinition.html). "{def}" stands for the
// resource itself. The names are Patient, Encounter, RelatedPerson,
// Practitioner and Device; for any other the result is nil.
//
// The focus of the patient compartment has the code link only: that a Patient
// is in its own compartment goes without saying in R4.
func Compartment(name string) map[string][]string { return compartments()[name] }

var compartments = sync.OnceValue(loadCompartments)

func loadCompartments() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	var members map[string][]string
	for record, group := range records(table("compartments")) {
		if group {
			members = map[string][]string{}
			all[record] = members
			continue
		}
		typ := field(&record)
		members[typ] = list(record, "\t")
	}
	return all
}
