package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// every calls f with the command and all below it.
func every(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		every(sub, f)
	}
}

// A8, H12 of the checklist: the help of every command begins with examples that
// its flags and arguments allow.
func TestHelpHasExamplesThatParse(t *testing.T) {
	every(newRoot(), func(c *cobra.Command) {
		path := c.CommandPath()
		help := cordee(t, append(strings.Fields(path)[1:], "--help")...)
		if help.code != exitOK || help.err != "" || !strings.Contains(help.out, "Examples:") {
			t.Errorf("%s --help: code %d, stderr %q, no examples in\n%s", path, help.code, help.err, help.out)
		}
		if c.Short == "" {
			t.Errorf("%s is not described", path)
		}
		lines := strings.ReplaceAll(c.Example, "\\\n", " ")
		for example := range strings.Lines(lines) {
			example, _, _ = strings.Cut(strings.TrimSpace(example), " | ")
			if words := strings.Fields(quoted(example)); len(words) > 0 && words[0] == "cordee" {
				parses(t, example, words[1:])
			}
		}
	})
}

// quoted leaves one word of each quoted text.
func quoted(s string) string {
	parts := strings.Split(s, `"`)
	for i := 1; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], " ", "_")
	}
	return strings.Join(parts, "")
}

func parses(t *testing.T, example string, words []string) {
	t.Helper()
	c, rest, err := newRoot().Find(words)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err == nil {
		err = c.ValidateArgs(c.Flags().Args())
	}
	if err != nil || c.HasSubCommands() && c.Name() != "cordee" {
		t.Errorf("example %q: %v", example, err)
	}
}

// A16: every exit code that docs/command.md names has its test. 0, 2 and 3 of
// audit verify: TestAuditTellsWhatWasDone; 7: TestDemoStaysOnLoopback; 130:
// TestSecondInterruptStopsAtOnce.
func TestExitCodes(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	for _, c := range []struct {
		args string
		code int
		says string // on stderr
	}{
		{"", exitUsage, "Usage:"},                      // A1
		{"--help", exitOK, ""},                         // A1
		{"audit", exitUsage, "cordee audit [command]"}, //
		{"srve", exitUsage, "did you mean serve?"},     //
		{"audit verfy", exitUsage, "did you mean verify?"},
		{"version --otput json", exitUsage, "did you mean --output?"},
		{"version extra", exitUsage, "cordee version --help"},
		{"version --output yaml", exitUsage, "neither text nor json"},
		{"token", exitUsage, "--client FILE is missing"},
		{"token --client " + absent, exitFailed, "no such file"},
		{"audit verify --data " + absent, exitFailed, "no such file"},
		{"audit list --data " + absent, exitFailed, "no such file"},
		{"client list --data " + absent, exitFailed, "no data folder"},
		{"client add --data . --id x", exitUsage, "--jwks FILE or --out FILE"},
		{"serve --config " + absent, exitConfig, "no such file"},
		{"store check --data " + absent, exitFailed, "no data folder"},
		{"store reindex --data " + absent, exitFailed, "no data folder"},
	} {
		t.Run(c.args, func(t *testing.T) {
			if c.args == "client add --data . --id x" {
				t.Chdir(t.TempDir())
			}
			got := cordee(t, strings.Fields(c.args)...)
			if got.code != c.code || !strings.Contains(got.err, c.says) {
				t.Errorf("code %d, want %d; stderr, want %q:\n%s", got.code, c.code, c.says, got.err)
			}
			if c.code != exitOK && got.out != "" {
				t.Errorf("stdout is for data, and got %q", got.out)
			}
		})
	}
}

// TestTokenIsNotRepeated: a token given as an argument is in no message, which
// may end up in a log.
func TestTokenIsNotRepeated(t *testing.T) {
	got := cordee(t, "token", "--client", "x.json", "--revoke", "2BR0Rf4brGUKeNHa")
	if got.code != exitUsage || strings.Contains(got.out+got.err, "2BR0") || !strings.Contains(got.err, "stdin") {
		t.Errorf("code %d: %s", got.code, got.err)
	}
}

func TestInterruptedCommandSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "client.json")
	writeClient(t, file, "http://127.0.0.1:1/fhir")
	got := cordeeWith(t, ctx, "", "token", "--client", file)
	if got.code != exitInterrupted || got.err != "" {
		t.Errorf("code %d, stderr %q", got.code, got.err)
	}
}

// A14: what a script wants to know of a binary.
func TestVersion(t *testing.T) {
	var v build
	got := cordee(t, "version", "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &v); err != nil || v.Version == "" || v.Go == "" || v.FHIR != "4.0.1" {
		t.Errorf("%v: %s", err, got.out)
	}
	if text := cordee(t, "version").out; !strings.HasPrefix(text, "cordee ") || strings.Count(text, "\n") != 1 {
		t.Errorf("version prints %q", text)
	}
}

// A9: no escape sequences where nobody sees colours, A10: no progress either.
func TestProgressIsForTerminals(t *testing.T) {
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := newProgress(log)
	p.at(1, 2)
	p.done()
	p.every = 0
	p.at(2, 2)
	text, err := os.ReadFile(log.Name())
	if err != nil || string(text) != "2/2\n" {
		t.Errorf("a log gets %q, %v", text, err)
	}
	var place strings.Builder
	p = &progress{w: &place, place: true}
	p.at(1, 2)
	p.done()
	if want := "\r\x1b[K[###############...............] 1/2\r\x1b[K"; place.String() != want {
		t.Errorf("a terminal gets %q, want %q", place.String(), want)
	}
}
