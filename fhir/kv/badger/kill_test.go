package badger

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// The kill test runs this test binary again as a child that writes to the folder
// in killDir and prints the number of each transaction when it is acknowledged.
// CORDEE_KILL_CYCLES sets how often it is killed.
const (
	killDir    = "CORDEE_KILL_DIR"
	killCycles = "CORDEE_KILL_CYCLES"
)

// writeUntilKilled is the child. It goes on from the number that it finds.
func writeUntilKilled(dir string) error {
	e, err := Open(config(dir))
	if err != nil {
		return err
	}
	n, err := checkKilled(e)
	if err != nil {
		return err
	}
	for n++; ; n++ {
		if err := e.Update(context.Background(), func(w kv.Writer) error { return writeNumber(w, n) }); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// writeNumber is one transaction: a few keys that belong together, at times with
// a large value, at times in parts. Each deletes what the tenth before it wrote.
func writeNumber(w kv.Writer, n int) error {
	size := 100
	switch {
	case n%25 == 0:
		size = 700 << 10
	case n%40 == 0:
		size = 2 << 20
	}
	for i := range 4 {
		if err := w.Put(numberKey(n, i), append(fmt.Appendf(nil, "%d.", n), incompressible(size/4)...)); err != nil {
			return err
		}
		if n > 10 {
			if err := w.Delete(numberKey(n-10, i)); err != nil {
				return err
			}
		}
	}
	if err := w.Put([]byte("large"), append(fmt.Appendf(nil, "%d.", n), incompressible(size)...)); err != nil {
		return err
	}
	return w.Put([]byte("last"), fmt.Append(nil, n))
}

func numberKey(n, i int) []byte { return fmt.Appendf(nil, "n/%08d/%d", n, i) }

// checkKilled returns the number of the last transaction, of which nothing may
// be missing, and finds the last ten, whole, and no other.
func checkKilled(e *Engine) (last int, err error) {
	ctx := context.Background()
	return last, e.View(ctx, func(r kv.Reader) error {
		values, err := r.Get(ctx, []byte("last"), []byte("large"))
		if err != nil || values[0] == nil {
			return err
		}
		if last, err = strconv.Atoi(string(values[0])); err != nil {
			return err
		}
		if !bytes.HasPrefix(values[1], fmt.Appendf(nil, "%d.", last)) {
			return fmt.Errorf("the large value of %d begins with %.10q", last, values[1])
		}
		var keys [][]byte
		for n := max(1, last-9); n <= last; n++ {
			for i := range 4 {
				keys = append(keys, numberKey(n, i))
			}
		}
		i := 0
		for entry, err := range r.Scan(ctx, kv.Prefix([]byte("n/"))) {
			if err != nil {
				return err
			}
			if i == len(keys) || !bytes.Equal(entry.Key, keys[i]) {
				return fmt.Errorf("after transaction %d: found %s", last, entry.Key)
			}
			i++
		}
		if i != len(keys) {
			return fmt.Errorf("after transaction %d: %d keys, want %d", last, i, len(keys))
		}
		return nil
	})
}

// TestR01Kill kills the child at any moment: every transaction that it had
// printed is there, whole, and so is at most one that it had not.
func TestR01Kill(t *testing.T) {
	cycles := 3
	if s := os.Getenv(killCycles); s != "" {
		cycles, _ = strconv.Atoi(s)
	}
	dir := t.TempDir()
	acknowledged := 0
	for range cycles {
		acknowledged = max(acknowledged, runAndKill(t, dir, time.Duration(100+rand.IntN(500))*time.Millisecond))
		e := open(t, dir)
		last, err := checkKilled(e)
		if err != nil {
			t.Fatal(err)
		}
		if last != acknowledged && last != acknowledged+1 {
			t.Fatalf("%d was acknowledged, %d is there", acknowledged, last)
		}
		noRemains(t, e)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		acknowledged = last
	}
	t.Logf("%d transactions, killed %d times", acknowledged, cycles)
}

// runAndKill returns the last number that the child printed.
func runAndKill(t *testing.T, dir string, after time.Duration) int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = child.Process.Kill() })
	defer timer.Stop()
	last := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Errorf("child: %s", lines.Text())
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.ExitCode() > 0 {
		t.Fatalf("child was not killed: %v", err)
	}
	return last
}
