package writer

import (
	"cmp"
	"slices"
	"strings"
)

// An element is one of the document under construction; without a name it is
// text. The methods may be called on nil, which is an element that is not there.
type element struct {
	name     string
	attrs    []string // names and values
	children []*element
	text     string
	mixed    bool // its content is text: nothing may be indented in it
	style    bool // of a narrative: it only shows what it holds in another way
}

// el returns an element with the attributes that are not empty.
func el(name string, attrs ...string) *element { return (&element{name: name}).set(attrs...) }

// set adds the attributes that are not empty.
func (e *element) set(attrs ...string) *element {
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			e.attrs = append(e.attrs, attrs[i], attrs[i+1])
		}
	}
	return e
}

// attr returns the value of an attribute, empty for none.
func (e *element) attr(name string) string {
	for i := 0; i+1 < len(e.attrs); i += 2 {
		if e.attrs[i] == name {
			return e.attrs[i+1]
		}
	}
	return ""
}

// add appends the children that are there.
func (e *element) add(children ...*element) *element {
	for _, c := range children {
		if c != nil {
			e.children = append(e.children, c)
		}
	}
	return e
}

// words appends text.
func (e *element) words(s string) *element {
	if s != "" {
		e.children = append(e.children, &element{text: s})
		e.mixed = true
	}
	return e
}

// leaf returns an element that holds a text, nil for an empty one.
func leaf(name, text string, attrs ...string) *element {
	if text == "" {
		return nil
	}
	return el(name, attrs...).words(text)
}

// null returns an element that says why it is empty.
func null(name, flavor string) *element { return el(name, "nullFlavor", flavor) }

// or returns e, or instead when e is nil.
func (e *element) or(instead *element) *element {
	if e == nil {
		return instead
	}
	return e
}

// empty reports whether there are neither attributes nor children.
func (e *element) empty() bool { return e == nil || len(e.attrs) == 0 && len(e.children) == 0 }

// sort puts the children of every element in the order of the schema.
func (e *element) sort() {
	if sequence := sequences[e.name]; sequence != "" && !e.mixed {
		slices.SortStableFunc(e.children, func(a, b *element) int { return cmp.Compare(place(sequence, a.name), place(sequence, b.name)) })
	}
	for _, c := range e.children {
		c.sort()
	}
}

// place is where a name stands in a sequence of names with blanks around them;
// at the end when it does not.
func place(sequence, name string) int {
	if i := strings.Index(sequence, " "+name+" "); i >= 0 {
		return i
	}
	return len(sequence)
}

func (e *element) write(b *strings.Builder, indent string) {
	if e.name == "" {
		escape(b, e.text, false)
		return
	}
	b.WriteString("<" + e.name)
	for i := 0; i < len(e.attrs); i += 2 {
		b.WriteString(" " + e.attrs[i] + `="`)
		escape(b, e.attrs[i+1], true)
		b.WriteByte('"')
	}
	if len(e.children) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteByte('>')
	for _, c := range e.children {
		if !e.mixed {
			b.WriteString("\n" + indent + "  ")
		}
		c.mixed = c.mixed || e.mixed
		c.write(b, indent+"  ")
	}
	if !e.mixed {
		b.WriteString("\n" + indent)
	}
	b.WriteString("</" + e.name + ">")
}

// escape writes character data. What XML 1.0 has no character for becomes
// U+FFFD, as FHIR lets no such string in.
func escape(b *strings.Builder, s string, attribute bool) {
	for _, c := range s {
		switch {
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case c == '&':
			b.WriteString("&amp;")
		case c == '"' && attribute:
			b.WriteString("&quot;")
		case attribute && (c == '\n' || c == '\t' || c == '\r'):
			b.WriteByte(' ')
		case c == '\r':
			b.WriteString("&#13;")
		case c < ' ' && c != '\n' && c != '\t' || c == 0xfffe || c == 0xffff:
			b.WriteRune('\ufffd')
		default:
			b.WriteRune(c)
		}
	}
}
