package draft

import "github.com/cordee-sante/cordee/fhir"

// A Resource is a resource under construction.
type Resource struct {
	Object
	Type string
	ID   string // empty where the server is to choose it
	URL  string // its fullUrl in the transaction
	Data []byte // what a Binary holds; not to be modified
}

// usual is room for the members of most resources.
const usual = 12

// New returns an empty resource of the type.
func New(resourceType, id string) *Resource {
	r := &Resource{Type: resourceType, ID: id}
	r.members = make([]member, 0, usual)
	r.Set("resourceType", resourceType)
	r.Set("id", id)
	return r
}

// JSON returns the resource as FHIR JSON. Text must be valid UTF-8.
func (r *Resource) JSON() []byte {
	return fhir.Whole(r.AppendJSON(make([]byte, 0, r.size())), r.Data)
}
