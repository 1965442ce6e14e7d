package search

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a string (R4 search.html#string):
//
//	stringWhole  folded text [cut] end text  the text; what follows end is left out where folding changed nothing
//	stringRest   folded text [end]           overlapping pieces of a folded text that was cut, for :contains; end after the last
//	stringPart   folded text [cut]           the text without its punctuation, where that joins words (O'Brien, obrien);
//	                                         a family name from its second word on, from its third, … (Carreno Quinones)
const (
	stringPart  = 'p'
	stringRest  = 'q'
	stringWhole = 's'
)

// The lengths, in bytes of folded text, that keep a search exact.
const (
	foldWide    = 220                 // kept in stringWhole, and the longest that a search may ask for
	containsMax = 100                 // the longest text of :contains
	piece       = 400                 // of a stringRest
	stride      = piece - containsMax // from one to the next: what straddles two lies whole in one
	pieces      = 1 << 16 / stride    // of one text: :contains looks at its first 64 KiB
)

// familyParts is of how many words of a family name the parts have rows.
const familyParts = 6

// stringEmits says how each data type is a string; see partsOf for names and
// addresses.
var stringEmits = map[string]emit{
	"string":   emitString,
	"markdown": emitString,
	"code":     emitString,
	"uri":      emitString,
}

// partsOf are the elements by which names and addresses are searched, part by
// part: each is a place of its own, so that Patient.name has the rows of
// Patient.family (parts.go).
var partsOf = map[string][]string{
	"HumanName": {"text", "family", "given", "prefix", "suffix"},
	"Address":   {"text", "line", "city", "district", "state", "postalCode", "country"},
}

// textSource is a place of a text, read as a family name where it is one.
func textSource(steps []step) source {
	if n := len(steps); n > 0 && steps[n-1].name == "family" {
		return source{steps, emitFamily, "family"}
	}
	return source{steps, emitString, "text"}
}

func emitString(w *writer, n fhirjson.Node) {
	s := n.Text()
	if s == "" {
		return
	}
	w.fold = appendFold(w.fold[:0], s)
	w.open(stringWhole)
	w.arena = appendWhole(w.arena, w.fold, s, w.part)
	w.close()
	if w.part == narrow {
		return
	}
	if len(w.fold) > foldWide {
		w.pieces()
	}
	if folded := len(w.fold); joins(s) {
		w.fold = appendJoined(w.fold, s)
		if joined := w.fold[folded:]; !bytes.Equal(joined, w.fold[:folded]) {
			w.stringPart(joined)
		}
		w.fold = w.fold[:folded]
	}
}

// emitFamily writes a family name so that its parts are found independently (R4
// search.html#string).
func emitFamily(w *writer, n fhirjson.Node) {
	emitString(w, n)
	rest := w.fold
	for range familyParts {
		_, after, more := bytes.Cut(rest, []byte{' '})
		if !more || w.part == narrow || n.Text() == "" {
			return
		}
		w.stringPart(after)
		rest = after
	}
}

func (w *writer) stringPart(fold []byte) {
	w.open(stringPart)
	w.arena = appendPrefix(w.arena, fold, foldWide)
	w.close()
}

// appendWhole appends what follows the tag of a stringWhole.
func appendWhole(dst, fold []byte, s string, part int) []byte {
	dst = append(appendPrefix(dst, fold, foldLimit(part)), end)
	if len(fold) > foldLimit(part) || string(fold) != s {
		dst = appendPart(dst, s, foldLimit(part))
	}
	return dst
}

// foldLimit is how much folded text a row holds.
func foldLimit(part int) int {
	if part == narrow {
		return narrow
	}
	return foldWide
}

// joins reports whether a text has punctuation after its beginning.
func joins(s string) bool {
	return strings.IndexFunc(s, unicode.IsPunct) > 0
}

// appendJoined folds a text whose punctuation says nothing at all.
func appendJoined(dst []byte, s string) []byte {
	return append(dst, appendFold(nil, strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) {
			return -1
		}
		return r
	}, s))...)
}

func (w *writer) prefix() int { return foldLimit(w.part) }

// pieces writes the stringRest rows.
func (w *writer) pieces() {
	for i, at := 0, foldWide-containsMax; i < pieces && at < len(w.fold); i, at = i+1, at+stride {
		w.open(stringRest)
		w.arena = append(w.arena, w.fold[at:min(at+piece, len(w.fold))]...)
		if at+piece >= len(w.fold) {
			w.end()
		}
		w.close()
		if at+piece >= len(w.fold) {
			return
		}
	}
}

// string reads a text to search for.
func (c *compiler) string(modifier, value string) ([]clause, error) {
	switch modifier {
	case "exact":
		s, ok := unescape(value)
		if !ok || s == "" {
			return nil, c.escapes()
		}
		return []clause{equals(appendWhole([]byte{stringWhole}, appendFold(nil, s), s, c.part))}, nil
	case "contains":
		return c.contains(value)
	}
	out, err := c.startsWith(stringWhole, value)
	if err != nil || c.part == narrow {
		return out, err
	}
	part, _ := c.startsWith(stringPart, value)
	return append(append(out, part...), c.joined(value)...), nil
}

// joined is the clause of the texts that begin like the value without its
// punctuation: who writes o'brien may look for obrien, and the reverse.
func (c *compiler) joined(value string) []clause {
	s, _ := unescape(value)
	if !joins(s) {
		return nil
	}
	joined := appendJoined(nil, s)
	if len(joined) == 0 || len(joined) > foldWide {
		return nil
	}
	return []clause{{Range: prefixed(append([]byte{stringWhole}, joined...))}, {Range: prefixed(append([]byte{stringPart}, joined...))}}
}

// startsWith is the clause of the texts that begin so, case and accents aside.
func (c *compiler) startsWith(tag byte, value string) ([]clause, error) {
	fold, err := c.fold(value, foldLimit(c.part))
	if err != nil {
		return nil, err
	}
	return []clause{{Range: prefixed(append([]byte{tag}, fold...))}}, nil
}

func (c *compiler) contains(value string) ([]clause, error) {
	fold, err := c.fold(value, containsMax)
	if err != nil {
		return nil, err
	}
	return []clause{
		{Range: tagged(stringPart, stringRest), accept: func(v []byte) bool { return bytes.Contains(v[1:], fold) }},
		{Range: tagged(stringWhole, stringWhole), accept: func(v []byte) bool {
			return bytes.Contains(v[1:1+bytes.IndexByte(v[1:], end)], fold)
		}},
	}, nil
}

// fold folds a text to search for, which must say something and not too much.
func (c *compiler) fold(value string, limit int) ([]byte, error) {
	s, ok := unescape(value)
	if !ok {
		return nil, c.escapes()
	}
	fold := appendFold(nil, s)
	switch {
	case len(fold) == 0:
		return nil, c.malformed("search.malformed-string",
			fhir.T("The value holds no letter or digit to search for.", "La valeur ne contient ni lettre ni chiffre à chercher."),
			fhir.T("Write the beginning of the text; case, accents and punctuation do not count.",
				"Écrivez le début du texte ; la casse, les accents et la ponctuation ne comptent pas."))
	case len(fold) > limit:
		return nil, c.tooLong(limit)
	}
	return fold, nil
}
