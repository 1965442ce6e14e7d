package main

import (
	"bufio"
	"bytes"
	"io"
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
// "…" for any lines. A command goes on in the next line after a backslash.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the story is told for a POSIX shell")
	}
	root, bin := moduleRoot(t), t.TempDir()
	installSelf(t, bin)
	story := readStory(t, filepath.Join(root, "README.md"))
	if len(story) < 20 || story[0].command != "cordee serve --demo" {
		t.Fatalf("the README tells %d steps", len(story))
	}
	demo := startDemo(t)
	story[0].check(t, strings.ReplaceAll(demo.said, demo.address, "127.0.0.1:8080"))
	// Under the race detector every process would otherwise wait a second to exit.
	env := append(os.Environ(), "GORACE=atexit_sleep_ms=0", "PATH="+bin+":"+os.Getenv("PATH"), "LC_ALL=", "LC_MESSAGES=", "LANG=en_GB.UTF-8", "DEMO="+demo.demo, "DATA="+demo.data)
	for _, s := range story[1:] {
		s.check(t, shell(root, s.command, env))
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

// installSelf puts a command cordee into a folder: this test binary, which is it.
func installSelf(t *testing.T, dir string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n" + asCommand + "=1 exec '" + self + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "cordee"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

// A step is one command of a console block with what it prints.
type step struct {
	line            int
	command, output string
}

func (s step) check(t *testing.T, got string) {
	t.Helper()
	if !matches(s.output, got) {
		t.Errorf("README.md:%d: $ %s\n--- the README says\n%s\n--- the command says\n%s", s.line, s.command, s.output, got)
	}
}

// readStory collects the steps of all ```console blocks.
func readStory(t *testing.T, name string) (story []step) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	sc := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := sc.Text()
		switch command, isCommand := strings.CutPrefix(line, "$ "); {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case !inside:
		case isCommand:
			story = append(story, step{line: n, command: command})
		default:
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

// demoGateway is where a gateway is, by what it said when it was ready.
type demoGateway struct{ said, address, data, demo string }

// startDemo starts a gateway on a free port with data in a temporary folder.
func startDemo(t *testing.T) demoGateway {
	t.Helper()
	cmd, stdout := start(t, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"))
	var said strings.Builder
	for !strings.Contains(said.String(), "whole story") {
		line, err := stdout.ReadString('\n')
		if err != nil {
			t.Fatalf("the gateway did not get ready: %v", err)
		}
		said.WriteString(line)
	}
	t.Cleanup(func() { stop(t, cmd, stdout) })
	found := regexp.MustCompile(`(?s)ready on http://(\S+).*export DATA=(\S+) DEMO=(\S+)`).FindStringSubmatch(said.String())
	if found == nil {
		t.Fatalf("the gateway says\n%s", said.String())
	}
	return demoGateway{said: said.String(), address: found[1], data: found[2], demo: found[3]}
}

// stop ends a process as Ctrl-C does, and fails the test unless it ends well.
func stop(t *testing.T, cmd *exec.Cmd, stdout io.Reader) {
	t.Helper()
	cmd.Process.Signal(os.Interrupt)
	late := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer late.Stop()
	io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the gateway stopped: %v", err)
	}
}

// shell runs one command line and returns what it prints, errors included.
func shell(dir, command string, env []string) string {
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
		pattern.WriteString(strings.Join(parts, `[^\n]*`) + `[ \t]*\n`)
	}
	pattern.WriteString(`$`)
	return regexp.MustCompile(pattern.String()).MatchString(got)
}
