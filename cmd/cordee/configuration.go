package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

var (
	unknownName = regexp.MustCompile(`^(line \d+): field (\S+) not found in type .*$`)
	topName     = regexp.MustCompile(`(?m)^(\w+):`)
)

// configurationFaults tells everything that is wrong with a configuration at
// once: what reading it failed with, in the words of who wrote it (each unknown
// name with its line and the nearest known one), and what its values are
// refused for. A file that is no YAML at all has that one fault.
func configurationFaults(read error, cfg gateway.Config) error {
	var all *yaml.TypeError
	if read != nil && !errors.As(read, &all) {
		return &exit{code: exitConfig, err: fmt.Errorf("configuration: %w", read)}
	}
	var faults []error
	if all != nil {
		faults = unreadable(all)
	}
	refused := cfg.Check()
	if refused != nil {
		for line := range strings.Lines(refused.Error()) {
			faults = append(faults, errors.New(strings.TrimSpace("configuration: "+line)))
		}
	}
	switch {
	case len(faults) == 0:
		return nil
	case errors.Is(refused, gateway.ErrNotLoopback):
		return &exit{code: exitRefused, err: errors.Join(faults...)}
	}
	return &exit{code: exitConfig, err: errors.Join(faults...)}
}

// unreadable puts what the YAML library says of the lines of a file.
func unreadable(all *yaml.TypeError) (faults []error) {
	names, _ := yaml.Marshal(gateway.Config{}) // cannot fail: the type is ours
	var known []string
	for _, m := range topName.FindAllSubmatch(names, -1) {
		known = append(known, string(m[1]))
	}
	for _, text := range all.Errors {
		if m := unknownName.FindStringSubmatch(text); m != nil {
			text = fmt.Sprintf("%s: unknown name %q%s", m[1], m[2], meant("", m[2], known))
		}
		faults = append(faults, errors.New("configuration: "+text))
	}
	return faults
}
