package xmltree

import (
	"math"
	"strings"
)

const (
	namespaceXML      = "http://www.w3.org/XML/1998/namespace"
	namespaceXMLNS    = "http://www.w3.org/2000/xmlns/"
	namespaceXInclude = "http://www.w3.org/2001/XInclude"
)

// bytesMost is the most that Config may allow: decoded, three times as long, it
// has places that fit into Node.Offset.
const bytesMost = math.MaxInt32 / 3

// Parse reads a document. Its strings may share the bytes, which must not change
// as long as they are used. It fails with *fhir.Error, whose issue names the
// XPath of the element that is open, line and column.
func Parse(data []byte, c Config) (*Document, error) {
	c = c.withDefaults()
	if len(data) > min(c.Bytes, bytesMost) {
		return nil, faultSize.error("", 0, "")
	}
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, config: c, names: map[qname]string{}}
	// Tags that begin, and runs of text: 64 to 76 for 100 tags in the samples.
	p.slab = make([]Node, min(strings.Count(text, "<")*3/4+16, c.Nodes))
	if err := p.characters(); err != nil {
		return nil, err
	}
	if err := p.declaration(); err != nil {
		return nil, err
	}
	if err := p.document(); err != nil {
		return nil, err
	}
	return &Document{Root: p.root, Text: text}, nil
}

// parser is the state of one Parse.
type parser struct {
	text   string
	pos    int
	config Config

	root, open *Node
	levels     []level // of the open elements
	count      int
	mixed      int // how many of the open elements are within Config.Mixed
	slab       []Node
	used       int       // of the slab
	attrs      []Attr    // slab
	written    []written // of the tag that is read, as many as its attributes
	scope      []binding // namespace declarations in force, innermost last
	outside    int       // len(scope) outside the tag that is read
	names      map[qname]string
}

// level is what there is to know of an open element.
type level struct {
	start, end int   // where its name is written
	scope      int   // len(parser.scope) outside it
	last       *Node // the last node in it so far
}

func (p *parser) fail(f fault) error {
	path := ""
	if p.open != nil {
		path = p.open.Path()
	}
	return f.error(p.text, p.pos, path)
}

// characters refuses characters that XML 1.0 §2.2 does not have.
func (p *parser) characters() error {
	const low, high = 0x2020202020202020, 0x8080808080808080
	for i := 0; i < len(p.text); {
		if s := p.text[i:]; len(s) >= 8 { // eight at once: most have no byte below 0x20
			word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
				uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
			if (word-low)&^word&high == 0 {
				i += 8
				continue
			}
		}
		for end := min(i+8, len(p.text)); i < end; i++ {
			if c := p.text[i]; c < ' ' && c != '\n' && c != '\t' && c != '\r' {
				p.pos = i
				return p.fail(faultChar)
			}
		}
	}
	if i := max(strings.Index(p.text, "\ufffe"), strings.Index(p.text, "\uffff")); i >= 0 {
		p.pos = i
		return p.fail(faultChar)
	}
	return nil
}

// declaration skips the XML declaration, whose encoding decode has read. XML
// 1.1 is another language.
func (p *parser) declaration() error {
	if !strings.HasPrefix(p.text, "<?xml") || len(p.text) == 5 || !isSpace(rune(p.text[5])) {
		return nil
	}
	end := strings.Index(p.text, "?>")
	if end < 0 {
		return nil
	}
	if version := declared(p.text[:end+2], "version"); version != "" && version != "1.0" {
		return p.fail(faultSyntax)
	}
	p.pos = end + 2
	return nil
}

