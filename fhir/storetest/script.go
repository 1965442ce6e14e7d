package storetest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// script is one script under way.
type script struct {
	t    *testing.T
	open Opener
	regs registries

	reg    *search.Registry
	repo   fhir.Repository
	view   fhir.View
	chosen []string   // ids that the repository chose: new1, new2, …
	more   fhir.Query // what next asks, with its cursor

	line    int
	clause  string // the last remark
	pending bool   // a line with "?" in front is expected to fail
	cases   int
}

// fresh goes on with an empty repository.
func (s *script) fresh(zone string) {
	s.reg = s.regs.of(s.t, zone)
	s.repo = s.open(s.t, s.reg)
	s.view, s.chosen, s.more = Everything, nil, fhir.Query{}
}

// file runs a script from an empty repository.
func (s *script) file(name string) {
	text, err := scripts.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	s.fresh("")
	s.run(text)
}

func (s *script) run(text []byte) {
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, 1<<20)
	open := "" // a command whose answer is still to come
	for sc.Scan() {
		s.line++
		line := strings.TrimSpace(sc.Text())
		answer, answers := strings.CutPrefix(line, "=>")
		switch {
		case answers:
			s.check(open, strings.TrimSpace(answer))
			open = ""
		case open != "":
			s.t.Fatalf("line %d: %q has no answer", s.line-1, open)
		case line == "":
		case line[0] == '#':
			s.clause = strings.TrimSpace(line[1:])
		case s.direct(line):
		default:
			i := strings.LastIndex(line, "=>")
			if i < 0 {
				open = line
				continue
			}
			s.check(strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+2:]))
		}
	}
	if open != "" {
		s.t.Fatalf("line %d: %q has no answer", s.line, open)
	}
}

// direct follows a direction, and reports whether the line is one.
func (s *script) direct(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "fresh":
		s.fresh(rest)
	case "later":
		time.Sleep(2 * time.Millisecond) // lastUpdated counts milliseconds
	case "as":
		who, name, _ := strings.Cut(rest, " ")
		switch who {
		case "everyone":
			s.view = Everything
		case "hidden":
			s.view = Hiding(name)
		case "patient":
			s.view = inside(name)
		case "nobody":
			s.view = nil
		default:
			s.t.Fatalf("line %d: nobody is called %q", s.line, rest)
		}
	default:
		return false
	}
	return true
}

func (s *script) check(command, want string) {
	s.t.Helper()
	s.cases++
	if command, ok := strings.CutPrefix(command, "? "); ok && s.pending {
		s.checkPending(command, want)
		return
	}
	if got := s.do(command); got != want {
		s.t.Errorf("line %d, %s: %.300s\n got %s\nwant %s", s.line, s.clause, command, got, want)
	}
}

// do runs one command and words its answer.
func (s *script) do(command string) string {
	verb, rest, _ := strings.Cut(command, " ")
	rest = s.known(strings.TrimSpace(rest))
	commands := map[string]func(context.Context, string) string{
		"put": s.put, "create": s.create, "delete": s.delete, "transaction": s.transaction,
		"search": s.search, "lenient": s.lenient, "count": s.count, "total": s.total,
		"walk": s.walk, "page": s.first, "next": s.next,
		"read": s.read, "element": s.element, "history": s.history,
	}
	run, ok := commands[verb]
	if !ok {
		s.t.Fatalf("line %d: unknown command %q", s.line, verb)
	}
	return s.named(run(context.Background(), rest))
}

// known puts the ids that the repository chose in place of new1, new2, ….
func (s *script) known(text string) string {
	for i := len(s.chosen); i > 0; i-- {
		text = strings.ReplaceAll(text, fmt.Sprintf("new%d", i), s.chosen[i-1])
	}
	return text
}

// named is the reverse of known.
func (s *script) named(text string) string {
	for i, id := range s.chosen {
		text = strings.ReplaceAll(text, id, fmt.Sprintf("new%d", i+1))
	}
	return text
}

func wordError(err error) string {
	var e *fhir.Error
	if !errors.As(err, &e) {
		return "! " + err.Error()
	}
	return fmt.Sprintf("! %s %s", e.Kind, e.Issues[0].ID)
}
