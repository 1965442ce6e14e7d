package store

import tables "github.com/cordee-sante/cordee/fhir/r4"

// resourceTypes are the types of R4, sorted.
func resourceTypes() []string { return tables.Types() }
