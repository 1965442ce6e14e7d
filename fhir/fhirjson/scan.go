package fhirjson

// A scanner reads a text once, from left to right.
type scanner struct {
	text   string
	pos    int
	nodes  []node
	names  []nameHash // of the objects that are open, for duplicates
	limits Limits
}

func (s *scanner) fail(f fault) error { return f.at(s.text, s.pos) }

// unexpected is the error for the byte at pos, or for the end of the text.
func (s *scanner) unexpected() error {
	if s.pos >= len(s.text) {
		return s.fail(faultEnd)
	}
	switch c := s.text[s.pos]; {
	case c < ' ' && c != '\n' && c != '\r' && c != '\t':
		return s.fail(faultControl)
	case !s.validRune():
		return s.fail(faultUTF8)
	}
	return s.fail(faultSyntax)
}

// peek returns the byte at pos, 0 at the end: no token starts with NUL.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return
		}
	}
}

// value reads the value at pos with all that is in it, and returns the index
// of its node. null is refused unless allowed here.
func (s *scanner) value(depth int, null bool) (int32, error) {
	if len(s.nodes) >= s.limits.Values {
		return 0, s.fail(valuesFault(s.limits.Values))
	}
	i := int32(len(s.nodes))
	s.nodes = append(s.nodes, node{start: int32(s.pos)})
	var err error
	var kind Kind
	var escaped bool
	switch c := s.peek(); c {
	case '{':
		kind, err = Object, s.object(depth)
	case '[':
		kind, err = Array, s.array(depth)
	case '"':
		kind = String
		escaped, err = s.str()
	case 't':
		kind, err = Bool, s.word("true")
	case 'f':
		kind, err = Bool, s.word("false")
	case 'n':
		kind = Null
		if err = s.word("null"); err == nil && !null {
			s.pos -= len("null")
			err = s.fail(faultNull)
		}
	default:
		kind, err = Number, s.number()
	}
	if err != nil {
		return 0, err
	}
	n := &s.nodes[i]
	n.end, n.kind, n.escaped = int32(s.pos), kind, escaped
	return i, nil
}

// object reads from the opening brace to the closing one.
func (s *scanner) object(depth int) error {
	if depth > s.limits.Depth {
		return s.fail(depthFault(s.limits.Depth))
	}
	s.pos++
	s.space()
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	first := len(s.names)
	for last := int32(0); ; {
		name, err := s.name(first)
		if err != nil {
			return err
		}
		i, err := s.value(depth+1, s.limits.Null)
		if err != nil {
			return err
		}
		n := &s.nodes[i]
		n.nameStart, n.nameEnd, n.nameEscaped = name.start, name.end, name.escaped
		if last != 0 {
			s.nodes[last].next = i
		}
		last = i
		more, err := s.more('}')
		if err != nil {
			return err
		}
		if !more {
			s.names = s.names[:first]
			return nil
		}
	}
}

// array reads from the opening bracket to the closing one.
func (s *scanner) array(depth int) error {
	if depth > s.limits.Depth {
		return s.fail(depthFault(s.limits.Depth))
	}
	s.pos++
	s.space()
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for last := int32(0); ; {
		i, err := s.value(depth+1, true)
		if err != nil {
			return err
		}
		if last != 0 {
			s.nodes[last].next = i
		}
		last = i
		if more, err := s.more(']'); err != nil || !more {
			return err
		}
	}
}

// more reads the comma before the next member or item, or the closing bracket.
func (s *scanner) more(closing byte) (bool, error) {
	s.space()
	switch s.peek() {
	case ',':
		s.pos++
		s.space()
		return true, nil
	case closing:
		s.pos++
		return false, nil
	}
	return false, s.unexpected()
}

// word reads true, false or null.
func (s *scanner) word(w string) error {
	for i := range len(w) {
		if s.peek() != w[i] {
			return s.unexpected()
		}
		s.pos++
	}
	return nil
}
