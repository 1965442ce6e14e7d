package main

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/fhir/r4"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cordee",
		Short: "A FHIR R4 gateway for coordinated primary care",
		Long: `Cordée takes in what practice software emits, keeps it as FHIR R4, gives it to
whoever may see it, and proves who saw it.`,
		Example: `  cordee serve --demo
  cordee request --client DATA/demo/clients/platform.json "CarePlan?status=active"
  cordee audit verify --data DATA`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(newServe(), newToken(), newRequest(), newIngest(), newQuarantine(), newAudit(), newConsent(), newStore(), newClient(), newVersion())
	strictArgs(root)
	return root
}

// strictArgs turns wrong arguments into usage errors, and makes a group of
// commands without one of them tell its help.
func strictArgs(c *cobra.Command) {
	for _, sub := range c.Commands() {
		strictArgs(sub)
	}
	if c.HasSubCommands() {
		c.Args, c.RunE = cobra.ArbitraryArgs, group
		return
	}
	check := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usage("%v (see '%s --help')", err, c.CommandPath())
		}
		return nil
	}
}

// group is what a command does that only holds others: it has been given none
// of them, or one that does not exist.
func group(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		c.SetOut(c.ErrOrStderr())
		return &exit{code: exitUsage, err: c.Help()}
	}
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	return usage("unknown command %q of %s%s (see '%s --help')", args[0], c.CommandPath(), meant("", args[0], names), c.CommandPath())
}

var flagName = regexp.MustCompile(`--([a-z][a-z-]*)`)

// wrongFlag names the nearest flag when there is no such flag.
func wrongFlag(c *cobra.Command, err error) error {
	var unknown interface{ GetSpecifiedName() string }
	guess := ""
	if errors.As(err, &unknown) && unknown.GetSpecifiedName() != "" {
		var names []string
		for _, m := range flagName.FindAllStringSubmatch(c.Flags().FlagUsages(), -1) {
			names = append(names, m[1])
		}
		guess = meant("--", unknown.GetSpecifiedName(), names)
	}
	return usage("%v%s (see '%s --help')", err, guess, c.CommandPath())
}

// meant is ", did you mean …?" when a name is near.
func meant(prefix, name string, names []string) string {
	near := r4.Nearest(name, names)
	if near == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %s%s?", prefix, near)
}

func usage(format string, args ...any) error {
	return &exit{code: exitUsage, err: fmt.Errorf(format, args...)}
}
