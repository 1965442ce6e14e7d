package naive

import (
	"slices"
	"strings"
)

// others are all resources of a type, as far as the Matcher was told of them.
func (m Matcher) others(typ string) (list []map[string]any) {
	if m.Others == nil {
		return nil
	}
	for _, body := range m.Others(typ) {
		if r, err := decode(body); err == nil {
			list = append(list, r)
		}
	}
	return list
}

// listed is R4 search.html#list: is the resource referred to by an entry of one of
// the lists?
func (m Matcher) listed(resource map[string]any, ids string) bool {
	own := text(resource["resourceType"]) + "/" + text(resource["id"])
	for _, id := range cut(ids, ',') {
		for _, l := range m.others("List") {
			if text(l["id"]) != plain(id) {
				continue
			}
			for _, r := range walk(l, "entry.item.reference") {
				current, _, _ := strings.Cut(m.relative(text(r)), "/_history/")
				if current == own {
					return true
				}
			}
		}
	}
	return false
}

// reached is what stands for a value of above or below (R4 search.html#recursive):
// it, and all above or below it in the hierarchy that the parameter leads to.
func (m Matcher) reached(typ, code, modifier, value string) string {
	found := cut(value, ',')
	add := func(s string) {
		if !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	for i := 0; i < len(found); i++ {
		root := m.relative(plain(found[i]))
		for _, own := range []string{typ, "Location"} {
			along := code
			if own != typ {
				along = "partof"
			}
			if strings.Contains(root, "/") && !strings.HasPrefix(root, own+"/") {
				continue
			}
			id := strings.TrimPrefix(root, own+"/")
			for _, r := range m.others(own) {
				for _, v := range params[own][along].values(r) {
					parent, _, _ := strings.Cut(m.relative(text(v.Get("reference"))), "/_history/")
					if modifier == "below" && parent == own+"/"+id {
						add(own + "/" + text(r["id"]))
					}
					if modifier == "above" && text(r["id"]) == id && strings.HasPrefix(parent, own+"/") {
						add(parent)
					}
				}
			}
		}
	}
	return strings.Join(found, ",")
}

// Leads reports whether a reference of the resource leads to the other one: by
// its address, or by a canonical that names its url and no other version (R4
// references.html#canonical).
func (m Matcher) Leads(body []byte, code string, other []byte) (bool, error) {
	resource, err := decode(body)
	if err != nil {
		return false, err
	}
	target, err := decode(other)
	if err != nil {
		return false, err
	}
	for _, v := range params[text(resource["resourceType"])][code].values(resource) {
		if v.typ != "canonical" {
			continue
		}
		canonical, _, _ := strings.Cut(v.Text(), "#")
		url, version, versioned := strings.Cut(canonical, "|")
		if url == text(target["url"]) && (!versioned || version == text(target["version"])) {
			return true, nil
		}
	}
	return m.meets(resource, Criterion{Name: code, Value: text(target["resourceType"]) + "/" + text(target["id"])})
}

// Contained returns the ids of those of the contained resources of a type that
// meet all criteria (R4 search.html#contained).
func (m Matcher) Contained(body []byte, typ string, criteria []Criterion) (ids []string, err error) {
	resource, err := decode(body)
	if err != nil {
		return nil, err
	}
	for _, c := range walk(resource, "contained") {
		inner, _ := c.(map[string]any)
		if text(inner["resourceType"]) != typ {
			continue
		}
		ok, err := m.all(inner, criteria)
		if err != nil {
			return nil, err
		}
		if ok {
			ids = append(ids, text(inner["id"]))
		}
	}
	return ids, nil
}
