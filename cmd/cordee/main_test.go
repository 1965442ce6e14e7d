package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// asCommand makes the test binary be the command, so that tests can start it as
// a process without building it.
const asCommand = "CORDEE_TEST_IS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// result is what a command line did.
type result struct {
	code     int
	out, err string
}

// cordee runs one command line in this process.
func cordee(t *testing.T, args ...string) result {
	t.Helper()
	return cordeeWith(t, context.Background(), "", args...)
}

func cordeeWith(t *testing.T, ctx context.Context, stdin string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := run(ctx, streams{in: strings.NewReader(stdin), out: &out, err: &err}, args)
	return result{code, out.String(), err.String()}
}
