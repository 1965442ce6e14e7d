package cda_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

// An element is XML as tests take it apart and put it together again: names as
// they are written, with their prefixes; comments and the like are gone. A run of
// text has no name.
type element struct {
	name  string
	attrs [][2]string
	text  string
	kids  []*element
}

// elementOf reads a document, or a fragment.
func elementOf(t testing.TB, data string) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(data))
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return root.kids[slices.IndexFunc(root.kids, func(e *element) bool { return e.name != "" })]
		}
		if err != nil {
			t.Fatal(err)
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: written(token.Name)}
			for _, a := range token.Attr {
				e.attrs = append(e.attrs, [2]string{written(a.Name), a.Value})
			}
			top.kids = append(top.kids, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				top.kids = append(top.kids, &element{text: string(token)})
			}
		}
	}
}

func written(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func (e *element) String() string {
	var b strings.Builder
	e.write(&b)
	return b.String()
}

func (e *element) write(b *strings.Builder) {
	if e.name == "" {
		xml.EscapeText(b, []byte(e.text))
		return
	}
	b.WriteString("<" + e.name)
	for _, a := range e.attrs {
		b.WriteString(" " + a[0] + `="`)
		xml.EscapeText(b, []byte(a[1]))
		b.WriteByte('"')
	}
	b.WriteByte('>')
	for _, kid := range e.kids {
		kid.write(b)
	}
	b.WriteString("</" + e.name + ">")
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a[0] == name {
			return a[1]
		}
	}
	return ""
}

func (e *element) set(name, value string) {
	for i := range e.attrs {
		if e.attrs[i][0] == name {
			e.attrs[i][1] = value
			return
		}
	}
	e.attrs = append(e.attrs, [2]string{name, value})
}

func (e *element) unset(name string) {
	e.attrs = slices.DeleteFunc(e.attrs, func(a [2]string) bool { return a[0] == name })
}

// kid is the first child of that name, nil when there is none.
func (e *element) kid(name string) *element {
	for _, kid := range e.kids {
		if kid.name == name {
			return kid
		}
	}
	return nil
}

// drop takes the children of that name out.
func (e *element) drop(name string) {
	e.kids = slices.DeleteFunc(e.kids, func(kid *element) bool { return kid.name == name })
}

// walk visits the element and all below it, outer ones first.
func (e *element) walk(visit func(*element)) {
	visit(e)
	for _, kid := range e.kids {
		if kid.name != "" {
			kid.walk(visit)
		}
	}
}

// below are the elements below one, outer ones first, that are of a kind.
func (e *element) below(is func(*element) bool) (list []*element) {
	e.walk(func(at *element) {
		if is(at) {
			list = append(list, at)
		}
	})
	return list
}

func named(name string) func(*element) bool {
	return func(e *element) bool { return e.name == name }
}

// sections visits every section.
func (e *element) sections(visit func(*element)) {
	for _, s := range e.below(named("section")) {
		visit(s)
	}
}

// statements visits every clinical statement of every entry, outer ones first.
func (e *element) statements(visit func(*element)) {
	for _, entry := range e.below(named("entry")) {
		for _, s := range entry.below(func(s *element) bool { return s.attr("classCode") != "" && slices.Contains(statementNames, s.name) }) {
			visit(s)
		}
	}
}

var statementNames = []string{"observation", "act", "procedure", "substanceAdministration", "supply", "encounter", "organizer", "observationMedia"}
