package search

import "github.com/cordee-sante/cordee/fhir/fhirjson"

// A walk is where all parameters of a type look: their paths merged into one
// tree, so that a resource is gone through once.
type walk struct {
	sinks []sink
	ways  []way
}

// A sink writes the rows of one parameter for a node.
type sink struct {
	param int
	emit  emit
}

// A way leads on to the items of a member.
type way struct {
	name  string
	first bool                       // only the first item
	cond  string                     // what keep asks, as text: ways that ask the same are one
	keep  func(n fhirjson.Node) bool // nil keeps all
	to    *walk
}

// run writes the rows of all parameters for the node.
func (w *writer) run(k *walk, n fhirjson.Node) {
	for i := range k.sinks {
		w.param = k.sinks[i].param
		k.sinks[i].emit(w, n)
	}
	if len(k.ways) == 0 {
		return
	}
	for m := range n.Members() {
		name := m.Name()
		for i := range k.ways {
			if k.ways[i].name == name {
				w.follow(&k.ways[i], m)
			}
		}
	}
}

func (w *writer) follow(way *way, member fhirjson.Node) {
	for item := range member.Items() {
		if way.keep == nil || way.keep(item) {
			w.run(way.to, item)
		}
		if way.first {
			return
		}
	}
}

// add makes the walk lead along the path to the sink.
func (k *walk) add(path []step, s sink) {
	for _, st := range path {
		k = k.way(st)
	}
	k.sinks = append(k.sinks, s)
}

func (k *walk) way(st step) *walk {
	for i := range k.ways {
		if w := &k.ways[i]; w.name == st.name && w.first == st.first && w.cond == st.cond {
			return w.to
		}
	}
	k.ways = append(k.ways, way{name: st.name, first: st.first, cond: st.cond, keep: st.keep, to: &walk{}})
	return k.ways[len(k.ways)-1].to
}
