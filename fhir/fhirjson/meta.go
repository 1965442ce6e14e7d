package fhirjson

import (
	"strings"
	"time"
)

// instant is the form in which the gateway writes lastUpdated: UTC, with the
// milliseconds that the store keeps.
const instant = "2006-01-02T15:04:05.000Z"

// SetMeta returns the text of a resource with id, meta.versionId and
// meta.lastUpdated set, and all other bytes as they were. What is not there is
// inserted after resourceType. An argument that is zero is left as it is.
func SetMeta(doc *Doc, id, versionID string, lastUpdated time.Time) []byte {
	return AppendMeta(nil, doc, id, versionID, lastUpdated)
}

// AppendMeta appends what SetMeta returns.
func AppendMeta(dst []byte, doc *Doc, id, versionID string, lastUpdated time.Time) []byte {
	root := doc.Root()
	if root.Kind() != Object {
		return append(dst, doc.text...)
	}
	var edits []Edit
	after := root.Get("resourceType") // the member that insertions follow
	insert := members{}
	if old := root.Get("id"); old.Exists() {
		after = old
		if id != "" {
			edits = append(edits, Replace(old, Quote(id)))
		}
	} else {
		insert.add("id", id)
	}
	var meta members
	old := root.Get("meta")
	set := func(name, value string) {
		if m := old.Get(name); m.Exists() && value != "" {
			edits = append(edits, Replace(m, Quote(value)))
		} else if !m.Exists() {
			meta.add(name, value)
		}
	}
	set("versionId", versionID)
	if !lastUpdated.IsZero() {
		set("lastUpdated", lastUpdated.UTC().Format(instant))
	}
	switch {
	case meta.json == "":
	case old.Kind() == Object:
		edits = append(edits, meta.first(old))
	case old.Exists(): // not a Meta at all
		edits = append(edits, Replace(old, "{"+meta.json+"}"))
	default:
		insert.addJSON("meta", "{"+meta.json+"}")
	}
	switch {
	case insert.json == "":
	case after.Exists():
		_, end := after.Span()
		edits = append(edits, Edit{end, end, "," + insert.json})
	default:
		edits = append(edits, insert.first(root))
	}
	return appendSplice(dst, doc, edits)
}

// members are JSON members to be inserted.
type members struct{ json string }

func (m *members) add(name, value string) {
	if value != "" {
		m.addJSON(name, Quote(value))
	}
}

func (m *members) addJSON(name, json string) {
	if m.json != "" {
		m.json += ","
	}
	m.json += Quote(name) + ":" + json
}

// first is the edit that makes them the first members of the object.
func (m *members) first(object Node) Edit {
	start, _ := object.Span()
	text := m.json
	if object.First().Exists() {
		text += ","
	}
	return Edit{start + 1, start + 1, text}
}

// StripMeta returns the text of a resource without id, meta.versionId,
// meta.lastUpdated, and without meta when nothing else is in it: two versions
// have equal contents when it returns the same for both. It undoes SetMeta.
func StripMeta(doc *Doc) []byte {
	root := doc.Root()
	server := func(n Node) bool {
		name := n.Name()
		return name == "versionId" || name == "lastUpdated"
	}
	meta := root.Get("meta")
	bare := meta.Kind() == Object
	for m := meta.First(); m.Exists(); m = m.Next() {
		bare = bare && server(m)
	}
	edits := cut(doc, root, func(n Node) bool {
		name := n.Name()
		return name == "id" || name == "meta" && bare
	})
	if !bare {
		edits = append(edits, cut(doc, meta, server)...)
	}
	return Splice(doc, edits...)
}

// cut makes the edits that remove members of an object, each run of them with
// the space and the comma in front, or at the front of the object the comma
// behind.
func cut(doc *Doc, object Node, drop func(Node) bool) []Edit {
	if object.Kind() != Object {
		return nil
	}
	var edits []Edit
	start, _ := object.Span()
	from, kept := -1, false // where the run starts; whether a member before it stays
	end := 0                // of the member before
	for m := object.First(); m.Exists(); m = m.Next() {
		switch dropped := drop(m); {
		case dropped && from < 0 && kept:
			from = end
		case dropped && from < 0:
			from = start + 1
		case !dropped && from >= 0:
			if !kept {
				end += strings.IndexByte(doc.text[end:], ',') + 1
			}
			edits = append(edits, Edit{from, end, ""})
			from, kept = -1, true
		case !dropped:
			kept = true
		}
		_, end = m.Span()
	}
	if from >= 0 {
		edits = append(edits, Edit{from, end, ""})
	}
	return edits
}
