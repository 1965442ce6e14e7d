package script

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	request    = regexp.MustCompile(`^(both )?([a-z]+(?:\+[0-9]+)?)(?:\[([^\]]*)\])? ([A-Z]+) (\S*)$`)
	headerLine = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*):(?: (.*))?$`)
)

// Parse reads a script. The error names the file and the line.
func Parse(name, text string) (*Script, error) {
	s := &Script{Name: name}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var err error
		if inner, indented := strings.CutPrefix(line, "  "); indented {
			err = s.detail(i+1, inner)
		} else {
			err = s.top(i+1, line)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
	}
	if s.Title == "" || len(s.Steps) == 0 {
		return nil, fmt.Errorf("%s: a script has a title and at least one request", name)
	}
	return s, nil
}

// top reads a line that is not indented.
func (s *Script) top(number int, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "title":
		s.Title = rest
		return nil
	case "alone":
		s.Alone = true
		return nil
	case "let":
		name, text, _ := strings.Cut(rest, " ")
		s.Lets = append(s.Lets, let{name, text})
		return nil
	case "pair":
		f := strings.Fields(rest)
		if len(f) != 3 {
			return fmt.Errorf("pair NAME WITHHELD ABSENT, not %q", line)
		}
		s.Pairs = append(s.Pairs, pair{f[0], f[1], f[2]})
		return nil
	}
	m := request.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("neither a directive nor ACTOR METHOD PATH: %q", line)
	}
	s.Steps = append(s.Steps, Step{Line: number, Both: m[1] != "", Actor: m[2], Scope: m[3], Method: m[4], Path: m[5]})
	return nil
}

// detail reads an indented line: it belongs to the request above it.
func (s *Script) detail(number int, line string) error {
	if len(s.Steps) == 0 {
		return fmt.Errorf("%q belongs to no request", line)
	}
	step := &s.Steps[len(s.Steps)-1]
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "|":
		if step.Body != "" {
			step.Body += "\n"
		}
		step.Body += rest
	case word == "<":
		step.File = rest
	case checks[word] != nil:
		step.Checks = append(step.Checks, check{number, word, rest})
	default:
		m := headerLine.FindStringSubmatch(line)
		if m == nil {
			return fmt.Errorf("neither a check nor a header: %q", line)
		}
		step.Header = append(step.Header, header{m[1], m[2]})
	}
	return nil
}
