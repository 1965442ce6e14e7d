package badger

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A failure is the first error after which nothing is known of the disk. Badger
// puts a transaction in its memory before it syncs the log, so that after a
// failed sync it would answer with what a crash then takes back.
type failure struct {
	mu   sync.Mutex
	err  error
	done chan struct{} // closed with the first error
}

func (f *failure) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// fail stops all further writes.
func (e *Engine) fail(op string, cause error) error {
	e.failure.mu.Lock()
	defer e.failure.mu.Unlock()
	if e.failure.err == nil {
		e.failure.err = fmt.Errorf("kv/badger: stopped after an error that may have lost a write: %w", clean(op, cause))
		e.log.Error("the engine takes no more writes; the process must be restarted", "err", e.failure.err)
		close(e.failure.done)
	}
	return e.failure.err
}

// clean turns an error of Badger into one of the contract where there is one,
// and otherwise cuts off all but the innermost message: Badger quotes keys, and
// keys may hold health data.
func clean(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, dgraph.ErrTxnTooBig):
		return kv.ErrTooLarge
	case errors.Is(err, dgraph.ErrDBClosed), errors.Is(err, dgraph.ErrBlockedWrites):
		return kv.ErrClosed
	case errors.Is(err, kv.ErrCorrupt):
		return err
	}
	text := innermost(err)
	if isCorrupt(text) {
		return fmt.Errorf("%w: %s: %s", kv.ErrCorrupt, op, text)
	}
	return fmt.Errorf("kv/badger: %s: %s", op, text)
}

// innermost returns what follows the last "err: " of an error that Badger has
// wrapped: it does not keep the chain.
func innermost(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "err: "); i >= 0 {
		text = text[i+len("err: "):]
	}
	return text
}

// isCorrupt recognises the errors of Badger that speak of damaged files.
func isCorrupt(text string) bool {
	text = strings.ToLower(text)
	for _, sign := range []string{"checksum", "corrupt", "manifest", "magic", "datakey"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
