package xmltree

import (
	"iter"
	"strconv"
	"strings"
)

// A Node is an element or a run of character data. Nodes are read-only but for
// Mark.
type Node struct {
	// Name is the local name, with the prefix that Config gives its namespace in
	// front ("sdtc:raceCode"), or {namespace}local when Config knows it not. It
	// is empty for character data.
	Name   string
	Text   string // of character data, entities resolved
	Attrs  []Attr // without namespace declarations
	Offset int32  // of the first byte in the decoded text
	Mark   int32  // free for the reader of the tree

	parent, first, next *Node
}

// An Attr is an attribute; its Name is made like that of a Node.
type Attr struct{ Name, Value string }

// IsText reports whether the node is character data.
func (n *Node) IsText() bool { return n.Name == "" }

// IsBlank reports whether the node is character data of white space only.
func (n *Node) IsBlank() bool { return n.Name == "" && blank(n.Text) }

func blank(s string) bool {
	for i := range len(s) {
		if !isSpace(rune(s[i])) {
			return false
		}
	}
	return true
}

// Parent returns the element around the node, nil for the root.
func (n *Node) Parent() *Node { return n.parent }

// Attr returns the value of an attribute, empty when it is absent. It may be
// called on nil, like every method that selects.
func (n *Node) Attr(name string) string {
	if n != nil {
		for i := range n.Attrs {
			if n.Attrs[i].Name == name {
				return n.Attrs[i].Value
			}
		}
	}
	return ""
}

// HasAttr reports whether the attribute is there, empty or not.
func (n *Node) HasAttr(name string) bool {
	if n != nil {
		for i := range n.Attrs {
			if n.Attrs[i].Name == name {
				return true
			}
		}
	}
	return false
}

// Nodes yields elements and character data under the node, in order.
func (n *Node) Nodes() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if n == nil {
			return
		}
		for c := n.first; c != nil; c = c.next {
			if !yield(c) {
				return
			}
		}
	}
}

// Elements yields the elements of that name under the node, every element for
// an empty name.
func (n *Node) Elements(name string) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if n == nil {
			return
		}
		for c := n.first; c != nil; c = c.next {
			if c.Name != "" && (name == "" || c.Name == name) && !yield(c) {
				return
			}
		}
	}
}

// Element returns the first element at the end of the path of names, or nil.
func (n *Node) Element(path ...string) *Node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		c := n.first
		for c != nil && c.Name != name {
			c = c.next
		}
		n = c
	}
	return n
}

// All yields the node and everything below it, in document order.
func (n *Node) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if n == nil {
			return
		}
		for at := n; at != nil; {
			if !yield(at) {
				return
			}
			if at.first != nil {
				at = at.first
				continue
			}
			for at != n && at.next == nil {
				at = at.parent
			}
			if at == n {
				return
			}
			at = at.next
		}
	}
}

// String returns the character data of the node and of everything below it,
// each run of white space as one space, none at the ends.
func (n *Node) String() string {
	if n == nil {
		return ""
	}
	if n.first != nil && n.first.next == nil && n.first.Name == "" {
		return Squeeze(n.first.Text)
	}
	var b strings.Builder
	for c := range n.All() {
		b.WriteString(c.Text)
	}
	return Squeeze(b.String())
}

// Squeeze returns s with single spaces for runs of white space and none at the
// ends. Most values have nothing to squeeze and come back as they are.
func Squeeze(s string) string {
	s = strings.Trim(s, " \t\r\n")
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\n' || c == '\t' || c == '\r' || c == ' ' && s[i+1] == ' ' {
			return strings.Join(strings.FieldsFunc(s, isSpace), " ")
		}
	}
	return s
}

// isSpace is XML white space: a no-break space belongs to the text.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// Path returns the XPath of the node from the root, with the position among the
// siblings of the same name where there are several.
func (n *Node) Path() string { return string(n.appendPath(make([]byte, 0, 160))) }

func (n *Node) appendPath(b []byte) []byte {
	if n == nil {
		return b
	}
	return n.appendStep(n.parent.appendPath(b))
}

// appendStep appends the last step of Path.
func (n *Node) appendStep(b []byte) []byte {
	b = append(b, '/')
	if n.Name == "" {
		b = append(b, "text()"...)
	} else {
		b = append(b, n.Name...)
	}
	if at, several := n.position(); several {
		b = strconv.AppendInt(append(b, '['), int64(at), 10)
		b = append(b, ']')
	}
	return b
}

// position returns the place, from 1, among the siblings of the same name.
func (n *Node) position() (at int, several bool) {
	at = 1
	if n.parent == nil {
		return at, false
	}
	for c := n.parent.first; c != n; c = c.next {
		if c.Name == n.Name {
			at++
		}
	}
	several = at > 1
	for c := n.next; c != nil && !several; c = c.next {
		several = c.Name == n.Name
	}
	return at, several
}
