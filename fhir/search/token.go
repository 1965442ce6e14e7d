package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a token (R4 search.html#token):
//
//	tokenPair    code end system end         the code of a system; an empty system for none
//	tokenPlain   folded code end system end  as tokenPair, for what has no case (codings, strings, contact points)
//	tokenCode    code                        in place of tokenPair where all values of the parameter are of one system
//	tokenOfType  system end code end value   an identifier by its type (:of-type)
//	tokenText    folded text                 what a person reads (:text)
//
// The code comes first: without its system it is found in a range of few values
// (Range.Few), one for each system that has it. Who asks for a system alone reads
// all rows. Within a composite there is no tokenCode.
const (
	tokenPair   = 'b'
	tokenCode   = 'c'
	tokenPlain  = 'k'
	tokenOfType = 'o'
	tokenText   = 'x'
)

// specialValues is the system of boolean tokens.
const specialValues = "http://terminology.hl7.org/CodeSystem/special-values"

// tokenEmits says how each data type is a token. What people write is compared
// without case, and so are codings, of whose system one cannot know whether case
// counts (R4 search.html#token: when in doubt, without). The codes of R4 itself
// have case, and identifiers are compared as they are: two that differ in case
// may be two people.
var tokenEmits = map[string]emit{
	"Coding":          emitCoding,
	"CodeableConcept": emitConcept,
	"Identifier":      emitIdentifier,
	"ContactPoint":    emitContact,
	"boolean":         func(w *writer, n fhirjson.Node) { w.token(specialValues, n.Text()) },
	"code":            emitCode,
	"id":              emitCode,
	"uri":             emitCode,
	"canonical":       emitCode,
	"url":             emitCode,
	"oid":             emitCode,
	"uuid":            emitCode,
	"string":          func(w *writer, n fhirjson.Node) { w.plain("", strings.ToLower(n.Text())) },
}

func emitCode(w *writer, n fhirjson.Node) { w.token("", n.Text()) }

// alone makes the parameter one of which all values are of the system.
func (p *parameter) alone(system string) {
	p.system = &system
	for i := range p.sources {
		read := p.sources[i].emit
		if p.sources[i].reads != "" {
			p.sources[i].reads += " alone"
		}
		p.sources[i].emit = func(w *writer, n fhirjson.Node) {
			w.alone = w.part == wide
			read(w, n)
			w.alone = false
		}
	}
}

// oneSystem is the system of all values of a parameter, if that is known: codes
// have none, and booleans their own.
func (p *parameter) oneSystem() (system string, ok bool) {
	for i, s := range p.sources {
		own := ""
		switch code, _ := strings.CutPrefix(s.reads, "token "); code {
		case "code", "id", "uri", "canonical", "url", "oid", "uuid":
		case "boolean":
			own = specialValues
		default:
			return "", false
		}
		if i > 0 && own != system {
			return "", false
		}
		system = own
	}
	return system, len(p.sources) > 0
}

func emitCoding(w *writer, n fhirjson.Node) {
	var system, code, display string
	for m := range n.Members() {
		switch m.Name() {
		case "system":
			system = m.Text()
		case "code":
			code = m.Text()
		case "display":
			display = m.Text()
		}
	}
	w.plain(system, strings.ToLower(code))
	w.words(display)
}

func emitConcept(w *writer, n fhirjson.Node) {
	for m := range n.Members() {
		switch m.Name() {
		case "coding":
			for c := range m.Items() {
				emitCoding(w, c)
			}
		case "text":
			w.words(m.Text())
		}
	}
}

func emitIdentifier(w *writer, n fhirjson.Node) {
	value := n.Get("value").Text()
	w.token(n.Get("system").Text(), value)
	kind := n.Get("type")
	w.words(kind.Get("text").Text())
	if value == "" {
		return
	}
	for c := range kind.Get("coding").Items() {
		if system, code := c.Coding(); code != "" {
			w.open(tokenOfType)
			w.text(system)
			w.end()
			w.text(code)
			w.end()
			w.text(value)
			w.close()
		}
	}
}

func emitContact(w *writer, n fhirjson.Node) {
	w.plain(n.Get("system").Text(), contactForm(n.Get("value").Text()))
}

// emitCondition writes a boolean that no element holds.
func emitCondition(holds condition) emit {
	return func(w *writer, n fhirjson.Node) {
		if holds(n) {
			w.token(specialValues, "true")
		} else {
			w.token(specialValues, "false")
		}
	}
}

// token writes the rows of a code.
func (w *writer) token(system, code string) {
	w.coded(tokenPair, system, code)
}

// plain writes the rows of a token that has no case, given in lower case.
func (w *writer) plain(system, code string) {
	w.coded(tokenPlain, system, code)
}

func (w *writer) coded(tag byte, system, code string) {
	switch {
	case code == "" && (system == "" || w.alone):
	case w.alone:
		w.open(tokenCode)
		w.text(code)
		w.close()
	default:
		w.open(tag)
		w.text(code)
		w.end()
		w.text(system)
		w.end()
		w.close()
	}
}

// words writes the row of a text.
func (w *writer) words(s string) {
	if s == "" || w.part == narrow { // a component takes no modifier
		return
	}
	w.fold = appendFold(w.fold[:0], s)
	w.open(tokenText)
	w.arena = appendPrefix(w.arena, w.fold, w.prefix())
	w.close()
}

// contactForm is the form in which contact points are compared: lower case, and
// a telephone number as its digits. The latter is told by its look, so that it
// needs no word from whoever searches (R4 search.html#token leaves the handling
// of contact points to the server).
func contactForm(s string) string {
	number := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			number = true
		case strings.IndexByte(" +-.()/", c) < 0:
			return strings.ToLower(s)
		}
	}
	if !number {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, s)
}

