package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

// The fictional data are public, so nobody else may reach them (A3).
func TestDemoStaysOnLoopback(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0", "example.org:0"} {
		got := cordee(t, "serve", "--demo", "--listen", listen, "--data", t.TempDir())
		if got.code != exitRefused || !strings.Contains(got.err, "loopback") {
			t.Errorf("%s: code %d, stderr %q", listen, got.code, got.err)
		}
	}
}

// A4: what is wrong with a configuration is told before anything is opened,
// all of it, with the line of a name that does not exist.
func TestConfigurationFaults(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		args       []string
		says       []string
	}{
		{"unknown names", "listen: 127.0.0.1:0\nlisten_on: 1\nmode: production\nmirrors: x\n", nil, []string{"line 2", `"listen_on"`, "line 4", `"mirrors", did you mean mirror?`}},
		{"names and values together", "listen: here\nlisten_on: 1\nmode: test\n", nil, []string{"line 2", "listen:", "mode:"}},
		{"not YAML", "listen: [", nil, []string{"line 1"}},
		{"wrong type", "drain: soon\n", nil, []string{"line 1", "soon"}},
		{"all at once", "listen: here\nzone: Europe/Pontoise\nmode: test\nbase_url: http://gw.example.fr/x\n", nil, []string{"listen:", "zone:", "mode:", "base_url:"}},
		{"a matrix with faults", "consent:\n  matrix: cordee.yaml\n", nil, []string{"consent.matrix:"}},
		{"limits with the other faults", "mode: test\nlimits:\n  has: -1\n  chain: 51\n  depth: 2\n", nil, []string{"mode:", "limits.has: -1", "limits.chain: 51 is not between 1 and 50", `line 5: unknown name "depth"`}},
		{"beyond loopback without address", "listen: 0.0.0.0:0\n", nil, []string{"base_url:"}},
		{"flags are checked too", "", []string{"--listen", "nowhere"}, []string{`listen: "nowhere"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "cordee.yaml")
			if err := os.WriteFile(file, []byte(c.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			data := filepath.Join(dir, "data")
			got := cordee(t, append([]string{"serve", "--config", file, "--data", data}, c.args...)...)
			if got.code != exitConfig {
				t.Errorf("code %d", got.code)
			}
			for _, s := range c.says {
				if !strings.Contains(got.err, s) {
					t.Errorf("%q is missing in\n%s", s, got.err)
				}
			}
			if _, err := os.Stat(data); err == nil {
				t.Error("the data folder was made before the configuration was checked")
			}
		})
	}
}

// A file of comments sets nothing, and is no fault.
func TestConfigurationOfComments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cordee.yaml")
	if err := os.WriteFile(file, []byte("# listen: 127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want, err := gateway.ReadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := gateway.ReadConfig(file); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// A7: a flag wins over the file, the file over the default.
func TestConfigurationOrder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cordee.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:1\ndata: /from/file\ndrain: 5s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args                     string
		listen, data, zone, wait string
	}{
		{"", "127.0.0.1:8080", "./cordee-data", "Europe/Paris", "30s"},
		{"--config " + file, "127.0.0.1:1", "/from/file", "Europe/Paris", "5s"},
		{"--config " + file + " --listen 127.0.0.1:2", "127.0.0.1:2", "/from/file", "Europe/Paris", "5s"},
		{"--config " + file + " --data /from/flag", "127.0.0.1:1", "/from/flag", "Europe/Paris", "5s"},
		{"--listen 127.0.0.1:2 --data /from/flag", "127.0.0.1:2", "/from/flag", "Europe/Paris", "30s"},
	} {
		var f serveFlags
		command := f.command()
		if err := command.ParseFlags(strings.Fields(c.args)); err != nil {
			t.Fatal(err)
		}
		got, err := f.configuration(command)
		if err != nil {
			t.Fatal(err)
		}
		if s := fmt.Sprint(got.Listen, got.Data, got.Zone, got.Drain); s != fmt.Sprint(c.listen, c.data, c.zone, c.wait) {
			t.Errorf("%q gives %s", c.args, s)
		}
	}
}

// A13: the first signal waits for the request under way, the second does not.
func TestSecondInterruptStopsAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	process, stdout := start(t, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"), "--config", adminOff(t), "--output", "json")
	var ready struct{ Issuer string }
	if err := json.NewDecoder(stdout).Decode(&ready); err != nil {
		t.Fatal(err)
	}
	// A request whose body never comes keeps the drain waiting.
	conn, err := net.Dial("tcp", strings.TrimPrefix(ready.Issuer, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /oauth/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n")
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil { // 100 Continue: the handler reads
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	process.Process.Signal(os.Interrupt)
	select {
	case err := <-ended:
		t.Fatalf("the first signal did not wait for the request: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	process.Process.Signal(os.Interrupt)
	select {
	case <-ended:
		if s := process.ProcessState.String(); !strings.Contains(s, "interrupt") && process.ProcessState.ExitCode() == 0 {
			t.Errorf("ended with %s", s)
		}
	case <-time.After(5 * time.Second):
		process.Process.Kill()
		t.Fatal("the second signal did not stop it")
	}
}

func adminOff(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cordee.yaml")
	if err := os.WriteFile(file, []byte("admin: \"off\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// start starts the command as a process of its own.
func start(t *testing.T, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	var logs strings.Builder
	cmd.Stderr = &logs
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		if t.Failed() {
			t.Log(logs.String())
		}
	})
	return cmd, bufio.NewReader(out)
}
