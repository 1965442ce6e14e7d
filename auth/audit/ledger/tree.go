package ledger

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is the right edge of the Merkle tree: what appending needs, in constant
// space. edge[l] is the latest complete subtree of 2^l records.
type tree struct {
	size uint64
	edge [64]tlog.Hash
}

// add appends a leaf, and to out the hashes that tlog stores for it.
func (t *tree) add(leaf tlog.Hash, out []byte) []byte {
	h, level := leaf, 0
	out = append(out, h[:]...)
	for ; t.size>>level&1 == 1; level++ {
		left := t.edge[level]
		t.edge[level] = h
		h = tlog.NodeHash(left, h)
		out = append(out, h[:]...)
	}
	t.edge[level] = h
	t.size++
	return out
}

// root returns the hash of the tree (RFC 6962 §2.1).
func (t *tree) root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(t.size)
	h := t.edge[level]
	for level++; t.size>>level != 0; level++ {
		if t.size>>level&1 == 1 {
			h = tlog.NodeHash(t.edge[level], h)
		}
	}
	return h
}

// loadTree reads the edge of a tree of that size.
func loadTree(size uint64, r tlog.HashReader) (tree, error) {
	t := tree{size: size}
	var at []int64
	for level := 0; size>>level != 0; level++ {
		at = append(at, tlog.StoredHashIndex(level, int64(size>>level)-1))
	}
	hashes, err := r.ReadHashes(at)
	if err != nil {
		return tree{}, err
	}
	copy(t.edge[:], hashes)
	return t, nil
}

// storedHashes reads the file of stored hashes.
type storedHashes struct{ r io.ReaderAt }

// ReadHashes returns the stored hashes at the indexes.
func (s storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if _, err := s.r.ReadAt(hashes[i][:], at*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("stored hash %d: %w", at, err)
		}
	}
	return hashes, nil
}

// leavesIn returns how many whole records the first n stored hashes belong to.
func leavesIn(n int64) uint64 {
	// StoredHashCount(k) is between 2k-64 and 2k: step from below.
	k := max(n/2, 0)
	for tlog.StoredHashCount(k+1) <= n {
		k++
	}
	for k > 0 && tlog.StoredHashCount(k) > n {
		k--
	}
	return uint64(k)
}
