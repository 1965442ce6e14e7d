package search

import (
	"bytes"
	"github.com/cordee-sante/cordee/fhir"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a string (R4 search.html#string):
//
//	stringWhole  folded text [cut] end text  the text; what follows end is left out where folding changed nothing
//	stringRest   folded text                 overlapping pieces of a folded text that was cut, for :contains
const (
	stringWhole = 's'
	stringRest  = 'q'
)

// The lengths, in bytes of folded text, that keep a search exact.
const (
	foldWide    = 220                 // kept in stringWhole, and the longest that a search may ask for
	containsMax = 100                 // the longest text of :contains
	piece       = 400                 // of a stringRest
	stride      = piece - containsMax // from one to the next: what straddles two lies whole in one
	pieces      = 1 << 16 / stride    // of one text: :contains looks at its first 64 KiB
)

// stringEmits says how each data type is a string: names and addresses are
// searched part by part.
var stringEmits = map[string]emit{
	"string":   emitString,
	"markdown": emitString,
	"code":     emitString,
	"uri":      emitString,
	"HumanName": func(w *writer, n fhirjson.Node) {
		emitParts(w, n, func(name string) bool {
			return name == "family" || name == "given" || name == "text" || name == "prefix" || name == "suffix"
		})
	},
	"Address": func(w *writer, n fhirjson.Node) {
		emitParts(w, n, func(name string) bool {
			return name == "text" || name == "line" || name == "city" || name == "district" || name == "state" || name == "postalCode" || name == "country"
		})
	},
}

func emitParts(w *writer, n fhirjson.Node, is func(name string) bool) {
	for m := range n.Members() {
		if is(m.Name()) {
			for part := range m.Items() {
				emitString(w, part)
			}
		}
	}
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
	if w.part == wide && len(w.fold) > foldWide {
		w.pieces()
	}
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

func (w *writer) prefix() int { return foldLimit(w.part) }

// pieces writes the stringRest rows.
func (w *writer) pieces() {
	for i, at := 0, foldWide-containsMax; i < pieces && at < len(w.fold); i, at = i+1, at+stride {
		w.open(stringRest)
		w.arena = append(w.arena, w.fold[at:min(at+piece, len(w.fold))]...)
		w.close()
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
	return c.startsWith(stringWhole, value)
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
		{Range: tagged(stringRest, stringRest), accept: func(v []byte) bool { return bytes.Contains(v[1:], fold) }},
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
