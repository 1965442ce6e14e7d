package search

import "fmt"

// Index names everything that decides which entries a resource gives, beside
// the resource: entries that a Registry of another Index made are not to be
// compared with those of this one.
func (r *Registry) Index() string { return fmt.Sprintf("%d %s %s", IndexVersion, r.base, r.zone) }
