package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestReadme runs the story of the README as a reader would: the very commands,
// in order, against one gateway, comparing what they print. In an expected
// output "…" stands for anything within a line, and a line that is nothing but
// "…" for any lines.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the story is told for a POSIX shell")
	}
	root := moduleRoot(t)
	bin := filepath.Join(t.TempDir(), "bin")
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "cordee"), "./cmd/cordee")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	story := readStory(t, filepath.Join(root, "README.md"))
	if len(story) < 10 {
		t.Fatalf("the README tells %d steps", len(story))
	}
	gateway := startDemo(t, filepath.Join(bin, "cordee"), root)
	for _, step := range story {
		got := shell(t, root, step.command, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LANG=en_GB.UTF-8",
			"DEMO="+gateway.Demo, "DATA="+gateway.Data))
		if !matches(step.output, got) {
			t.Errorf("README.md:%d: $ %s\n--- the README says\n%s\n--- the command says\n%s", step.line, step.command, step.output, got)
		}
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// A step is one command of a console block with what it prints.
type step struct {
	line            int
	command, output string
}

// readStory collects the steps of all ```console blocks except those that start
// the gateway, which the test does itself.
func readStory(t *testing.T, name string) []step {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var story []step
	inside, open := false, false
	sc := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := sc.Text()
		switch command, isCommand := strings.CutPrefix(line, "$ "); {
		case strings.HasPrefix(line, "```"):
			inside, open = line == "```console", false
		case !inside:
		case isCommand:
			if open = !strings.Contains(command, "serve --demo") && !strings.HasPrefix(command, "export "); open {
				story = append(story, step{line: n, command: command})
			}
		case open:
			last := &story[len(story)-1]
			if strings.HasSuffix(last.command, "\\") && last.output == "" {
				last.command += "\n" + line
			} else {
				last.output += line + "\n"
			}
		}
	}
	return story
}

// demoGateway is the line that serve prints with --output json.
type demoGateway struct{ FHIR, Data, Demo string }

func startDemo(t *testing.T, cordee, dir string) demoGateway {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, cordee, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"), "--output", "json")
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var logs bytes.Buffer
	cmd.Stderr = &logs
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := cmd.Wait(); err != nil && ctx.Err() == nil {
			t.Errorf("the gateway stopped: %v\n%s", err, logs.String())
		}
	})
	var g demoGateway
	if err := json.NewDecoder(stdout).Decode(&g); err != nil {
		cancel()
		cmd.Wait()
		t.Fatalf("the gateway did not get ready: %v\n%s", err, logs.String())
	}
	return g
}

// shell runs one command line and returns what it prints, errors included.
func shell(t *testing.T, dir, command string, env []string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		return err.Error() + "\n"
	}
	return string(out)
}

// matches compares output with what the README says.
func matches(want, got string) bool {
	var pattern strings.Builder
	pattern.WriteString(`(?s)^`)
	for line := range strings.Lines(want) {
		line = strings.TrimRight(line, "\n ")
		if line == "…" {
			pattern.WriteString(`([^\n]*\n)*?`)
			continue
		}
		parts := strings.Split(line, "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern.WriteString(strings.Join(parts, `[^\n]*`) + `\s*\n`)
	}
	pattern.WriteString(`$`)
	return regexp.MustCompile(pattern.String()).MatchString(got)
}
