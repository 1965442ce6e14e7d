package ledger

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint says what the tree was at one size.
type Checkpoint struct {
	Origin string // name of the log and of its keys
	Size   uint64 // records in the tree
	Root   tlog.Hash
}

// text is the body of the signed note (https://c2sp.org/tlog-checkpoint).
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// sign returns the checkpoint as a signed note.
func (c Checkpoint) sign(k Key) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.text()}, k)
}

// parseCheckpoint reads the text of a checkpoint. Lines after the third are
// extensions, which we neither write nor judge.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return Checkpoint{}, fmt.Errorf("checkpoint has %d lines, not 3", len(lines)-1)
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("checkpoint size is not a decimal number")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("checkpoint root is not 32 bytes of base64")
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}, nil
}

// openCheckpoint verifies the signature of a checkpoint and that it is one of
// the log with that name.
func openCheckpoint(signed []byte, origin string, keys note.Verifiers) (Checkpoint, error) {
	n, err := note.Open(signed, keys)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != origin {
		return Checkpoint{}, fmt.Errorf("checkpoint is of the log %q, not of %q", c.Origin, origin)
	}
	return c, nil
}

// A signedNote is one note of a file of checkpoints.
type signedNote struct {
	offset int
	text   string
}

// splitNotes cuts a file of checkpoints into its notes. Between them, and after
// the last, may stand what an interrupted write left: its extent is returned
// as scraps. The text of a note has no blank line, so one ends every scrap.
func splitNotes(file string) (notes []signedNote, scraps int) {
	at := 0
	for {
		text := strings.Index(file[at:], "\n\n— ")
		if text < 0 {
			break
		}
		signatures := strings.Index(file[at+text+2:], "\n\n")
		if signatures < 0 {
			break
		}
		start, end := at, at+text+2+signatures+1
		if blank := strings.LastIndex(file[at:at+text], "\n\n"); blank >= 0 {
			start = at + blank + 2
		}
		scraps += start - at
		notes = append(notes, signedNote{start, file[start:end]})
		at = end + 1
	}
	return notes, scraps + len(file) - at
}

// Keys reads the public keys of the log in dir, as text and as verifiers. Who
// trusts them trusts whoever can write to dir: an officer gives a verifier the
// keys that were printed at the first start instead.
func Keys(dir string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, publicFile))
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(text)), nil
}

// verifiers parses public keys. All must carry the same name, the log's origin.
func verifiers(keys []string) (list note.Verifiers, origin string, err error) {
	var all []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, "", fmt.Errorf("ledger: public key %q: %w", k, err)
		}
		if origin != "" && v.Name() != origin {
			return nil, "", fmt.Errorf("ledger: public keys of two logs, %q and %q", origin, v.Name())
		}
		origin = v.Name()
		all = append(all, v)
	}
	if len(all) == 0 {
		return nil, "", fmt.Errorf("ledger: no public key to verify with")
	}
	return note.VerifierList(all...), origin, nil
}
