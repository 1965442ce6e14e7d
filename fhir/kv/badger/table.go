package badger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"os"

	"github.com/dgraph-io/badger/v4/fb"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A tableFile is one of Badger's sorted tables, read beside Badger. It ends with
//
//	index, len(index)(4), checksum of the index, len(checksum)(4)
//
// and before that has blocks, each of which ends with
//
//	number of keys(4), checksum of what is before it, len(checksum)(4)
//
// Numbers are big-endian. A checksum is a message of Protocol Buffers whose
// field 2 is the CRC-32C. Neither compression nor encryption is in use.
type tableFile struct {
	*os.File
	index *fb.TableIndex
}

func openTable(path string) (*tableFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &tableFile{File: f}
	if err := t.readIndex(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return t, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maxSum is the length of the longest checksum: a tag and a number of 32 bits.
const maxSum = 6

func (t *tableFile) readIndex() error {
	info, err := t.Stat()
	if err != nil {
		return err
	}
	end := info.Size()
	sum, err := t.section(&end, maxSum)
	if err != nil {
		return err
	}
	index, err := t.section(&end, end)
	if err != nil {
		return err
	}
	if !matches(index, sum) {
		return t.corrupt("index")
	}
	t.index = fb.GetRootAsTableIndex(index, 0)
	return nil
}

// section reads the bytes before *end of which the last four tell how many there
// are, and moves *end before them.
func (t *tableFile) section(end *int64, most int64) ([]byte, error) {
	var n [4]byte
	if *end < 4 {
		return nil, t.corrupt("length")
	}
	if _, err := t.ReadAt(n[:], *end-4); err != nil {
		return nil, err
	}
	size := int64(binary.BigEndian.Uint32(n[:]))
	if size > most || size > *end-4 {
		return nil, t.corrupt("length")
	}
	b := make([]byte, size)
	if _, err := t.ReadAt(b, *end-4-size); err != nil {
		return nil, err
	}
	*end -= 4 + size
	return b, nil
}

// matches tells whether sum is the checksum of b.
func matches(b, sum []byte) bool {
	want := uint64(0) // a message leaves out a field that is zero
	if len(sum) > 0 {
		var n int
		if want, n = binary.Uvarint(sum[1:]); sum[0] != 2<<3 || n != len(sum)-1 {
			return false
		}
	}
	return uint64(crc32.Checksum(b, castagnoli)) == want
}

func (t *tableFile) corrupt(what string) error {
	return fmt.Errorf("%w: %s of %s", kv.ErrCorrupt, what, t.Name())
}

// blocks yields the blocks in their order; the key of a block is its first.
func (t *tableFile) blocks() iter.Seq2[int, *fb.BlockOffset] {
	return func(yield func(int, *fb.BlockOffset) bool) {
		var b fb.BlockOffset
		for i := range t.index.OffsetsLength() {
			if !t.index.Offsets(&b, i) || !yield(i, &b) {
				return
			}
		}
	}
}

// verify reads all blocks, compares their checksums, and returns points of so
// many blocks each.
func (t *tableFile) verify(stride int) ([]point, error) {
	var buf []byte
	var points []point
	for i, b := range t.blocks() {
		size := int(b.Len())
		if cap(buf) < size {
			buf = make([]byte, size)
		}
		block := buf[:size]
		if _, err := t.ReadAt(block, int64(b.Offset())); err != nil {
			return nil, t.readError(err)
		}
		content, ok := blockContent(block)
		if !ok || len(content) < 4 {
			return nil, t.corrupt(fmt.Sprintf("block %d", i))
		}
		points = addBlock(points, i, stride, b, content)
	}
	return points, nil
}

// points reads only the ends of the blocks.
func (t *tableFile) points(stride int) ([]point, error) {
	const most = 4 + maxSum + 4 // number of keys, checksum, its length
	var points []point
	for i, b := range t.blocks() {
		end := make([]byte, min(most, b.Len()))
		if _, err := t.ReadAt(end, int64(b.Offset()+b.Len())-int64(len(end))); err != nil {
			return nil, t.readError(err)
		}
		n := int(binary.BigEndian.Uint32(end[len(end)-4:]))
		if n > len(end)-8 {
			return nil, t.corrupt(fmt.Sprintf("block %d", i))
		}
		points = addBlock(points, i, stride, b, end[:len(end)-4-n])
	}
	return points, nil
}

// addBlock counts the keys of block i, whose content ends with their number.
func addBlock(points []point, i, stride int, b *fb.BlockOffset, content []byte) []point {
	if i%stride == 0 {
		key := b.KeyBytes()
		points = append(points, point{key: bytes.Clone(key[:max(0, len(key)-8)])}) // without the timestamp
	}
	points[len(points)-1].keys += int(binary.BigEndian.Uint32(content[len(content)-4:]))
	return points
}

func (t *tableFile) readError(err error) error {
	if errors.Is(err, io.EOF) {
		return t.corrupt("size")
	}
	return err
}

// blockContent returns a block without its checksum, and whether that holds.
func blockContent(block []byte) ([]byte, bool) {
	end := len(block) - 4
	if end < 0 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint32(block[end:]))
	if n > maxSum || n > end {
		return nil, false
	}
	return block[:end-n], matches(block[:end-n], block[end-n:end])
}

// readPoints returns the points of the table in a file.
func readPoints(path string, stride int) ([]point, error) {
	t, err := openTable(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	return t.points(stride)
}
