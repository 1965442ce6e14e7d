package xmltree

import (
	"slices"
	"strings"
)

// name reads a name with an optional prefix. Names outside ASCII are refused:
// no format of the field has them.
func (p *parser) name() (prefix, local string, err error) {
	rest := p.text[p.pos:]
	end := nameLength(rest)
	local = rest[:end]
	colon := end < len(rest) && rest[end] == ':'
	if colon {
		prefix, local = local, rest[end+1:]
		local = local[:nameLength(local)]
		end += 1 + len(local)
	}
	if p.pos += end; end == len(rest) {
		return "", "", p.fail(faultEnd)
	}
	if !startsName(local) || colon && !startsName(prefix) || rest[end] >= 0x80 || rest[end] == ':' {
		return "", "", p.fail(faultName)
	}
	return prefix, local, nil
}

// nameLength is how many bytes of a name a text begins with.
func nameLength(text string) int {
	for i := range len(text) {
		if !nameBytes[text[i]] {
			return i
		}
	}
	return len(text)
}

// nameBytes are those of a name after its first.
var nameBytes = func() (t [256]bool) {
	for c := range t {
		b := byte(c)
		t[c] = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.'
	}
	return t
}()

func startsName(s string) bool {
	return s != "" && s[0] != '-' && s[0] != '.' && (s[0] < '0' || s[0] > '9')
}

// space skips white space and reports whether there was any.
func (p *parser) space() bool {
	start := p.pos
	end := start
	for end < len(p.text) && isSpace(rune(p.text[end])) {
		end++
	}
	p.pos = end
	return end > start
}

// namespace looks a prefix up among the declarations in force.
func (p *parser) namespace(prefix string) (b *binding, ok bool) {
	for i := len(p.scope) - 1; i >= 0; i-- {
		if p.scope[i].prefix == prefix {
			return &p.scope[i], true
		}
	}
	own := p.bind(prefix, "")
	if prefix == "xml" {
		own = p.bind(prefix, namespaceXML)
	}
	return &own, prefix == "xml" || prefix == ""
}

func (p *parser) bind(prefix, space string) binding {
	own, known := p.config.Prefixes[space]
	if space == namespaceXML {
		own, known = "xml", true
	}
	return binding{prefix, space, own, known}
}

// resolveName returns the name for Node.Name, or for Attr.Name where it has a
// prefix: an attribute without has no namespace.
func (p *parser) resolveName(prefix, local string) (string, error) {
	b, ok := p.namespace(prefix)
	if !ok {
		return "", p.fail(faultPrefix)
	}
	if b.space == namespaceXInclude {
		return "", p.fail(faultInclude)
	}
	if b.known && b.own == "" {
		return local, nil
	}
	key := qname{b.space, local}
	name, cached := p.names[key]
	if !cached {
		if name = "{" + b.space + "}" + local; b.known {
			name = b.own + ":" + local
		}
		p.names[key] = name
	}
	return name, nil
}

// resolveAttributes returns the attributes of the tag that was read.
func (p *parser) resolveAttributes() ([]Attr, error) {
	if len(p.written) == 0 {
		return nil, nil
	}
	own := slices.Clip(p.attrs[len(p.attrs)-len(p.written):])
	for i, w := range p.written {
		if w.prefix > 0 {
			name, err := p.resolveName(p.text[w.pos:w.pos+w.prefix], own[i].Name)
			if err != nil {
				return nil, err
			}
			own[i].Name = name
		}
		for j := range i {
			if own[j].Name == own[i].Name {
				p.pos = w.pos
				return nil, p.fail(faultTwice)
			}
		}
	}
	return own, nil
}

// resolve returns character data or an attribute value with its references
// resolved, line ends as \n and, in an attribute, white space as spaces
// (XML 1.0 §2.11, §3.3.3).
func (p *parser) resolve(s string, attribute bool) (string, error) {
	if attribute && strings.ContainsAny(s, "\t\r\n") {
		s = strings.NewReplacer("\r\n", " ", "\t", " ", "\r", " ", "\n", " ").Replace(s)
	} else {
		s = lineEnds(s)
	}
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s, nil
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b.WriteString(s[:i])
		s = s[i+1:]
		end := strings.IndexByte(s, ';')
		if end < 0 {
			return "", p.fail(faultEntity)
		}
		r, ok := reference(s[:end])
		if !ok {
			return "", p.fail(faultEntity)
		}
		b.WriteRune(r)
		s = s[end+1:]
	}
	b.WriteString(s)
	return b.String(), nil
}

func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// reference returns the character of a reference, without & and ; (§4.1).
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, found := strings.CutPrefix(name, "#")
	if !found {
		return 0, false
	}
	base := rune(10)
	if hex, found := strings.CutPrefix(digits, "x"); found {
		base, digits = 16, hex
	}
	return character(digits, base)
}

// character reads the number of a character reference; only characters that
// XML has (§2.2) are accepted.
func character(digits string, base rune) (r rune, ok bool) {
	if digits == "" || len(digits) > 8 {
		return 0, false
	}
	for _, c := range []byte(digits) {
		var d rune
		switch {
		case c >= '0' && c <= '9':
			d = rune(c - '0')
		case base == 16 && c >= 'a' && c <= 'f':
			d = rune(c-'a') + 10
		case base == 16 && c >= 'A' && c <= 'F':
			d = rune(c-'A') + 10
		default:
			return 0, false
		}
		if r = r*base + d; r > 0x10ffff {
			return 0, false
		}
	}
	switch {
	case r == '\t', r == '\n', r == '\r', r >= 0x20 && r < 0xd800, r >= 0xe000 && r < 0xfffe, r >= 0x10000:
		return r, true
	}
	return 0, false
}
