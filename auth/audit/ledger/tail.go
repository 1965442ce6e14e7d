package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// tail is what the last segment holds.
type tail struct {
	first  uint64 // its first record
	next   uint64 // number of the record after its last
	end    int64  // offset after its last record
	time   time.Time
	leaves []tlog.Hash // of its records
	torn   []byte      // an interrupted write after them
}

// loadTail reads the last segment and decides whether unreadable bytes are what
// an interrupted write left behind or damage.
func (l *Log) loadTail() (tail, error) {
	if len(l.segments) == 0 {
		return tail{}, nil
	}
	if l.segments[0] != 0 {
		return tail{}, &DamageError{What: "the first segments are gone", Last: l.segments[0] - 1}
	}
	first := l.segments[len(l.segments)-1]
	b, err := os.ReadFile(filepath.Join(l.cfg.Dir, segmentName(first)))
	if err != nil {
		return tail{}, err
	}
	t := tail{first: first, next: first}
	for rest := b; len(rest) > 0; rest = b[t.end:] {
		e, payload, err := cut(rest)
		if err != nil || e.Seq != t.next {
			t.torn = rest
			break
		}
		t.leaves = append(t.leaves, tlog.RecordHash(payload))
		t.next, t.end, t.time = e.Seq+1, t.end+int64(e.size), e.Time
	}
	return t, l.judge(t)
}

// judge refuses a torn tail in front of a record that was written after it had
// become durable.
func (l *Log) judge(t tail) error {
	at := int64(0)
	for rest := t.torn; ; {
		i, e, ok := resync(rest, t.next)
		if !ok {
			return nil
		}
		if e.durable() > t.next {
			return &DamageError{
				What:    fmt.Sprintf("a durable record cannot be read, though record %d after it can", e.Seq),
				Segment: segmentName(t.first), Offset: t.end, First: t.next, Last: e.Seq - 1,
			}
		}
		at += int64(i + e.size)
		rest = t.torn[at:]
	}
}

// loadHashes reads the tree, adds to the file what a stop kept from being
// written, and refuses a log that lacks a record whose hash is there.
func (l *Log) loadHashes(t tail) error {
	info, err := l.hashes.Stat()
	if err != nil {
		return err
	}
	have := leavesIn(info.Size() / tlog.HashSize)
	if have > t.next {
		return &DamageError{What: "durable records are gone from the end of the log", First: t.next, Last: have - 1,
			Segment: segmentName(t.first), Offset: t.end}
	}
	stored := storedHashes{l.hashes}
	if err := l.compareLeaves(t, have, stored); err != nil {
		return err
	}
	if err := l.hashes.Truncate(tlog.StoredHashCount(int64(have)) * tlog.HashSize); err != nil {
		return err
	}
	if l.tree, err = loadTree(have, stored); err != nil {
		return err
	}
	return l.catchUp(t)
}

// compareLeaves holds the records of the last segment against their hashes.
func (l *Log) compareLeaves(t tail, have uint64, stored storedHashes) error {
	for seq := t.first; seq < have; seq++ {
		h, err := stored.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(seq))})
		if err != nil {
			return err
		}
		if h[0] != t.leaves[seq-t.first] {
			return &DamageError{What: "a record is not the one that was written", First: seq, Last: seq, Segment: segmentName(t.first)}
		}
	}
	return nil
}

// catchUp computes the hashes that the file lacks.
func (l *Log) catchUp(t tail) error {
	var missing []byte
	for i, first := range l.segments {
		if i+1 < len(l.segments) && l.segments[i+1] <= l.tree.size {
			continue // its hashes are there
		}
		b, err := os.ReadFile(filepath.Join(l.cfg.Dir, segmentName(first)))
		if err != nil {
			return err
		}
		for at := 0; at < len(b) && l.tree.size < t.next; {
			e, payload, err := cut(b[at:])
			if err != nil || e.Seq > l.tree.size {
				return &DamageError{What: "a record cannot be read", First: l.tree.size, Last: l.tree.size, Segment: segmentName(first), Offset: int64(at)}
			}
			if e.Seq == l.tree.size {
				missing = l.tree.add(tlog.RecordHash(payload), missing)
			}
			at += e.size
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err := l.hashes.Write(missing)
	return err
}
