package interference

import (
	"encoding/json"
	"slices"
	"strings"
)

// A tree is a piece of JSON. What is not there is the empty tree.
type tree struct{ value any }

// at follows a dotted path through objects.
func (t tree) at(path string) tree {
	for _, name := range strings.Split(path, ".") {
		o, _ := t.value.(map[string]any)
		t = tree{o[name]}
	}
	return t
}

// all follows a dotted path through objects and into every item of arrays.
func (t tree) all(path string) []tree {
	list := []tree{t}
	for _, name := range strings.Split(path, ".") {
		var next []tree
		for _, at := range list {
			switch v := at.at(name).value.(type) {
			case nil:
			case []any:
				for _, item := range v {
					next = append(next, tree{item})
				}
			default:
				next = append(next, tree{v})
			}
		}
		list = next
	}
	return list
}

// mentions reports whether one of the texts stands anywhere in the tree.
func (t tree) mentions(texts ...string) bool {
	b, _ := json.Marshal(t.value)
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(string(b), s) })
}

func (t tree) text() string {
	s, _ := t.value.(string)
	return s
}
