package search

import (
	"slices"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// maxEntries is how many index rows a resource may have: a Group or List of a
// few thousand members has one each, and nobody has fifty thousand.
const maxEntries = 50_000

// Extract returns the index rows of a resource, sorted by parameter and value,
// without duplicates, and behind them those of what it contains (contained.go). _id and _lastUpdated are not among them (see IDValue,
// InstantValue). It fails with Malformed on a type that R4 does not have, and
// with TooLarge when there are more than maxEntries.
func (r *Registry) Extract(typ string, root fhirjson.Node) ([]Entry, error) {
	if r.table().types[typ] == nil {
		return nil, unknownType("", typ)
	}
	entries, err := r.extract(typ, root)
	if err != nil {
		return nil, err
	}
	return r.contained(entries, root)
}

// extract is Extract without what the resource contains.
func (r *Registry) extract(typ string, root fhirjson.Node) ([]Entry, error) {
	t := r.table().types[typ]
	w := r.writer(root)
	defer r.writers.Put(w)
	w.run(&t.walk, root)
	if w.full {
		return nil, tooManyEntries(typ)
	}
	rows := w.sorted()
	total := 0
	for _, row := range rows {
		total += int(row.end - row.start)
	}
	arena := make([]byte, 0, total)
	entries := make([]Entry, len(rows))
	for i, row := range rows {
		from := len(arena)
		arena = append(arena, w.value(row)...)
		entries[i] = Entry{&t.params[row.param].Param, arena[from:len(arena):len(arena)]}
	}
	return entries, nil
}

func tooManyEntries(typ string) error {
	return fhir.Errorf(fhir.TooLarge, "search.Extract", "search.too-many-values", fhir.CodeTooLong, typ,
		fhir.T("The resource has more than %[1]d values to search for.", "La ressource a plus de %[1]d valeurs à chercher.", maxEntries),
		fhir.T("Split it into several resources.", "Répartissez-la en plusieurs ressources."))
}

func (r *Registry) writer(root fhirjson.Node) *writer {
	w := r.writers.Get().(*writer)
	w.reset()
	w.root = root
	return w
}

// Patients returns the ids of the patients in whose compartment the resource
// lies, sorted (R4 compartmentdefinition-patient.html). A Patient lies in its
// own.
func (r *Registry) Patients(typ string, root fhirjson.Node, id string) []string {
	t := r.table().types[typ]
	if t == nil {
		return nil
	}
	w := r.writer(root)
	defer r.writers.Put(w)
	w.run(&t.patients, root)
	var ids []string
	if typ == "Patient" {
		ids = append(ids, id)
	}
	for _, row := range w.rows {
		if key, ok := strings.CutPrefix(string(w.value(row)), string(refKey)+"Patient/"); ok {
			ids = append(ids, key)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// References returns the resources of this server that the values of a
// reference parameter lead to.
func (r *Registry) References(typ, code string, values [][]byte) []fhir.Key {
	if p, ok := r.find(typ, code); !ok || p.Type != Reference {
		return nil
	}
	return keysOf(refKey, values)
}

// Versions returns the versions of resources of this server that the values of a
// reference parameter name (R4 references.html#versions). References returns
// each of those resources as well.
func (r *Registry) Versions(typ, code string, values [][]byte) []fhir.Key {
	if p, ok := r.find(typ, code); !ok || p.Type != Reference {
		return nil
	}
	return keysOf(refVersion, values)
}

// IDValue is the value that _id compares.
func IDValue(id string) []byte { return append([]byte{tokenCode}, id...) }

// InstantValue is the value that _lastUpdated compares: a meta.lastUpdated, of
// milliseconds.
func InstantValue(t time.Time) []byte {
	i := instantOf(t.Truncate(time.Millisecond))
	return (i + 1000).append(i.append([]byte{dateShort}))
}
