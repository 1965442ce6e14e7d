package script

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Request is a step with its variables replaced.
type Request struct {
	Actor, Scope, Method, Path string
	Header                     [][2]string
	Body                       []byte
}

// A Client sends requests as the actors of a territory.
type Client interface {
	Send(Request) (*Answer, error)
}

// run is the state of one execution.
type run struct {
	client  Client
	dir     string
	vars    map[string]string
	answers map[string]*Answer
}

// Run executes the script and returns what was not as it should be, with lines.
// It goes on after a failed check and stops when a request cannot be made.
// dir is where the files of bodies are; vars are known from the start.
func (s *Script) Run(client Client, dir string, vars map[string]string) error {
	r := &run{client, dir, map[string]string{}, map[string]*Answer{}}
	for k, v := range vars {
		r.vars[k] = v
	}
	for _, l := range s.Lets {
		r.vars[l.name] = r.expand(l.text)
	}
	var errs []error
	for i := range s.Steps {
		err := r.step(s, &s.Steps[i])
		errs = append(errs, err)
		var broken *brokenError
		if errors.As(err, &broken) {
			break
		}
	}
	return errors.Join(errs...)
}

// A brokenError is a request that could not be made.
type brokenError struct{ error }

// step sends the request, for both halves of the pairs when it says so, and
// checks each answer.
func (r *run) step(s *Script, step *Step) error {
	if !step.Both {
		_, err := r.once(s, step)
		return err
	}
	r.choose(s, func(p pair) string { return p.withheld })
	withheld, err := r.once(s, step)
	if err != nil {
		return err
	}
	var swaps []string
	for _, p := range s.Pairs {
		swaps = append(swaps, r.expand(p.withheld)+"="+r.expand(p.absent))
	}
	r.choose(s, func(p pair) string { return p.absent })
	absent, err := r.once(s, step)
	if err != nil {
		return err
	}
	if err := compare(withheld, absent, swaps); err != nil {
		return fmt.Errorf("%s:%d: %s %s %s: %w", s.Name, step.Line, step.Actor, step.Method, step.Path, err)
	}
	return nil
}

// choose sets the variables of the pairs.
func (r *run) choose(s *Script, half func(pair) string) {
	for _, p := range s.Pairs {
		r.vars[p.name] = r.expand(half(p))
	}
}

// once sends the request as the variables stand and makes its checks.
func (r *run) once(s *Script, step *Step) (*Answer, error) {
	at := func(line int, err error) error {
		return fmt.Errorf("%s:%d: %s %s %s: %w", s.Name, line, step.Actor, step.Method, r.expand(step.Path), err)
	}
	q := Request{Actor: step.Actor, Scope: step.Scope, Method: step.Method, Path: r.expand(step.Path)}
	for _, h := range step.Header {
		q.Header = append(q.Header, [2]string{h.name, r.expand(h.value)})
	}
	if step.File != "" {
		text, err := os.ReadFile(filepath.Join(r.dir, step.File))
		if err != nil {
			return nil, &brokenError{at(step.Line, err)}
		}
		step.Body = string(text)
	}
	q.Body = []byte(r.expand(step.Body))
	a, err := r.client.Send(q)
	if err != nil {
		return nil, &brokenError{at(step.Line, err)}
	}
	var errs []error
	for _, c := range step.Checks {
		if err := checks[c.verb](r, a, r.expand(c.rest)); err != nil {
			errs = append(errs, at(c.line, err))
		}
	}
	if len(errs) > 0 {
		errs = append(errs, fmt.Errorf("\t  the answer was %s", cut(a.text())))
	}
	return a, errors.Join(errs...)
}

// expand replaces ${name} by the variable; an unknown one stays as it is.
func (r *run) expand(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	for name, value := range r.vars {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return text
}

func cut(s string) string {
	if len(s) > 1500 {
		return s[:1500] + "…"
	}
	return s
}
