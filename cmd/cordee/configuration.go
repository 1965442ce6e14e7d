package main

import (
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

var (
	unknownName = regexp.MustCompile(`^(line \d+): field (\S+) not found in type .*$`)
	topName     = regexp.MustCompile(`(?m)^(\w+):`)
)

// configurationFaults puts what the YAML library says of a file into the words
// of who wrote it: each unknown name with its line and the nearest known one.
func configurationFaults(err error) error {
	var all *yaml.TypeError
	if !errors.As(err, &all) {
		return fmt.Errorf("configuration: %w", err)
	}
	names, _ := yaml.Marshal(gateway.Config{}) // cannot fail: the type is ours
	var known []string
	for _, m := range topName.FindAllSubmatch(names, -1) {
		known = append(known, string(m[1]))
	}
	var faults []error
	for _, text := range all.Errors {
		if m := unknownName.FindStringSubmatch(text); m != nil {
			text = fmt.Sprintf("%s: unknown name %q%s", m[1], m[2], meant("", m[2], known))
		}
		faults = append(faults, errors.New("configuration: "+text))
	}
	return errors.Join(faults...)
}
