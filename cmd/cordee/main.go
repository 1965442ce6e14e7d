// Command cordee is the gateway and the tools around it: serve, token, request,
// ingest, quarantine, audit, store, client, version. It wires the packages together and decides
// nothing itself; `cordee --help` lists the commands, each with examples.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes, documented in docs/command.md. audit verify has its own.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitConfig      = 3   // the configuration of serve cannot be used
	exitRefused     = 7   // by policy: a demo that would be reachable from outside
	exitInterrupted = 130 // by a signal, as shells count it
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
	// The first signal ends ctx. From then on signals are again those of the
	// operating system, so that a second one stops the process at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// streams are what a command reads and writes: data goes to out, everything
// else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, s streams, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	for _, line := range complaint(err) {
		fmt.Fprintln(s.err, "cordee:", line)
	}
	var x *exit
	if errors.As(err, &x) {
		return x.code
	}
	return exitFailed
}