// token reads [system]|[code] and its variants.
func (c *compiler) token(modifier, value string) ([]clause, error) {
	switch modifier {
	case "", "not":
		parts := split(value, '|')
		switch {
		case slices.ContainsFunc(parts, c.spaced):
			return nil, c.malformed("search.malformed-token",
				fhir.T("White space stands at an end of the value.", "Une espace se trouve à un bout de la valeur."),
				fhir.Text{
					EN: "Leave it out, after the commas as well; in a URL a + is a space, and %2B a plus.",
					FR: "Omettez-la, après les virgules aussi ; dans une URL un + est une espace, et %2B un plus.",
				})
		case len(parts) == 1 && parts[0] != "":
			return c.codes("", parts[0], false), nil
		case len(parts) == 2 && parts[1] != "":
			return c.codes(parts[0], parts[1], true), nil
		case len(parts) == 2 && parts[0] != "":
			return c.system(parts[0]), nil
		}
		return nil, c.malformed("search.malformed-token",
			fhir.T("The value is not a token.", "La valeur n'est pas un jeton."),
			fhir.T("Write code, system|code, |code for a code without system, or system| for any code of the system; put a backslash before a | of the code.",
				"Écrivez code, système|code, |code pour un code sans système, ou système| pour tout code du système ; mettez une barre oblique inverse devant un | du code."))
	case "text":
		return c.startsWith(tokenText, value)
	case "of-type":
		return c.ofType(value)
	}
	return c.subsumed(modifier, value)
}

// spaced reports white space at an end of a part of a value where no value has
// any, so that nothing would be found, which looks like an answer: of a code or an
// id (R4 datatypes.html#code), and in front of a telephone number, where it was a
// plus. An identifier may have it.
func (c *compiler) spaced(part string) bool {
	switch {
	case c.p.contact:
		return strings.HasPrefix(part, " ")
	case c.p.Code == "_id", c.p.system != nil, !c.p.exact:
		return strings.TrimSpace(part) != part
	}
	return false
}

