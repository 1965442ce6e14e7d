package xmltree

import "strings"

type qname struct{ space, local string }

// binding is a namespace declaration. own is the prefix that Config gives to the
// namespace, when it is known to it.
type binding struct {
	prefix, space, own string
	known              bool
}

// written is what there is to know of an attribute until its tag is read: where it
// stands, and how long its prefix is, which a later declaration may be of.
type written struct{ pos, prefix int }

// startTag reads <name attribute="value" …> or the empty element.
func (p *parser) startTag() error {
	start := p.pos
	p.pos++
	prefix, local, err := p.name()
	if err != nil {
		return err
	}
	if p.open == nil && p.root != nil {
		return p.fail(faultSyntax)
	}
	if len(p.levels) == p.config.Depth {
		return p.fail(faultDepth)
	}
	end := p.pos
	p.outside = len(p.scope)
	empty, err := p.attributes()
	if err != nil {
		return err
	}
	name, err := p.resolveName(prefix, local)
	if err != nil {
		return err
	}
	attrs, err := p.resolveAttributes()
	if err != nil {
		return err
	}
	node, err := p.add(start)
	if err != nil {
		return err
	}
	node.Name, node.Attrs = name, attrs
	if empty {
		p.scope = p.scope[:p.outside]
		return nil
	}
	p.open = node
	p.levels = append(p.levels, level{start: start + 1, end: end, scope: p.outside})
	if p.mixed > 0 || name == p.config.Mixed {
		p.mixed++
	}
	return nil
}

// endTag reads </name>.
func (p *parser) endTag() error {
	rest := p.text[p.pos+2:]
	end := strings.IndexByte(rest, '>')
	last := len(p.levels) - 1
	switch {
	case end < 0:
		p.pos = len(p.text)
		return p.fail(faultEnd)
	case last < 0:
		return p.fail(faultMismatch)
	}
	if tag := p.text[p.levels[last].start:p.levels[last].end]; rest[:end] != tag && strings.TrimRight(rest[:end], " \t\r\n") != tag {
		return p.fail(faultMismatch)
	}
	p.pos += 2 + end + 1
	p.mixed = max(0, p.mixed-1)
	p.open = p.open.parent
	p.scope = p.scope[:p.levels[last].scope]
	p.levels = p.levels[:last]
	return nil
}

// attributes reads up to the end of the tag: its attributes to the end of p.attrs,
// and namespace declarations into scope.
func (p *parser) attributes() (empty bool, err error) {
	p.written = p.written[:0]
	for {
		spaced := p.space()
		if p.pos == len(p.text) {
			return false, p.fail(faultEnd)
		}
		switch p.text[p.pos] {
		case '>':
			p.pos++
			return false, nil
		case '/':
			if !strings.HasPrefix(p.text[p.pos:], "/>") {
				return false, p.fail(faultSyntax)
			}
			p.pos += 2
			return true, nil
		}
		if !spaced {
			return false, p.fail(faultSyntax)
		}
		if err := p.attribute(); err != nil {
			return false, err
		}
	}
}

// attribute reads name="value".
func (p *parser) attribute() error {
	start := p.pos
	prefix, local, err := p.name()
	if err != nil {
		return err
	}
	p.space()
	if p.pos == len(p.text) {
		return p.fail(faultEnd)
	}
	if p.text[p.pos] != '=' {
		return p.fail(faultSyntax)
	}
	p.pos++
	p.space()
	if p.pos == len(p.text) {
		return p.fail(faultEnd)
	}
	quote := p.text[p.pos]
	if quote != '"' && quote != '\'' {
		return p.fail(faultSyntax)
	}
	p.pos++
	value, err := p.attributeValue(quote)
	if err != nil {
		return err
	}
	switch {
	case prefix == "xmlns":
		return p.declare(local, value)
	case prefix == "" && local == "xmlns":
		return p.declare("", value)
	case len(p.written) == p.config.Attrs:
		return p.fail(faultAttrs)
	}
	p.keep(Attr{local, value})
	p.written = append(p.written, written{start, len(prefix)})
	return nil
}

// keep puts an attribute behind the others of its tag, which stand together.
func (p *parser) keep(a Attr) {
	if len(p.attrs) == cap(p.attrs) {
		own := p.attrs[len(p.attrs)-len(p.written):]
		p.attrs = append(make([]Attr, 0, max(256, 2*len(own))), own...)
	}
	p.attrs = append(p.attrs, a)
}

// attributeValue reads up to the quote.
func (p *parser) attributeValue(quote byte) (string, error) {
	plain := true
	for i := p.pos; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == quote:
			value := p.text[p.pos:i]
			if !plain {
				var err error
				if value, err = p.resolve(value, true); err != nil {
					return "", err
				}
			}
			p.pos = i + 1
			return value, nil
		case c == '<':
			return "", p.fail(faultSyntax)
		case c == '&' || c < ' ':
			plain = false
		}
	}
	p.pos = len(p.text)
	return "", p.fail(faultEnd)
}

// declare puts a namespace declaration into scope (Namespaces in XML 1.0 §3).
func (p *parser) declare(prefix, space string) error {
	switch {
	case space == namespaceXInclude:
		return p.fail(faultInclude)
	case prefix == "xmlns", space == namespaceXMLNS, prefix != "" && space == "", (prefix == "xml") != (space == namespaceXML):
		return p.fail(faultPrefix)
	}
	if len(p.scope)-p.outside == p.config.Attrs {
		return p.fail(faultAttrs)
	}
	for _, b := range p.scope[p.outside:] {
		if b.prefix == prefix {
			return p.fail(faultTwice)
		}
	}
	p.scope = append(p.scope, p.bind(prefix, space))
	return nil
}
