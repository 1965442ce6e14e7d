package ledger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// R02: after one failed sync nothing is acknowledged any more, also when the
// disk recovers: the kernel may have dropped what it could not write.
func TestR02FailedSyncIsFinal(t *testing.T) {
	cfg := testConfig(t)
	l := open(t, cfg)
	appendN(t, l, 3)
	broken := true
	l.datasync = func(f *os.File) error {
		if broken {
			return syscall.EIO
		}
		return datasync(f)
	}
	if _, err := l.Append([]byte("x")); !errors.Is(err, ErrFailed) || !errors.Is(err, syscall.EIO) {
		t.Fatalf("Append with a failing sync = %v", err)
	}
	broken = false
	if _, err := l.Append([]byte("x")); !errors.Is(err, ErrFailed) {
		t.Errorf("Append after a failed sync = %v", err)
	}
	if _, err := l.Write([]byte("x")); !errors.Is(err, ErrFailed) {
		t.Errorf("Write after a failed sync = %v", err)
	}
	if err := l.Sign(); err == nil {
		t.Error("a checkpoint was signed after a failed sync")
	}
	if l.Size() != 3 || l.Status().Failure == nil {
		t.Errorf("status = %+v", l.Status())
	}
	if info, _ := l.hashes.Stat(); info.Size() != tlog.StoredHashCount(3)*tlog.HashSize {
		t.Error("the hash of a record was written, and the record may not be durable")
	}
	if err := l.Close(); !errors.Is(err, ErrFailed) {
		t.Errorf("Close = %v, want the failure", err)
	}
	l = open(t, cfg)
	appendN(t, l, 1)
	l.Close()
	if r := verify(t, cfg); r.Code() != 0 {
		t.Errorf("after a restart: %+v", r)
	}
}

// Nobody is told that a record is kept before it is.
func TestAcknowledgedOnlyAfterTheSync(t *testing.T) {
	l := open(t, testConfig(t))
	entered, release := make(chan struct{}), make(chan struct{})
	l.datasync = func(f *os.File) error {
		entered <- struct{}{}
		<-release
		return datasync(f)
	}
	acked := make(chan error)
	go func() {
		_, err := l.Append([]byte("x"))
		acked <- err
	}()
	<-entered
	select {
	case <-acked:
		t.Fatal("acknowledged while the disk was still writing")
	case <-time.After(20 * time.Millisecond):
	}
	if l.Size() != 0 {
		t.Error("called durable while the disk was still writing")
	}
	l.datasync = datasync
	close(release)
	if err := <-acked; err != nil || l.Size() != 1 {
		t.Errorf("after the sync: %d records, %v", l.Size(), err)
	}
}

// R04: a disk that takes no more bytes; the kernel's own, not a pretended one.
func TestR04FullDiskAcknowledgesNothing(t *testing.T) {
	l := open(t, testConfig(t))
	appendN(t, l, 3)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	l.mu.Lock()
	l.file.Close()
	l.file = full
	l.mu.Unlock()
	if _, err := l.Append([]byte("x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Append on a full disk = %v", err)
	}
	if l.Size() != 3 {
		t.Errorf("%d records are said to be durable, want 3", l.Size())
	}
}

