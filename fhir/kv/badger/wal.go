package badger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// Badger keeps a write-ahead log for each table in memory. Each is a header of
// 20 bytes, which says that it is not encrypted, and entries
//
//	meta(1) user meta(1) len(key) len(value) expiry key value CRC-32C(4)
//
// with numbers as varints; the rest of the file is zeros. The last entry of a
// transaction has the key "!badger!txn" and a timestamp.
//
// Badger replays a log up to the first entry whose checksum does not hold, and
// cuts off the rest. That is right for a transaction that was being written when
// the process ended. It loses all that follow a damaged one.
const (
	walHeader  = 20
	walEnd     = 1 << 7 // of meta: the transaction is complete
	walMaxKey  = 1 << 16
	walEndSize = 5 // of the header of a last entry
)

var walEndKey = []byte("!badger!txn")

// verifyLogs returns ErrCorrupt when replaying the logs would lose a transaction
// that was synced: one that is followed by another, in its own log or a later
// one. Badger syncs each transaction before it writes the next. Whether the very
// last was complete, nothing in the folder can tell.
func verifyLogs(dir string, log *slog.Logger) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil {
		return err
	}
	slices.Sort(paths) // the oldest first
	for i, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch rest := lostInReplay(b); {
		case len(rest) == 0:
		case i < len(paths)-1 || lostSynced(rest):
			return fmt.Errorf("%w: %s, after byte %d", kv.ErrCorrupt, path, len(b)-len(rest))
		default:
			log.Warn("the last transaction of the log is incomplete and will be dropped", "file", path)
		}
	}
	return nil
}

// lostInReplay returns what follows the last complete transaction of a log that
// can be replayed, nil when that is nothing but zeros.
func lostInReplay(b []byte) []byte {
	if len(b) <= walHeader {
		return nil
	}
	if binary.BigEndian.Uint64(b) != 0 { // of the key for encryption
		return b
	}
	b = b[walHeader:]
	complete := b
	for {
		e, ok := parseWAL(b)
		if !ok {
			return bytes.TrimRight(complete, "\x00")
		}
		if b = b[e.size:]; e.meta&walEnd != 0 {
			complete = b
		}
	}
}

// A walEntry is what verification needs of an entry.
type walEntry struct {
	meta byte
	size int
}

// parseWAL returns the entry with which b begins, and whether there is a whole
// one: zeros are none.
func parseWAL(b []byte) (walEntry, bool) {
	if len(b) < 2 {
		return walEntry{}, false
	}
	at, sizes := 2, [3]uint64{} // of key and value; the expiry is not used
	for i := range sizes {
		v, n := binary.Uvarint(b[at:])
		if n <= 0 {
			return walEntry{}, false
		}
		sizes[i], at = v, at+n
	}
	if sizes[0] == 0 || sizes[0] > walMaxKey || sizes[1] > kv.MaxValue {
		return walEntry{}, false
	}
	end := at + int(sizes[0]+sizes[1])
	if end+4 > len(b) || binary.BigEndian.Uint32(b[end:]) != crc32.Checksum(b[:end], castagnoli) {
		return walEntry{}, false
	}
	return walEntry{b[0], end + 4}, true
}

// lostSynced tells whether rest has the end of a transaction and something after
// it. It looks for the ends alone, as damage may hide where entries begin.
func lostSynced(rest []byte) bool {
	rest = append(rest[:len(rest):len(rest)], 0, 0, 0, 0) // of a checksum that ends with zeros
	for at := 0; ; at++ {
		i := bytes.Index(rest[at:], walEndKey)
		if i < 0 {
			return false
		}
		at += i
		start := max(0, at-walEndSize)
		e, ok := parseWAL(rest[start:])
		if ok && e.meta&walEnd != 0 && len(bytes.Trim(rest[start+e.size:], "\x00")) > 0 {
			return true
		}
	}
}
