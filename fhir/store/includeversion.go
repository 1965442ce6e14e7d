package store

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A reference that names a version includes that version (R4
// search.html#versions), which is judged as in a history: by its own facts and
// by those of the current one.

// storedKey is where the engine holds the version that a key names or, without
// one, the current version. What is current is not under its number.
func storedKey(k fhir.Key) []byte {
	if k.Version == "" {
		return currentKey(k.Type, k.ID)
	}
	n, _ := strconv.ParseUint(k.Version, 10, 64) // 0 is the number of none
	return versionKey(k.Type, k.ID, n)
}

// apart parts keys from those that name a version.
func apart(keys []fhir.Key) (plain, versions []fhir.Key) {
	named := func(k fhir.Key) bool { return k.Version != "" }
	if !slices.ContainsFunc(keys, named) {
		return keys, nil
	}
	for _, k := range keys {
		if named(k) {
			versions = append(versions, k)
		} else {
			plain = append(plain, k)
		}
	}
	return plain, versions
}

// asNamed drops from what a holder refers to the resources that it refers to
// by a version and not by themselves. Only its body, among from, tells these
// apart from the others.
func asNamed(from []fhir.Resource, h *candidate, keys []fhir.Key) []fhir.Key {
	plain, versions := apart(keys)
	if len(versions) == 0 {
		return keys
	}
	i := slices.IndexFunc(from, func(res fhir.Resource) bool {
		return res.Type == h.typ && res.ID == h.id && (h.version == 0 || res.Version == strconv.FormatUint(h.version, 10))
	})
	plain = slices.DeleteFunc(slices.Clone(plain), func(k fhir.Key) bool {
		byVersion := slices.ContainsFunc(versions, func(v fhir.Key) bool { return v.Current() == k })
		return byVersion && (i < 0 || !mentions(from[i].Body, k))
	})
	return append(plain, versions...)
}

// mentions reports whether a body refers to the resource without a version.
func mentions(body []byte, k fhir.Key) bool {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return false
	}
	for n := range fhirjson.References(doc) {
		if text := n.Text(); text == k.String() || strings.HasSuffix(text, "/"+k.String()) {
			return true
		}
	}
	return false
}

// addVersions includes versions that the view lets be seen.
func (in *inclusion) addVersions(keys []fhir.Key) error {
	if len(keys) == 0 {
		return nil
	}
	if err := in.readVersions(keys); err != nil {
		return err
	}
	var list []fhir.Resource
	var older []bool
	var facts []fhir.Facts // of each, and of the current version
	for _, k := range keys {
		now, err := in.recordOf(k.Current())
		if err != nil {
			return err
		}
		then := now
		if now != nil && strconv.FormatUint(now.version, 10) != k.Version {
			if then, err = in.recordOf(k); err != nil {
				return err
			}
		}
		if then == nil || then.effect == fhir.Deleted || then == now && in.known[k.Current()] {
			continue
		}
		res, err := then.whole(in.x.ctx, in.x.r)
		if err != nil {
			return err
		}
		if res.Version != k.Version { // 01 is not 1
			continue
		}
		in.known[k.Current()] = in.known[k.Current()] || then == now
		list, older, facts = append(list, res), append(older, then != now), append(facts, then.facts, now.facts)
	}
	visible, err := in.x.sight.sees(facts)
	if err != nil {
		return err
	}
	for i, res := range list {
		if !visible[2*i] || !visible[2*i+1] {
			continue
		}
		if !in.keep(res) {
			return nil
		}
		in.older[res.Key] = older[i]
	}
	return nil
}

// readVersions reads what addVersions looks at and was not read ahead.
func (in *inclusion) readVersions(keys []fhir.Key) error {
	if in.older == nil {
		in.older = map[fhir.Key]bool{}
	}
	var wanted []fhir.Key
	var raw [][]byte
	for _, k := range keys {
		for _, k := range []fhir.Key{k.Current(), k} {
			if _, read := in.read[k]; !read {
				wanted, raw = append(wanted, k), append(raw, storedKey(k))
			}
		}
	}
	if len(raw) == 0 {
		return nil
	}
	values, err := in.x.r.Get(in.x.ctx, raw...)
	for i := range values {
		in.read[wanted[i]] = values[i]
	}
	return err
}

// recordOf decodes what was read; nil for what is absent.
func (in *inclusion) recordOf(k fhir.Key) (*record, error) {
	if in.read[k] == nil {
		return nil, nil
	}
	return decodeRecord(k.Type, k.ID, in.read[k])
}

// holdersOfOlder appends an earlier version, which has no rows in the index,
// with those that it would have.
func (in *inclusion) holdersOfOlder(list []candidate, res fhir.Resource) ([]candidate, error) {
	doc, err := fhirjson.Parse(res.Body)
	if err != nil {
		return nil, corrupt("body of a %s", res.Type)
	}
	entries, err := in.x.store.registry.Extract(res.Type, doc.Root())
	if err != nil {
		return nil, err
	}
	rs := &rows{facts: res.Facts, list: newRows(res.Type, entries)}
	number, _ := strconv.ParseUint(res.Version, 10, 64)
	return append(list, candidate{typ: res.Type, id: res.ID, facts: res.Facts, version: number, raw: rs.encode(&naming{})}), nil
}
