package search

import (
	"fmt"
	"strings"
)

// An expr is a node of a SearchParameter's expression: the part of FHIRPath that
// the published parameters use (paths, |, as, is, and, =, !=, functions, an
// index and string literals).
type expr struct {
	op   string // "name", "literal", "resource", ".", "call", "[0]", "|", "as", "is", "and", "=", "!="
	name string // of a member, type or function; text of a literal
	args []*expr
}

// parseExpression reads the whole text or fails.
func parseExpression(text string) (*expr, error) {
	p := &expressionParser{rest: text}
	p.next()
	e := p.and()
	if p.err == nil && p.token != "" {
		p.fail()
	}
	if p.err != nil {
		return nil, fmt.Errorf("expression %q: %w", text, p.err)
	}
	return e, nil
}

// expressionParser is a recursive descent in FHIRPath's order of binding: and is
// the loosest, then = and !=, then |, then is and as, then the path.
type expressionParser struct {
	rest  string
	token string // the next token: a name, an operator, or a literal with its opening quote
	err   error
}

func (p *expressionParser) and() *expr      { return p.binary(p.equality, "and") }
func (p *expressionParser) equality() *expr { return p.binary(p.union, "=", "!=") }
func (p *expressionParser) union() *expr    { return p.binary(p.typed, "|") }

func (p *expressionParser) binary(operand func() *expr, ops ...string) *expr {
	e := operand()
	for p.err == nil {
		op := ""
		for _, o := range ops {
			if p.token == o {
				op = o
			}
		}
		if op == "" {
			break
		}
		p.next()
		e = &expr{op: op, args: []*expr{e, operand()}}
	}
	return e
}

func (p *expressionParser) typed() *expr {
	e := p.path()
	for p.err == nil && (p.token == "as" || p.token == "is") {
		op := p.token
		p.next()
		e = &expr{op: op, name: p.word(), args: []*expr{e}}
	}
	return e
}

func (p *expressionParser) path() *expr {
	e := p.term()
	for p.err == nil {
		switch p.token {
		case ".":
			p.next()
			e = p.member(e)
		case "[":
			p.next()
			if p.token != "0" {
				p.fail()
			}
			p.next()
			p.expect("]")
			e = &expr{op: "[0]", args: []*expr{e}}
		default:
			return e
		}
	}
	return e
}

func (p *expressionParser) term() *expr {
	switch {
	case p.token == "(":
		p.next()
		e := p.and()
		p.expect(")")
		return e
	case strings.HasPrefix(p.token, "'"):
		e := &expr{op: "literal", name: p.token[1:]}
		p.next()
		return e
	case p.token == "%":
		p.next()
		if p.word() != "resource" {
			p.fail()
		}
		return &expr{op: "resource"}
	}
	return p.member(nil)
}

// member reads a name, or a function with its arguments.
func (p *expressionParser) member(of *expr) *expr {
	e := &expr{op: ".", name: p.word(), args: []*expr{of}}
	if of == nil {
		e.op, e.args = "name", nil
	}
	if p.token != "(" {
		return e
	}
	e.op, e.args = "call", []*expr{of}
	for p.next(); p.token != ")" && p.err == nil; {
		e.args = append(e.args, p.and())
		if p.token == "," {
			p.next()
		}
	}
	p.expect(")")
	return e
}

func (p *expressionParser) word() string {
	w := p.token
	if w == "" || !letter(w[0]) {
		p.fail()
	}
	p.next()
	return w
}

func (p *expressionParser) expect(token string) {
	if p.token != token {
		p.fail()
	}
	p.next()
}

func (p *expressionParser) fail() {
	if p.err == nil {
		p.err = fmt.Errorf("cannot read it from %q on", p.token+p.rest)
	}
	p.rest, p.token = "", ""
}

func (p *expressionParser) next() {
	s := strings.TrimLeft(p.rest, " \t\r\n")
	n := 0
	switch {
	case s == "":
	case letter(s[0]):
		for n < len(s) && (letter(s[n]) || s[n] >= '0' && s[n] <= '9') {
			n++
		}
	case s[0] == '\'':
		n = strings.IndexByte(s[1:], '\'') + 1
		if n == 0 {
			p.fail()
			return
		}
		p.token, p.rest = s[:n], s[n+1:]
		return
	case strings.HasPrefix(s, "!="):
		n = 2
	default:
		n = 1
	}
	p.token, p.rest = s[:n], s[n:]
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
