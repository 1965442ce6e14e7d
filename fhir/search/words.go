package search

import (
	"bytes"
	"html"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of _text (R4 search.html#content):
//
//	wordRow   folded word   a word of the narrative
//	wordMore                the narrative has more than maxWords different words: look into it
//
// _content has none: it is looked for in the resource itself.
const (
	wordRow  = 'w'
	wordMore = '+'
)

// maxWords is how many different words of a narrative have rows. More than
// that is a document, which is found as well, only slower.
const maxWords = 256

// words are the parameters over words.
var words = map[string]bool{"_text": true, "_content": true}

// wordParams are those of every type, which the published definitions have
// without an expression.
func wordParams() []*parameter {
	steps := []step{{name: "text"}, {name: "div"}}
	return []*parameter{
		{Param: Param{Code: "_content", Base: "Resource", Type: Special, URL: "http://hl7.org/fhir/SearchParameter/Resource-content", ID: id("Resource", "_content")}},
		{Param: Param{Code: "_text", Base: "Resource", Type: Special, URL: "http://hl7.org/fhir/SearchParameter/DomainResource-text", ID: id("Resource", "_text")},
			sources: []source{{steps: steps, emit: emitNarrative}}},
	}
}

// emitNarrative writes the rows of the words of a narrative.
func emitNarrative(w *writer, n fhirjson.Node) {
	w.fold = appendFold(w.fold[:0], narrativeText(n.Text()))
	before, rest := len(w.rows), w.fold
	for len(rest) > 0 && !w.full {
		var word []byte
		word, rest, _ = bytes.Cut(rest, []byte{' '})
		if w.known(before, word) {
			continue
		}
		if len(w.rows)-before == maxWords {
			w.open(wordMore)
			w.close()
			return
		}
		w.open(wordRow)
		w.arena = appendPart(w.arena, string(word), narrow)
		w.close()
	}
}

// known reports whether one of the rows from there on is that of the word.
func (w *writer) known(from int, word []byte) bool {
	return len(word) <= narrow && slices.ContainsFunc(w.rows[from:], func(r row) bool { return bytes.Equal(w.arena[r.start+1:r.end], word) })
}

// narrativeText is the text of XHTML, with a space where a tag other than one of
// those within words stood.
func narrativeText(div string) string {
	var b strings.Builder
	b.Grow(len(div))
	for {
		text, rest, ok := strings.Cut(div, "<")
		b.WriteString(text)
		if !ok {
			return html.UnescapeString(b.String())
		}
		tag, after, ok := strings.Cut(rest, ">")
		if !ok {
			return html.UnescapeString(b.String())
		}
		name := strings.TrimPrefix(tag, "/")
		name = name[:len(name)-len(strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
		if !inline[strings.ToLower(name)] {
			b.WriteByte(' ')
		}
		div = after
	}
}

// inline are the elements of a narrative that do not part words.
var inline = map[string]bool{"a": true, "abbr": true, "b": true, "big": true, "em": true, "font": true, "i": true, "small": true,
	"span": true, "strong": true, "sub": true, "sup": true, "tt": true, "u": true}

// words reads what _text or _content looks for: words that must all be there,
// OR between alternatives, which binds tighter, and phrases in double quotes.
func (p *parser) words(code, value string) (fhir.Param, *fhir.Error) {
	any := fhir.Param{Join: fhir.Or}
	total := 0
	for _, alternative := range fields(value, ',') {
		text, ok := unescape(alternative)
		groups := wordGroups(text)
		for _, g := range groups {
			total += len(g)
		}
		if !ok || len(groups) == 0 {
			return any, fault(fhir.Malformed, "search.malformed-words", fhir.CodeValue, code,
				fhir.T("The value holds no word to look for.", "La valeur ne contient aucun mot à chercher."),
				fhir.T("Write words that must all be there, OR between alternatives, and phrases in double quotes; case and accents do not count.",
					"Écrivez les mots qui doivent tous figurer, OR entre des alternatives, et les expressions entre guillemets ; la casse et les accents ne comptent pas."))
		}
		if total > maxAsked {
			return any, fault(fhir.Forbidden, "search.too-many-words", fhir.CodeTooCostly, code,
				fhir.T("Too many words are looked for at once.", "Trop de mots sont cherchés à la fois."),
				fhir.T("Give at most %[1]d.", "Donnez-en au plus %[1]d.", maxAsked))
		}
		all := fhir.Param{Join: fhir.And}
		for _, g := range groups {
			all.Of = append(all.Of, wordParam(code, g))
		}
		any.Of = append(any.Of, simple(all))
	}
	return simple(any), nil
}

// maxAsked is how many words and phrases one value names.
const maxAsked = 50

// simple is the one condition that a join of one comes to.
func simple(p fhir.Param) fhir.Param {
	if len(p.Of) == 1 {
		return p.Of[0]
	}
	return p
}

// wordGroups folds words and phrases and groups those that OR joins.
func wordGroups(text string) (groups [][]string) {
	or := false
	add := func(phrase string) {
		fold := string(appendFold(nil, phrase))
		switch {
		case fold == "":
			return
		case or && len(groups) > 0:
			groups[len(groups)-1] = append(groups[len(groups)-1], fold)
		default:
			groups = append(groups, []string{fold})
		}
		or = false
	}
	for text != "" {
		before, rest, quoted := strings.Cut(text, `"`)
		for word := range strings.FieldsSeq(before) {
			switch word {
			case "OR":
				or = true
			case "AND", "and":
			default:
				add(word)
			}
		}
		if !quoted {
			break
		}
		phrase, after, _ := strings.Cut(rest, `"`)
		add(phrase)
		text = after
	}
	return groups
}

// wordParam is the condition that one of some phrases is there.
func wordParam(code string, phrases []string) fhir.Param {
	look := func(phrases ...string) fhir.Param {
		return fhir.Param{Code: code, Compare: "phrase", Values: escaped(phrases)}
	}
	if code == "_content" {
		return look(phrases...)
	}
	more := fhir.Param{Code: code, Compare: "more", Values: []string{"+"}}
	any := fhir.Param{Join: fhir.Or}
	var single []string
	for _, phrase := range phrases {
		parts := strings.Fields(phrase)
		if len(parts) == 1 {
			single = append(single, phrase)
			continue
		}
		// Its first word finds it, the narrative proves it.
		first := fhir.Param{Join: fhir.Or, Of: []fhir.Param{{Code: code, Values: escaped(parts[:1])}, more}}
		any.Of = append(any.Of, fhir.Param{Join: fhir.And, Of: []fhir.Param{first, look(phrase)}})
	}
	if len(single) > 0 {
		any.Of = append(any.Of, fhir.Param{Code: code, Values: escaped(single)},
			fhir.Param{Join: fhir.And, Of: []fhir.Param{more, look(single...)}})
	}
	return simple(any)
}

func escaped(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = escapeValue(s, "")
	}
	return out
}

// word compiles a word of a narrative.
func (c *compiler) word(op, value string) ([]clause, error) {
	s, ok := unescape(value)
	switch {
	case !ok || s == "":
		return nil, c.escapes()
	case op == "more":
		return []clause{equals([]byte{wordMore})}, nil
	case op == "phrase" || c.p.Code == "_content":
		return nil, nil // no row tells
	}
	return []clause{equals(appendPart([]byte{wordRow}, string(appendFold(nil, s)), narrow))}, nil
}

// Words are phrases to look for in a resource itself: what no row tells.
type Words struct {
	phrases   [][]byte // folded, with a space on either side
	narrative bool     // only there
}

// WordsOf returns what the parameter looks for in the resource itself; nil for
// a parameter that rows decide.
func WordsOf(p *fhir.Param) *Words {
	if !words[p.Code] || p.Compare != "phrase" {
		return nil
	}
	w := &Words{narrative: p.Code == "_text"}
	for _, v := range p.Values {
		s, _ := unescape(v)
		w.phrases = append(w.phrases, padded(s))
	}
	return w
}

func padded(s string) []byte { return append(append([]byte{' '}, appendFold(nil, s)...), ' ') }

// Match reports whether one of the phrases is in the narrative or, for
// _content, in any text of the resource. A phrase lies within one element.
func (w *Words) Match(root fhirjson.Node) bool {
	if w.in(narrativeText(root.At("text", "div").Text())) {
		return true
	}
	return !w.narrative && w.within(root)
}

func (w *Words) within(n fhirjson.Node) bool {
	switch n.Kind() {
	case fhirjson.Object:
		for m := range n.Members() {
			if w.within(m) {
				return true
			}
		}
	case fhirjson.Array:
		for item := range n.Items() {
			if w.within(item) {
				return true
			}
		}
	case fhirjson.String:
		if n.Name() == "div" {
			return w.in(narrativeText(n.Text()))
		}
		return w.in(n.Text())
	}
	return false
}

func (w *Words) in(text string) bool {
	if text == "" {
		return false
	}
	fold := padded(text)
	return slices.ContainsFunc(w.phrases, func(p []byte) bool { return bytes.Contains(fold, p) })
}
