// Package storetest is the contract of fhir.Repository: plain-text scripts that
// every implementation passes, each naming the clause of FHIR R4 it rests on.
//
// A script is a sequence of lines, run against an empty repository:
//
//	# words                            a clause, or a remark
//	as everyone | as hidden LABEL      who asks from here on: a view of everything, or
//	                                   of everything that does not carry the label
//	put JSON                           update (or create) the resource by its id
//	create JSON [if QUERY]             conditional create; the answer is the id or the effect
//	delete Type/id [match VERSION]
//	transaction JSON                   array of {method, url, fullUrl, resource, ifNoneExist, ifMatch}
//	search QUERY                       ids of the matches in order; "+ Type/id" for included ones
//	count QUERY                        the accurate total
//	walk N QUERY                       ids of all pages of N, "|" between pages
//	read Type/id[/_history/n]          the version and effect
//	history [Type[/id]]                key and effect of each version
//
// Each command ends with "=> answer", on its line or, for a long one, on the
// next. An error answers "! kind issue-id".
package storetest

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

//go:embed testdata/*.txt
var scripts embed.FS

// An Opener makes an empty repository, closed when the test ends.
type Opener func(t testing.TB, reg *search.Registry) fhir.Repository

// Run runs every script against a repository of its own.
func Run(t *testing.T, open Opener) {
	reg, err := search.New(search.Config{Base: Base})
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(scripts, "testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(path.Base(name), ".txt"), func(t *testing.T) {
			text, err := scripts.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s := &script{t: t, reg: reg, repo: open(t, reg), view: Everything}
			s.run(text)
		})
	}
}

// Base is the FHIR base under which the scripts run.
const Base = "http://example.org/fhir"

// Everything is the view of a caller who may see all there is.
var Everything fhir.View = hiding("")

// Hiding returns a view of everything that does not carry the label in
// meta.security.
func Hiding(label string) fhir.View { return hiding(label) }

type hiding string

func (h hiding) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	visible := make([]bool, len(facts))
	for i, f := range facts {
		visible[i] = h == "" || !slices.Contains(f.Labels, string(h))
	}
	return visible, nil
}

func (h hiding) Fingerprint() []byte { return []byte("hiding " + h) }

// script is one script under way.
type script struct {
	t    *testing.T
	reg  *search.Registry
	repo fhir.Repository
	view fhir.View
	line int
}

func (s *script) run(text []byte) {
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, 1<<20)
	pending := ""
	for sc.Scan() {
		s.line++
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if who, ok := strings.CutPrefix(line, "as "); ok {
			s.view = hiding(strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(who, "hidden"), "everyone")))
			continue
		}
		if rest, ok := strings.CutPrefix(line, "=>"); ok {
			s.check(pending, strings.TrimSpace(rest))
			pending = ""
			continue
		}
		if pending != "" {
			s.t.Fatalf("line %d: %q has no answer", s.line-1, pending)
		}
		command, want, answered := cutLast(line, "=>")
		if !answered {
			pending = line
			continue
		}
		s.check(strings.TrimSpace(command), strings.TrimSpace(want))
	}
	if pending != "" {
		s.t.Fatalf("line %d: %q has no answer", s.line, pending)
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func (s *script) check(command, want string) {
	s.t.Helper()
	got := s.do(command)
	if got != want {
		s.t.Errorf("line %d: %.200s\n got %s\nwant %s", s.line, command, got, want)
	}
}

// do runs one command and words its answer.
func (s *script) do(command string) string {
	verb, rest, _ := strings.Cut(command, " ")
	rest = strings.TrimSpace(rest)
	ctx := context.Background()
	switch verb {
	case "put":
		return s.put(ctx, rest)
	case "create":
		return s.create(ctx, rest)
	case "delete":
		return s.delete(ctx, rest)
	case "transaction":
		return s.transaction(ctx, rest)
	case "search":
		return s.search(ctx, rest)
	case "count":
		return s.count(ctx, rest)
	case "walk":
		return s.walk(ctx, rest)
	case "read":
		return s.read(ctx, rest)
	case "history":
		return s.history(ctx, rest)
	}
	s.t.Fatalf("line %d: unknown command %q", s.line, verb)
	return ""
}

func wordError(err error) string {
	e, ok := err.(*fhir.Error)
	if !ok {
		return "! " + err.Error()
	}
	return fmt.Sprintf("! %s %s", e.Kind, e.Issues[0].ID)
}
