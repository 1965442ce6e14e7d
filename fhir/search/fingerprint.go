package search

import (
	"fmt"
	"time"
)

// Index names everything that decides which entries a resource gives, beside
// the resource: entries that a Registry of another Index made are not to be
// compared with those of this one.
func (r *Registry) Index() string { return fmt.Sprintf("%d %s %s", IndexVersion, r.base, r.zone) }

// ConfigOf reads what Index wrote, of whichever version: the base and the zone
// of the Registry that it named.
func ConfigOf(index string) (Config, error) {
	var version int
	var base, zone string
	if _, err := fmt.Sscanf(index, "%d %s %s", &version, &base, &zone); err != nil {
		return Config{}, fmt.Errorf("search: %q names no index: %w", index, err)
	}
	loc, err := time.LoadLocation(zone)
	return Config{Base: base, Zone: loc}, err
}
