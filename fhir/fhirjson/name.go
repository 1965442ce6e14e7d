package fhirjson

import (
	"strings"
	"unicode"
)

// A name is the place of a member's name in the text, without its quotes.
type name struct {
	start, end int32
	escaped    bool
}

// A nameHash is a name of an open object. Names that are equal but for their
// case have equal hashes.
type nameHash struct {
	hash uint32
	name name
}

// name reads a member's name, the colon and the space around it, and compares
// it with the names of the same object, which start at first.
func (s *scanner) name(first int) (name, error) {
	if s.peek() != '"' {
		return name{}, s.unexpected()
	}
	start := s.pos
	escaped, err := s.str()
	if err != nil {
		return name{}, err
	}
	n := name{start: int32(start + 1), end: int32(s.pos - 1), escaped: escaped}
	if f := s.admit(n, first); f != nil {
		s.pos = start
		return name{}, s.fail(*f)
	}
	s.space()
	if s.peek() != ':' {
		return name{}, s.unexpected()
	}
	s.pos++
	s.space()
	return n, nil
}

// admit adds the name to those of its object. Comparing hashes one by one is
// faster than a map for objects of up to Limits.Members.
func (s *scanner) admit(n name, first int) *fault {
	if len(s.names)-first >= s.limits.Members {
		f := membersFault(s.limits.Members)
		return &f
	}
	h := s.foldedHash(n)
	for _, other := range s.names[first:] {
		if other.hash != h {
			continue
		}
		a, b := s.nameText(n), s.nameText(other.name)
		if a == b {
			return &faultDuplicate
		}
		if strings.EqualFold(a, b) {
			return &faultCase
		}
	}
	s.names = append(s.names, nameHash{h, n})
	return nil
}

func (s *scanner) nameText(n name) string {
	text := s.text[n.start:n.end]
	if n.escaped {
		return unquote(text)
	}
	return text
}

// foldedHash is FNV-1a over the name with every character replaced by the
// first of those that strings.EqualFold takes for the same.
func (s *scanner) foldedHash(n name) uint32 {
	const offset, prime = 2166136261, 16777619
	h := uint32(offset)
	if !n.escaped {
		ascii := true
		for i := n.start; i < n.end; i++ {
			c := s.text[i]
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			ascii = ascii && c < 0x80
			h = (h ^ uint32(c)) * prime
		}
		if ascii {
			return h
		}
		h = offset
	}
	for _, r := range s.nameText(n) {
		h = (h ^ uint32(firstFold(r))) * prime
	}
	return h
}

// firstFold returns the smallest character that r folds to; for a to z it is
// the capital.
func firstFold(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}
