package search

import (
	"maps"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// A table is the parameters of all types at one time. It is never changed: Use
// puts another in its place.
type table struct {
	generation uint64
	types      map[string]*resourceType // and Resource, for what all types share
}

func (r *Registry) table() *table { return r.current.Load() }

// Generation counts the calls of Use: what was extracted in an earlier one may
// lack, or have too many, entries.
func (r *Registry) Generation() uint64 { return r.table().generation }

// A Use is a Custom with how far it is indexed. Entries are extracted for it
// from the moment that Use returns; it can be searched by when Waiting is nil.
type Use struct {
	*Custom
	Waiting func() int // percent of what is indexed so far
}

// Use makes these the custom parameters, in place of those of before. Of two for
// the same type and code, or with the same number, the first counts; the others
// are returned.
func (r *Registry) Use(list []Use) (refused []*Custom) {
	r.using.Lock()
	defer r.using.Unlock()
	taken := map[uint32]bool{}
	byBase, waiting := map[string][]*parameter{}, map[string]map[string]func() int{}
	for _, u := range list {
		if slices.ContainsFunc(u.params, func(p *parameter) bool { return taken[p.ID] }) {
			refused = append(refused, u.Custom)
			continue
		}
		for _, p := range u.params {
			taken[p.ID] = true
			byBase[p.Base] = append(byBase[p.Base], p)
			if u.Waiting != nil {
				if waiting[p.Base] == nil {
					waiting[p.Base] = map[string]func() int{}
				}
				waiting[p.Base][p.Code] = u.Waiting
			}
		}
	}
	next := &table{generation: r.Generation() + 1, types: maps.Clone(r.plain)}
	for base, custom := range byBase {
		next.types[base] = newType(base, slices.Concat(r.published[base], r.published["Resource"]), custom)
		next.types[base].hide(waiting[base])
	}
	r.current.Store(next)
	return refused
}

// Definition stands for what a custom parameter of a type is defined by: another
// one sorts the same resources in another order. It is nil for those of R4.
func (r *Registry) Definition(typ, code string) []byte {
	if p, ok := r.find(typ, code); ok && p.custom != nil {
		return p.custom.Fingerprint[:]
	}
	return nil
}

// hide takes parameters out of what can be searched by.
func (t *resourceType) hide(waiting map[string]func() int) {
	t.waiting = waiting
	for code := range waiting {
		delete(t.byCode, code)
	}
}

// indexing is the refusal of a parameter that is defined and not ready.
func (r *Registry) indexing(typ, code string) *fhir.Error {
	t := r.table().types[typ]
	if t == nil || t.waiting[code] == nil {
		return nil
	}
	return fault(fhir.Malformed, "search.indexing", fhir.CodeNotSupported, code,
		fhir.T("The parameter %[1]s is being indexed, %[2]d %% so far.", "Le paramètre %[1]s est en cours d'indexation, à %[2]d %%.", code, t.waiting[code]()),
		fhir.T("It can be searched by when all resources are indexed; the CapabilityStatement then lists it.",
			"On pourra chercher par lui quand toutes les ressources seront indexées ; le CapabilityStatement l'énumérera alors."))
}

// Plain is a Registry with the published parameters alone: what is given to its
// Use does not show in r.
func (r *Registry) Plain() *Registry {
	p := &Registry{base: r.base, zone: r.zone, limits: r.limits, codings: r.codings, units: r.units,
		definitions: r.definitions, hierarchies: r.hierarchies, published: r.published, plain: r.plain}
	p.current.Store(&table{types: r.plain})
	p.writers.New = func() any { return &writer{Registry: p, part: wide} }
	return p
}
