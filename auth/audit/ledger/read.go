package ledger

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// End returns the place after the last durable record, which is where the next
// one begins or, when a segment is full, the beginning of the next segment.
func (l *Log) End() Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// Entries yields the durable records from a place on. It ends where the log
// ends at that moment, or after an error.
func (l *Log) Entries(from Place) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for end := l.End(); from != end; end = l.End() {
			limit := end.Offset
			if from.Segment != end.Segment {
				limit = -1
			}
			at, ok := l.readSegment(from, limit, yield)
			if !ok {
				return
			}
			if from = at; limit < 0 {
				next, ok := l.following(at.Segment)
				if !ok {
					yield(Entry{}, fmt.Errorf("ledger: there is no segment %s", segmentName(at.Segment)))
					return
				}
				from = Place{Segment: next}
			}
		}
	}
}

// readSegment yields the records of one segment up to the offset limit, or to
// the end of the file when that is negative. It returns the place after the
// last, and false when yield wants no more.
func (l *Log) readSegment(from Place, limit int64, yield func(Entry, error) bool) (Place, bool) {
	f, err := os.Open(filepath.Join(l.cfg.Dir, segmentName(from.Segment)))
	if err != nil {
		yield(Entry{}, err)
		return from, false
	}
	defer f.Close()
	if limit < 0 {
		info, err := f.Stat()
		if err != nil {
			yield(Entry{}, err)
			return from, false
		}
		limit = info.Size()
	}
	r := bufio.NewReaderSize(io.NewSectionReader(f, from.Offset, limit-from.Offset), int(min(256<<10, max(0, limit-from.Offset))))
	for from.Offset < limit {
		e, err := readFrame(r, from)
		if !yield(e, err) || err != nil {
			return from, false
		}
		from = e.Next()
	}
	return from, true
}

// readFrame reads one frame, whose place is known.
func readFrame(r io.Reader, at Place) (Entry, error) {
	damaged := func(err error) (Entry, error) {
		return Entry{}, &DamageError{What: err.Error(), Segment: segmentName(at.Segment), Offset: at.Offset, First: at.Segment, Last: at.Segment}
	}
	var head [frameHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return damaged(errShort)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n <= entryHead || n > entryHead+MaxBody {
		return damaged(errLength)
	}
	b := make([]byte, frameHead+int(n))
	copy(b, head[:])
	if _, err := io.ReadFull(r, b[frameHead:]); err != nil {
		return damaged(errShort)
	}
	e, _, err := cut(b)
	if err != nil {
		return damaged(err)
	}
	e.At = at
	return e, nil
}

// A Reader reads records at their places. It keeps the segment of the last one
// open. It is for one goroutine.
type Reader struct {
	dir     string
	segment uint64
	file    *os.File
}

// Reader returns a Reader, which is to be closed.
func (l *Log) Reader() *Reader { return &Reader{dir: l.cfg.Dir} }

// Read returns the record at a place. A record that no longer is what was
// written there fails with a *DamageError.
func (r *Reader) Read(at Place) (Entry, error) {
	if r.file == nil || r.segment != at.Segment {
		r.Close()
		f, err := os.Open(filepath.Join(r.dir, segmentName(at.Segment)))
		if err != nil {
			return Entry{}, err
		}
		r.file, r.segment = f, at.Segment
	}
	// 1 KiB holds nearly every record: one system call instead of two.
	return readFrame(bufio.NewReaderSize(io.NewSectionReader(r.file, at.Offset, frameHead+entryHead+MaxBody), 1024), at)
}

// Close closes the segment.
func (r *Reader) Close() {
	if r.file != nil {
		r.file.Close() // read only: nothing can be lost
		r.file = nil
	}
}

// following returns the segment after the one that begins with record first.
func (l *Log) following(first uint64) (uint64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, found := slices.BinarySearch(l.segments, first)
	if !found || i+1 >= len(l.segments) {
		return 0, false
	}
	return l.segments[i+1], true
}

// SegmentOf returns the place of the segment that holds the record.
func (l *Log) SegmentOf(seq uint64) Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, found := slices.BinarySearch(l.segments, seq)
	if !found && i > 0 {
		i--
	}
	return Place{Segment: l.segments[i]}
}
