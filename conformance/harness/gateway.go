package harness

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A Gateway is a running process of the command.
type Gateway struct {
	FHIR   string `json:"fhir"`
	Issuer string `json:"issuer"`
	Admin  string `json:"admin"`
	Data   string `json:"data"`
	Demo   string `json:"demo"`

	cmd  *exec.Cmd
	log  *lockedBuffer
	done chan struct{} // closed when the process has ended
	end  error         // how, once done is closed
}

// startLimit bounds how long a gateway may take until it is ready; the machine may be busy.
const startLimit = 60 * time.Second

// Start runs "serve" on the data folder, with the demonstration territory when
// demo says so, and waits until it is ready. A process that ends before is an
// error that holds what it printed.
func Start(binary, data string, demo bool) (*Gateway, error) {
	config := filepath.Join(filepath.Dir(data), filepath.Base(data)+".yaml")
	if err := os.WriteFile(config, []byte("admin: 127.0.0.1:0\n"), 0o600); err != nil {
		return nil, err
	}
	args := []string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--config", config, "--output", "json"}
	if demo {
		args = append(args, "--demo")
	}
	return start(exec.Command(binary, args...))
}

// StartLimited is Start under a limit on the size of every file that the
// process writes, in blocks of 1 KiB: what a full disk looks like to it.
func StartLimited(binary, data string, blocks int) (*Gateway, error) {
	config := filepath.Join(filepath.Dir(data), filepath.Base(data)+".yaml")
	if err := os.WriteFile(config, []byte("admin: 127.0.0.1:0\n"), 0o600); err != nil {
		return nil, err
	}
	line := fmt.Sprintf("trap '' XFSZ; ulimit -f %d; exec %q serve --demo --listen 127.0.0.1:0 --data %q --config %q --output json", blocks, binary, data, config)
	return start(exec.Command("bash", "-c", line))
}

func start(cmd *exec.Cmd) (*Gateway, error) {
	g := &Gateway{cmd: cmd, log: &lockedBuffer{}, done: make(chan struct{})}
	cmd.Stderr = g.log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(stdout).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, g)
		}
		ready <- err
		io.Copy(io.Discard, stdout)
		g.end = cmd.Wait()
		close(g.done)
	}()
	select {
	case err = <-ready:
	case <-time.After(startLimit):
		err = fmt.Errorf("not ready after %s", startLimit)
	}
	if err != nil {
		cmd.Process.Kill()
		<-g.done
		return nil, fmt.Errorf("%w; it printed:\n%s", err, g.Log())
	}
	return g, nil
}

// Log is what the process has printed on stderr so far.
func (g *Gateway) Log() string { return g.log.String() }

// PID is the process.
func (g *Gateway) PID() int { return g.cmd.Process.Pid }

// Done is closed when the process has ended by itself or otherwise.
func (g *Gateway) Done() <-chan struct{} { return g.done }

// Kill ends the process at once, as kill -9 does.
func (g *Gateway) Kill() {
	g.cmd.Process.Signal(syscall.SIGKILL)
	<-g.done
}

// Stop asks the process to end and returns how it did.
func (g *Gateway) Stop() error {
	g.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-g.done:
		return g.end
	case <-time.After(startLimit):
		g.Kill()
		return fmt.Errorf("did not stop within %s", startLimit)
	}
}

// lockedBuffer takes what the process prints while tests read it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
