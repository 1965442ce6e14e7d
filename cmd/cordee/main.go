// Command cordee is the gateway and the tools around it: serve, token, ingest,
// audit, client, version. It wires the packages together and decides nothing
// itself; `cordee help` lists the commands, each with examples.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes, documented in docs/command.md. audit verify has its own.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 7 // by policy: a demo that would be reachable from outside
)

// An exit is an error that carries the exit code of the command.
type exit struct {
	code int
	err  error // nil when everything was said already
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run executes one command line and returns its exit code. Data goes to stdout,
// everything else to stderr.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	code := exitFailed
	var x *exit
	if errors.As(err, &x) {
		code = x.code
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(os.Stderr, "cordee:", text)
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cordee",
		Short: "A FHIR R4 gateway for coordinated primary care",
		Long: `Cordée takes in what practice software emits, keeps it as FHIR R4, gives it to
whoever may see it, and proves who saw it.`,
		Example: `  cordee serve --demo
  cordee token --client DATA/demo/clients/platform.json
  cordee audit verify --data DATA`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%v (see '%s --help')", err, c.CommandPath())
	})
	root.AddCommand(newServe(), newToken(), newRequest(), newIngest(), newAudit(), newClient(), newVersion())
	for _, c := range root.Commands() {
		strictArgs(c)
	}
	root.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("unknown command %q (see 'cordee --help')", args[0])
		}
		c.SetOut(os.Stderr)
		c.Help()
		return &exit{code: exitUsage}
	}
	root.Args = cobra.ArbitraryArgs
	return root
}

// strictArgs turns wrong arguments into usage errors, and a group of commands
// without its subcommand into its help.
func strictArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usage("%v (see '%s --help')", err, c.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		strictArgs(sub)
	}
	if c.HasSubCommands() && c.RunE == nil {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			return usage("%s needs one of its commands (see '%s --help')", c.CommandPath(), c.CommandPath())
		}
	}
}

func usage(format string, args ...any) error {
	return &exit{code: exitUsage, err: fmt.Errorf(format, args...)}
}
