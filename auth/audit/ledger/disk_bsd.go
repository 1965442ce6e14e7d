//go:build darwin || freebsd || openbsd || netbsd || dragonfly

package ledger

import (
	"math"
	"os"
	"syscall"
)

// datasync makes the content of f durable (on macOS with F_FULLFSYNC).
func datasync(f *os.File) error { return f.Sync() }

// flock takes the lock of an open file, which the kernel gives back when the
// process ends, however it ends.
func flock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// free does not know here: a full disk shows as a failed write.
func free(string) (uint64, error) { return math.MaxUint64, nil }
