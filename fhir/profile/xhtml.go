package profile

import (
	"strings"
	"unicode/utf8"
)

// An xhtml scans the div of a narrative, a small part of XML: elements,
// attributes, text, comments, and the references &lt; &gt; &amp; &quot; &apos;
// and &#…;. It is strict where browsers are not, so that what it allows cannot
// be read as anything else.
type xhtml struct {
	text     string
	pos      int
	open     []string // names of the open elements
	rooted   bool     // the div has begun
	readable bool     // there is text or an image
}

// maxNesting bounds the open elements; tables in lists in tables are ten deep.
const maxNesting = 64

func fault(f narrativeFault) *narrativeFault { return &f }

func (x *xhtml) scan() *narrativeFault {
	if strings.ContainsAny(x.text, "\ufffe\uffff") { // which XML may not hold
		return fault(notWellFormed)
	}
	for x.pos < len(x.text) {
		if err := x.next(); err != nil {
			return err
		}
	}
	switch {
	case !x.rooted:
		return fault(notOneDiv)
	case len(x.open) > 0:
		return fault(notWellFormed)
	case !x.readable:
		return fault(nothingToRead)
	}
	return nil
}

// next scans a tag, a comment, or the text up to one.
func (x *xhtml) next() *narrativeFault {
	rest := x.text[x.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return x.comment(rest)
	case strings.HasPrefix(rest, "</"):
		return x.endTag()
	case rest[0] == '<':
		return x.startTag()
	}
	end := strings.IndexByte(rest, '<')
	if end < 0 {
		end = len(rest)
	}
	x.pos += end
	return x.characters(rest[:end])
}

// characters checks text between tags.
func (x *xhtml) characters(s string) *narrativeFault {
	if strings.Trim(s, " \t\r\n\u00a0") != "" {
		if len(x.open) == 0 {
			return fault(notOneDiv)
		}
		x.readable = true
	}
	if strings.Contains(s, "]]>") || !references(s) {
		return fault(notWellFormed)
	}
	return nil
}

// comment skips a comment. Browsers end one at --> but also at --!> and, at
// its start, at > and ->: none of these may be in it.
func (x *xhtml) comment(rest string) *narrativeFault {
	body, _, ok := strings.Cut(rest[len("<!--"):], "-->")
	if !ok || strings.Contains(body, "--") || strings.HasPrefix(body, ">") || strings.HasPrefix(body, "->") || strings.HasSuffix(body, "-") {
		return fault(notWellFormed)
	}
	x.pos += len("<!--") + len(body) + len("-->")
	return nil
}

func (x *xhtml) endTag() *narrativeFault {
	x.pos += len("</")
	name := x.name()
	x.space()
	if len(x.open) == 0 || name != x.open[len(x.open)-1] || !x.take('>') {
		return fault(notWellFormed)
	}
	x.open = x.open[:len(x.open)-1]
	return nil
}

func (x *xhtml) startTag() *narrativeFault {
	x.pos++
	name := x.name()
	if name == "" || len(x.open) >= maxNesting {
		return fault(notWellFormed)
	}
	root := len(x.open) == 0
	if root && (x.rooted || name != "div") {
		return fault(notOneDiv)
	}
	if !allowedElements[name] {
		return fault(elementNotAllowed)
	}
	named, err := x.attributes()
	if err != nil {
		return err
	}
	if root && !named {
		return fault(notOneDiv)
	}
	x.rooted = true
	x.readable = x.readable || name == "img"
	if x.take('/') {
		if !x.take('>') {
			return fault(notWellFormed)
		}
		return nil
	}
	if !x.take('>') {
		return fault(notWellFormed)
	}
	x.open = append(x.open, name)
	return nil
}

// attributes scans up to the end of a start tag. named reports an xmlns.
func (x *xhtml) attributes() (named bool, err *narrativeFault) {
	var seen [8]string
	names := seen[:0]
	for {
		spaced := x.space()
		name := x.name()
		if name == "" {
			return named, nil
		}
		for _, other := range names {
			if other == name {
				return false, fault(notWellFormed)
			}
		}
		names = append(names, name)
		value, ok := x.attributeValue()
		if !spaced || !ok {
			return false, fault(notWellFormed)
		}
		if f, ok := checkAttribute(name, value); !ok {
			return false, fault(f)
		}
		named = named || name == "xmlns"
	}
}

// attributeValue scans = and a value in quotes.
func (x *xhtml) attributeValue() (string, bool) {
	x.space()
	if !x.take('=') {
		return "", false
	}
	x.space()
	for _, quote := range []byte{'"', '\''} {
		if x.take(quote) {
			end := strings.IndexByte(x.text[x.pos:], quote)
			if end < 0 {
				return "", false
			}
			value := x.text[x.pos : x.pos+end]
			x.pos += end + 1
			return value, strings.IndexByte(value, '<') < 0 && references(value)
		}
	}
	return "", false
}

// name scans the name of an element or attribute; "" when none starts here.
func (x *xhtml) name() string {
	start := x.pos
	for x.pos < len(x.text) {
		c := x.text[x.pos]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == ':' || c == '_'
		if !letter && (x.pos == start || !(c >= '0' && c <= '9' || c == '-' || c == '.')) {
			break
		}
		x.pos++
	}
	return x.text[start:x.pos]
}

func (x *xhtml) space() bool {
	start := x.pos
	for x.pos < len(x.text) && strings.IndexByte(" \t\r\n", x.text[x.pos]) >= 0 {
		x.pos++
	}
	return x.pos > start
}

func (x *xhtml) take(c byte) bool {
	if x.pos < len(x.text) && x.text[x.pos] == c {
		x.pos++
		return true
	}
	return false
}

// references reports whether every & starts a reference that XML has without a
// DTD, to a character that XML may hold.
func references(s string) bool {
	for {
		_, after, found := strings.Cut(s, "&")
		if !found {
			return true
		}
		name, rest, ok := strings.Cut(after, ";")
		if !ok {
			return false
		}
		switch name {
		case "lt", "gt", "amp", "quot", "apos":
		default:
			if !characterReference(name) {
				return false
			}
		}
		s = rest
	}
}

// characterReference reports whether the text between & and ; is a number of a
// character.
func characterReference(name string) bool {
	digits, ok := strings.CutPrefix(name, "#")
	base := rune(10)
	if rest, hex := strings.CutPrefix(digits, "x"); hex {
		digits, base = rest, 16
	}
	if !ok || digits == "" || len(digits) > 7 {
		return false
	}
	r := rune(0)
	for _, c := range []byte(digits) {
		d := rune(c - '0')
		if c|0x20 >= 'a' && c|0x20 <= 'f' {
			d = rune(c|0x20-'a') + 10
		}
		if d >= base {
			return false
		}
		r = r*base + d
	}
	return r >= ' ' && utf8.ValidRune(r) && r|1 != 0xffff || r == '\t' || r == '\n' || r == '\r'
}
