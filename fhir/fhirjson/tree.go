package fhirjson

import "iter"

// A Kind is the JSON type of a Node.
type Kind uint8

// The kinds. The zero Kind belongs to an absent Node.
const (
	Absent Kind = iota
	Object
	Array
	String
	Number
	Bool
	Null
)

// A Doc is a parsed JSON text: the text itself and a flat tree of places in it.
// It is immutable, and safe for concurrent use.
type Doc struct {
	text  string
	nodes []node // depth first; node 0 is the root
}

// node is one value. Its children are the nodes from its own index+1, linked
// by next, up to end.
type node struct {
	start, end         int32 // the value in text
	nameStart, nameEnd int32 // the member name in text, without quotes; 0,0 in arrays and for the root
	next               int32 // index of the next sibling, 0 for none
	kind               Kind
	escaped            bool // a string with escapes
	nameEscaped        bool
}

// A Node is one value of a Doc. The zero Node is absent: every method answers
// for it as for an element that is not there.
type Node struct {
	doc *Doc
	i   int32
}

// Root returns the outermost value.
func (d *Doc) Root() Node { return Node{d, 0} }

// Text returns the JSON text.
func (d *Doc) Text() string { return d.text }

// Exists reports whether the node is there.
func (n Node) Exists() bool { return n.doc != nil }

// Kind returns the JSON type.
func (n Node) Kind() Kind {
	if n.doc == nil {
		return Absent
	}
	return n.doc.nodes[n.i].kind
}

// Name returns the name of the member that the node is the value of.
func (n Node) Name() string {
	if n.doc == nil {
		return ""
	}
	x := &n.doc.nodes[n.i]
	name := n.doc.text[x.nameStart:x.nameEnd]
	if x.nameEscaped {
		return unquote(name)
	}
	return name
}

// Get returns the member of an object, or the absent Node.
func (n Node) Get(name string) Node {
	if n.Kind() != Object {
		return Node{}
	}
	for c := n.First(); c.Exists(); c = c.Next() {
		if c.Name() == name {
			return c
		}
	}
	return Node{}
}

// At follows member names: At("meta", "security").
func (n Node) At(names ...string) Node {
	for _, name := range names {
		n = n.Get(name)
	}
	return n
}

// Members yields the members of an object in the order of the text; none for
// any other kind.
func (n Node) Members() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.Kind() == Object {
			n.children(yield)
		}
	}
}

// Items yields the items of an array, and any other value as its only item:
// the reading of FHIRPath, where a single element is a collection of one.
func (n Node) Items() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		switch n.Kind() {
		case Absent:
		case Array:
			n.children(yield)
		default:
			yield(n)
		}
	}
}

func (n Node) children(yield func(Node) bool) {
	for c := n.First(); c.Exists(); c = c.Next() {
		if !yield(c) {
			return
		}
	}
}

// First returns the first member or item of an object or array. With Next it
// walks the tree without closures, for code that runs on every write.
func (n Node) First() Node {
	if n.doc == nil {
		return Node{}
	}
	nodes, c := n.doc.nodes, n.i+1
	if int(c) >= len(nodes) || nodes[c].start >= nodes[n.i].end {
		return Node{} // a scalar, or empty
	}
	return Node{n.doc, c}
}

// Next returns the member or item after n in the same object or array.
func (n Node) Next() Node {
	if n.doc == nil || n.doc.nodes[n.i].next == 0 {
		return Node{}
	}
	return Node{n.doc, n.doc.nodes[n.i].next}
}

// Len returns the number of items of an array or members of an object.
func (n Node) Len() int {
	count := 0
	for c := n.First(); c.Exists(); c = c.Next() {
		count++
	}
	return count
}

// Text returns the value of a string, and the literal of a number or boolean;
// "" for all else.
func (n Node) Text() string {
	switch n.Kind() {
	case String:
		x := &n.doc.nodes[n.i]
		s := n.doc.text[x.start+1 : x.end-1]
		if x.escaped { // almost no string of a resource is
			return unquote(s)
		}
		return s
	case Number, Bool:
		return n.Raw()
	}
	return ""
}

// Raw returns the JSON text of the value.
func (n Node) Raw() string {
	if n.doc == nil {
		return ""
	}
	x := &n.doc.nodes[n.i]
	return n.doc.text[x.start:x.end]
}

// Span returns the offsets of the value in the text of its Doc.
func (n Node) Span() (start, end int) {
	if n.doc == nil {
		return 0, 0
	}
	x := &n.doc.nodes[n.i]
	return int(x.start), int(x.end)
}

// Coding is a shorthand for the pair that tokens are made of.
func (n Node) Coding() (system, code string) {
	return n.Get("system").Text(), n.Get("code").Text()
}

// String returns the name of the JSON type.
func (k Kind) String() string {
	return [...]string{"absent", "object", "array", "string", "number", "boolean", "null"}[k]
}
