package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
)

// A journal remembers which documents were answered, so that a sending of many
// goes on where it was interrupted: a line for each, the SHA-256 of its bytes
// and the HTTP status. It holds no names, which often say whose document it is.
// The nil journal remembers nothing.
type journal struct {
	mu    sync.Mutex
	file  *os.File
	known map[string]bool
}

var journalLine = regexp.MustCompile(`^[0-9a-f]{64} [0-9]{3}$`)

// openJournal reads what is known and appends to it. A last line that an
// interruption cut short counts for nothing.
func openJournal(name string) (*journal, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &journal{file: f, known: map[string]bool{}}
	if err := j.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("journal %s: %w", name, err)
	}
	return j, nil
}

func (j *journal) read() error {
	text, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	for line := range strings.Lines(string(text[:whole])) {
		line = strings.TrimSuffix(line, "\n")
		if !journalLine.MatchString(line) {
			return fmt.Errorf("a line is not a SHA-256 and a status: is it the journal?")
		}
		j.known[line[:64]] = true
	}
	return j.file.Truncate(int64(whole))
}

// answered reports whether a document was answered before.
func (j *journal) answered(document []byte) bool {
	if j == nil {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.known[sum(document)]
}

// note remembers an answer.
func (j *journal) note(document []byte, status int) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	key := sum(document)
	j.known[key] = true
	_, err := fmt.Fprintf(j.file, "%s %d\n", key, status)
	return err
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}

func sum(document []byte) string {
	h := sha256.Sum256(document)
	return hex.EncodeToString(h[:])
}