// codes is the clause of one code, of a given system or of any.
func (c *compiler) codes(system, code string, paired bool) (out []clause) {
	if c.inSystem() {
		if !paired || system == *c.p.system || slices.Contains(c.p.systems, system) {
			out = append(out, equals(appendPart([]byte{tokenCode}, code, c.part)))
		}
		return out
	}
	if c.p.exact {
		out = append(out, c.coded(tokenPair, system, code, paired))
		if paired && slices.Contains(c.p.systems, system) {
			out = append(out, c.coded(tokenPair, "", code, true))
		}
	}
	if c.p.caseless {
		out = append(out, c.coded(tokenPlain, system, strings.ToLower(code), paired))
	}
	if c.p.contact {
		out = append(out, c.coded(tokenPlain, system, contactForm(code), paired))
	}
	return out
}

// inSystem reports whether the rows are those of one system.
func (c *compiler) inSystem() bool { return c.p.system != nil && c.part == wide }

func (c *compiler) coded(tag byte, system, code string, paired bool) clause {
	if paired {
		return equals(append(c.pair(tag, code, system), end))
	}
	few := prefixed(append(appendPart([]byte{tag}, code, c.part), end))
	few.Few = true
	return clause{Range: few}
}

// system is the clause of any code of a system.
func (c *compiler) system(system string) (out []clause) {
	if c.inSystem() {
		if system == *c.p.system {
			out = append(out, clause{Range: tagged(tokenCode, tokenCode)})
		}
		return out
	}
	tail := append(appendPart([]byte{end}, system, c.part), end)
	add := func(tag byte) {
		out = append(out, clause{Range: tagged(tag, tag), accept: func(v []byte) bool { return bytes.HasSuffix(v, tail) }})
	}
	if c.p.exact {
		add(tokenPair)
	}
	if c.p.caseless || c.p.contact {
		add(tokenPlain)
	}
	return out
}

// codeOf is the code that a row holds.
func codeOf(v []byte) []byte {
	code, _, _ := bytes.Cut(v[1:], []byte{end})
	return code
}

func (c *compiler) pair(tag byte, first, second string) []byte {
	return appendPart(append(appendPart([]byte{tag}, first, c.part), end), second, c.part)
}

// ofType reads system|code|value (R4 search.html#token, :of-type).
func (c *compiler) ofType(value string) ([]clause, error) {
	parts := split(value, '|')
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return nil, c.malformed("search.malformed-token",
			fhir.T("The value is not an identifier with its type.", "La valeur n'est pas un identifiant avec son type."),
			fhir.T("Write system|code|value, where system and code are those of Identifier.type.",
				"Écrivez système|code|valeur, où système et code sont ceux de Identifier.type."))
	}
	return []clause{equals(appendPart(append(c.pair(tokenOfType, parts[0], parts[1]), end), parts[2], c.part))}, nil
}

// subsumed asks the terminology for the codes of :in, :not-in, :above, :below.
func (c *compiler) subsumed(modifier, value string) ([]clause, error) {
	if c.codings == nil {
		return nil, c.unsupported("search.unsupported-modifier", modifier)
	}
	value, ok := unescape(value)
	if !ok {
		return nil, c.escapes()
	}
	if system, code, ok := strings.Cut(value, "|"); (modifier == "above" || modifier == "below") && (!ok || system == "" || code == "") {
		return nil, c.malformed("search.malformed-token",
			fhir.T("The value names no code of a code system.", "La valeur ne nomme aucun code d'un système de codes."),
			fhir.T("Write system|code: what lies above or below a code is said by its system.", "Écrivez système|code : c'est son système qui dit ce qui est au-dessus ou au-dessous d'un code."))
	}
	codings, err := c.codings(strings.TrimPrefix(modifier, "not-"), value)
	if err != nil {
		return nil, err
	}
	if len(codings) > c.limits.Codes {
		return nil, c.costly()
	}
	var out []clause
	for _, k := range codings {
		if k.Code == "" {
			out = append(out, c.system(k.System)...)
			continue
		}
		out = append(out, c.codes(k.System, k.Code, true)...)
	}
	return out, nil
}
