package ledger

import (
	"bytes"
	"encoding/base64"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// Published vectors of RFC 6962 trees.
func TestTreeVectors(t *testing.T) {
	var tr tree
	if got := base64.StdEncoding.EncodeToString(hash(tr.root())); got != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("empty root = %s", got)
	}
	for _, s := range []string{"a", "b", "c"} {
		tr.add(tlog.RecordHash([]byte(s)), nil)
	}
	if got := tr.root().String(); got != "NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=" {
		t.Errorf("root of a, b, c = %s", got)
	}
}

func TestTreeEqualsTlog(t *testing.T) {
	var tr tree
	var stored []byte
	for n := range uint64(600) {
		leaf := tlog.RecordHash([]byte{byte(n), byte(n >> 8)})
		want, err := tlog.StoredHashesForRecordHash(int64(n), leaf, storedHashes{bytes.NewReader(stored)})
		if err != nil {
			t.Fatal(err)
		}
		got := tr.add(leaf, nil)
		if !bytes.Equal(got, flat(want)) {
			t.Fatalf("record %d: stored hashes differ from tlog's", n)
		}
		stored = append(stored, got...)

		size := n + 1
		r := storedHashes{bytes.NewReader(stored)}
		if root, _ := tlog.TreeHash(int64(size), r); root != tr.root() {
			t.Fatalf("size %d: root differs from tlog's", size)
		}
		loaded, err := loadTree(size, r)
		if err != nil || loaded.root() != tr.root() {
			t.Fatalf("size %d: loaded tree differs (%v)", size, err)
		}
		if k := leavesIn(int64(len(stored) / tlog.HashSize)); k != size {
			t.Fatalf("leavesIn = %d, want %d", k, size)
		}
		if k := leavesIn(int64(len(stored)/tlog.HashSize) - 1); k != size-1 {
			t.Fatalf("leavesIn of one hash less = %d, want %d", k, size-1)
		}
	}
}

func hash(h tlog.Hash) []byte { return h[:] }

func flat(hashes []tlog.Hash) (b []byte) {
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}
