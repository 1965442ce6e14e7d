//go:build unix

package badger

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// lock takes the folder for this process, before anything in it is read. It ends
// with the file, and so with the process, however that ends.
func lock(dir string) (io.Closer, error) {
	f, err := os.OpenFile(filepath.Join(dir, "cordee.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("kv/badger: lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, kv.ErrLocked
	}
	return nil, fmt.Errorf("kv/badger: lock: %w", err)
}
