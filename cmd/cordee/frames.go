package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
)

// A frame is one record of a trail with the bytes that it takes in its file.
type frame struct {
	ledger.Entry
	File   string
	Length int64
}

// The head of a frame as docs/audit-format.md gives it, numbers big endian:
// len(4) crc(4) version(1) seq(8) undurable(4) time(8) salt(16), then the body.
// len counts from version on.
const (
	frameBefore = 8
	frameHead   = frameBefore + 1 + 8 + 4 + 8 + 16
)

// errFrame says that the listing cannot go on.
var errFrame = errors.New("no readable record; 'cordee audit verify' says what happened")

// frames reads the records of the trail in dir from a number on, in the order
// of the files. It proves nothing and compares nothing: that is what
// ledger.Verify does. What the gateway is just writing is left out.
func frames(dir string, from uint64) iter.Seq2[frame, error] {
	return func(yield func(frame, error) bool) {
		files, err := filepath.Glob(filepath.Join(dir, "*.seg")) // sorted; the digits of their names are padded
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("there is no trail in %s", dir)
		}
		if err != nil {
			yield(frame{}, err)
			return
		}
		for i, file := range files {
			if i+1 < len(files) && number(files[i+1]) <= from {
				continue // every record of it comes before
			}
			if !fileFrames(file, i+1 == len(files), from, yield) {
				return
			}
		}
	}
}

// number is that of the first record of a segment, by which it is called.
func number(file string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimSuffix(filepath.Base(file), ".seg"), 10, 64) // 0 for any other name: it is read
	return n
}

// fileFrames yields the records of one file, and reports whether to go on.
func fileFrames(file string, last bool, from uint64, yield func(frame, error) bool) bool {
	f, err := os.Open(file)
	if err != nil {
		yield(frame{}, err)
		return false
	}
	defer f.Close()
	for fr, err := range segmentFrames(bufio.NewReaderSize(f, 256<<10), last) {
		fr.File, fr.At.Segment = filepath.Base(file), number(file)
		if err != nil {
			yield(fr, fmt.Errorf("%s, offset %d: %w", fr.File, fr.At.Offset, err))
			return false
		}
		if fr.Seq >= from && !yield(fr, nil) {
			return false
		}
	}
	return true
}

// segmentFrames reads the frames of one file. The last file may end in the
// middle of one that is being written.
func segmentFrames(r io.Reader, last bool) iter.Seq2[frame, error] {
	return func(yield func(frame, error) bool) {
		offset := int64(0)
		for {
			fr, err := readFrame(r)
			if err == io.EOF || last && err == io.ErrUnexpectedEOF {
				return
			}
			fr.At.Offset = offset
			if !yield(fr, err) || err != nil {
				return
			}
			offset += fr.Length
		}
	}
}

// readFrame fails with io.EOF where a file ends, io.ErrUnexpectedEOF within a
// frame, and errFrame for anything that is none.
func readFrame(r io.Reader) (frame, error) {
	var head [frameBefore]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	if n <= frameHead-frameBefore || n > frameHead-frameBefore+ledger.MaxBody {
		return frame{}, errFrame
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return frame{}, io.ErrUnexpectedEOF
	}
	return frame{Length: frameBefore + n, Entry: ledger.Entry{
		Seq:       binary.BigEndian.Uint64(payload[1:]),
		Undurable: binary.BigEndian.Uint32(payload[9:]),
		Time:      time.UnixMilli(int64(binary.BigEndian.Uint64(payload[13:]))).UTC(),
		Body:      payload[frameHead-frameBefore:],
	}}, nil
}