// document reads everything after the XML declaration.
func (p *parser) document() error {
	for p.pos < len(p.text) {
		var err error
		rest := p.text[p.pos:]
		switch {
		case rest[0] != '<':
			err = p.characterData()
		case len(rest) == 1:
			err = p.fail(faultEnd)
		case rest[1] == '/':
			err = p.endTag()
		case rest[1] == '!':
			err = p.declarationOrComment(rest)
		case rest[1] == '?':
			err = p.instruction()
		default:
			err = p.startTag()
		}
		if err != nil {
			return err
		}
	}
	if p.root == nil || p.open != nil {
		return p.fail(faultEnd)
	}
	return nil
}

// characterData reads up to the next tag (XML 1.0 §2.4).
func (p *parser) characterData() error {
	rest := p.text[p.pos:]
	end := strings.IndexByte(rest, '<')
	if end < 0 {
		end = len(rest)
	}
	run := rest[:end]
	if p.open == nil {
		if !blank(run) {
			return p.fail(faultSyntax)
		}
		p.pos += end
		return nil
	}
	if p.mixed == 0 && blank(run) {
		p.pos += end
		return nil
	}
	if strings.Contains(run, "]]>") {
		return p.fail(faultSyntax)
	}
	text, err := p.resolve(run, false)
	if err != nil {
		return err
	}
	node, err := p.add(p.pos)
	if err != nil {
		return err
	}
	node.Text = text
	p.pos += end
	return nil
}

// declarationOrComment reads <!-- -->, <![CDATA[ ]]>, and refuses <!DOCTYPE.
func (p *parser) declarationOrComment(rest string) error {
	switch {
	case strings.HasPrefix(rest, "<!--"):
		end := strings.Index(rest[4:], "--")
		if end < 0 {
			p.pos = len(p.text)
			return p.fail(faultEnd)
		}
		if !strings.HasPrefix(rest[4+end:], "-->") {
			p.pos += 4 + end
			return p.fail(faultSyntax)
		}
		p.pos += 4 + end + 3
		return nil
	case strings.HasPrefix(rest, "<![CDATA[") && p.open != nil:
		end := strings.Index(rest, "]]>")
		if end < 0 {
			p.pos = len(p.text)
			return p.fail(faultEnd)
		}
		node, err := p.add(p.pos)
		if err != nil {
			return err
		}
		node.Text = lineEnds(rest[9:end])
		p.pos += end + 3
		return nil
	case strings.HasPrefix("<!DOCTYPE", rest), strings.HasPrefix(rest, "<!DOCTYPE"):
		return p.fail(faultDoctype)
	}
	return p.fail(faultSyntax)
}

// instruction skips a processing instruction around the root element, such as
// the xml-stylesheet of most French documents. It is never followed. Inside, a
// page that embeds a document has that one with it, and no other is taken.
func (p *parser) instruction() error {
	if p.open != nil && !strings.HasPrefix(p.text[p.pos:], "<?xml-stylesheet ") {
		return p.fail(faultInstruction)
	}
	p.pos += 2
	prefix, target, err := p.name()
	if err != nil {
		return err
	}
	end := strings.Index(p.text[p.pos:], "?>")
	switch {
	case end < 0:
		p.pos = len(p.text)
		return p.fail(faultEnd)
	case prefix != "" || strings.EqualFold(target, "xml") || end > 0 && !p.space():
		return p.fail(faultInstruction)
	}
	p.pos += strings.Index(p.text[p.pos:], "?>") + 2
	return nil
}

// add hangs a node that begins at the offset under the open element. It is the
// caller's to fill in.
func (p *parser) add(offset int) (*Node, error) {
	p.count++
	if p.count > p.config.Nodes {
		return nil, p.fail(faultNodes)
	}
	if p.used == len(p.slab) {
		p.slab, p.used = make([]Node, 64), 0
	}
	node := &p.slab[p.used]
	p.used++
	node.Offset, node.parent = int32(offset), p.open
	if p.open == nil {
		p.root = node
		return node, nil
	}
	around := &p.levels[len(p.levels)-1]
	if around.last == nil {
		p.open.first = node
	} else {
		around.last.next = node
	}
	around.last = node
	return node, nil
}