func TestR04ClosedFileAcknowledgesNothing(t *testing.T) {
	l := open(t, testConfig(t))
	appendN(t, l, 3)
	l.mu.Lock()
	l.file.Close()
	l.mu.Unlock()
	if _, err := l.Append([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Append to a closed file = %v", err)
	}
}

// R04: below the watermark nothing is written, and the refusal ends by itself.
func TestR04Watermark(t *testing.T) {
	cfg := testConfig(t)
	cfg.MinFree = 1 << 20
	l := open(t, cfg)
	space := uint64(2 << 20)
	l.free = func(string) (uint64, error) { return space, nil }
	appendN(t, l, 1)
	space = 1 << 19
	l.left.at = time.Time{}
	if _, err := l.Append([]byte("x")); !errors.Is(err, ErrFull) {
		t.Errorf("Append below the watermark = %v", err)
	}
	space = 2 << 20
	appendN(t, l, 1)
	if l.Size() != 2 {
		t.Errorf("%d records, want 2", l.Size())
	}
}

func TestTooBigIsRefused(t *testing.T) {
	l := open(t, testConfig(t))
	for _, body := range [][]byte{nil, make([]byte, MaxBody+1)} {
		if _, err := l.Append(body); !errors.Is(err, ErrTooBig) {
			t.Errorf("Append of %d bytes = %v", len(body), err)
		}
	}
}

// A mirror that cannot be written is reported and does not stop the log.
func TestMirrorFailureIsReported(t *testing.T) {
	cfg := testConfig(t)
	cfg.Mirror = filepath.Join(cfg.Dir, "no", "such", "folder", "outside")
	l := open(t, cfg)
	appendN(t, l, 3)
	if err := l.Sign(); err != nil {
		t.Fatal(err)
	}
	if s := l.Status(); s.Mirror == nil || s.Signed != 3 {
		t.Errorf("status = %+v, want an error of the mirror", s)
	}
}

// R12: the clock goes back, the numbers do not, and the log says so.
func TestR12ClockStepsBack(t *testing.T) {
	cfg := testConfig(t)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	cfg.Clock = func() time.Time { return now }
	cfg.Stepped = func(back time.Duration) []byte { return fmt.Appendf(nil, "stepped %s", back) }
	l := open(t, cfg)
	appendN(t, l, 1)
	now = now.Add(-time.Hour)
	if seq, err := l.Append([]byte("after")); err != nil || seq != 2 {
		t.Fatalf("Append = %d, %v; want 2, after the alarm", seq, err)
	}
	l.Close()
	r := verify(t, cfg)
	if r.Code() != 0 || len(r.Findings) != 1 || r.Findings[0].ID != "clock-back" {
		t.Errorf("report = %+v", r)
	}
}

// An interrupted write leaves bytes that nobody was promised: they are set
// aside, and the log goes on.
func TestTornTailIsSetAside(t *testing.T) {
	for _, cut := range []int{0, 1, 7, 8, 9, 44, 45, 46, 70, 88} {
		cfg := testConfig(t)
		l := open(t, cfg)
		appendN(t, l, 3)
		l.Close()
		path := filepath.Join(cfg.Dir, segmentName(0))
		torn, _ := appendFrame(nil, Entry{Seq: 3, Body: []byte("a record that was never acknowledged, at all")}, [saltSize]byte{})
		torn = torn[:min(cut, len(torn)-1)]
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(torn)
		f.Close()
		if r := verify(t, cfg); r.Code() != 0 || cut > 0 && !found(r, "write-unfinished", 3, 3) {
			t.Fatalf("%d torn bytes: report = %+v", cut, r)
		}
		l = open(t, cfg)
		if l.Torn() != len(torn) {
			t.Fatalf("%d bytes set aside, want %d", l.Torn(), len(torn))
		}
		appendN(t, l, 1)
		l.Close()
		if r := verify(t, cfg); r.Code() != 0 || r.Records != 4 || len(r.Findings) != 0 {
			t.Fatalf("%d torn bytes: after going on: %+v", cut, r)
		}
	}
}

// A stop between a record and its hashes, or an fsync of one and not the other,
// is made good.
func TestShortHashesAreComputedAgain(t *testing.T) {
	cfg := testConfig(t)
	cfg.SegmentSize = 4096
	l := open(t, cfg)
	appendN(t, l, 200)
	l.Close()
	os.Remove(filepath.Join(cfg.Dir, checkpointFile)) // as if none had been due yet
	os.Remove(cfg.Mirror)
	path := filepath.Join(cfg.Dir, hashFile)
	for _, size := range []int64{0, 1, 31, 32, 33, 5000, 12000} {
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		l = open(t, cfg)
		l.Close()
		os.Remove(cfg.Mirror)
		if r := verify(t, cfg); r.Code() != 0 || r.Proven != 200 {
			t.Errorf("hashes cut to %d: %+v", size, r)
		}
	}
}

func TestVerifyWhileWriting(t *testing.T) {
	cfg := testConfig(t)
	cfg.SegmentSize = 4096
	l := open(t, cfg)
	appendN(t, l, 1)
	l.Sign()
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				l.Append([]byte("a record of a busy log"))
				if i%50 == 0 {
					l.Sign()
				}
			}
		}
	}()
	for range 20 {
		if r := verify(t, cfg); r.Code() != 0 {
			t.Errorf("a log in use: %v", r.Findings)
		}
	}
	close(stop)
	<-done
}

func TestVerifyStopsWithItsContext(t *testing.T) {
	e := newEvidence(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Verify(ctx, VerifyConfig{Dir: e.cfg.Dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify = %v", err)
	}
}

// R01: kill -9 at any instant; every record that was acknowledged is there.
func TestR01KilledProcessKeepsEveryAcknowledgedRecord(t *testing.T) {
	if dir := os.Getenv("LEDGER_CHILD"); dir != "" {
		childAppends(t, dir)
		return
	}
	cfg := testConfig(t)
	acked := 0
	for range 5 {
		acked = max(acked, killChild(t, cfg))
	}
	l := open(t, cfg)
	if l.Size() < uint64(acked) {
		t.Errorf("%d records, though %d were acknowledged", l.Size(), acked)
	}
	l.Close()
	if r := verify(t, cfg); r.Code() != 0 {
		t.Errorf("report = %+v", r)
	}
	if acked == 0 {
		t.Error("no child acknowledged anything")
	}
}

// killChild starts a process that appends, kills it, and returns how many
// records it said were durable.
func killChild(t *testing.T, cfg Config) (acked int) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestR01Killed")
	cmd.Env = append(os.Environ(), "LEDGER_CHILD="+filepath.Dir(cfg.Dir), "TMPDIR="+filepath.Dir(cfg.Dir))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	wait := time.Duration(1+rand.IntN(60)) * time.Millisecond
	for first := true; lines.Scan(); first = false {
		if first {
			time.AfterFunc(wait, func() { cmd.Process.Kill() })
		}
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "acked %d", &n); err == nil {
			acked = max(acked, n+1)
		} else if strings.Contains(lines.Text(), "FAIL") {
			t.Error(lines.Text())
		}
	}
	cmd.Wait()
	return acked
}

func childAppends(t *testing.T, dir string) {
	l, err := Open(Config{Dir: filepath.Join(dir, "trail"), Keys: filepath.Join(dir, "keys"), Origin: "gw.example.fr/trail",
		Mirror: filepath.Join(dir, "outside"), SegmentSize: 16 << 10, MinFree: 1})
	if err != nil {
		fmt.Println("FAIL:", err)
		return
	}
	for range 8 {
		go func() {
			for {
				seq, err := l.Append([]byte("a record that must survive"))
				if err != nil {
					fmt.Println("FAIL:", err)
					return
				}
				fmt.Printf("acked %d\n", seq)
				l.Write([]byte("a record that may"))
			}
		}()
	}
	select {}
}
