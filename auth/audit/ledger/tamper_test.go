package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// evidence is a closed log of 30 records, signed at 1, 10, 20 and 30, in segments
// of 9 records, that a test tampers with.
type evidence struct {
	t   *testing.T
	cfg Config
}

func newEvidence(t *testing.T) evidence {
	return evidenceOf(t, 10, bytes.Repeat([]byte("record "), 64))
}

func evidenceOf(t *testing.T, per int, body []byte) evidence {
	cfg := testConfig(t)
	cfg.SegmentSize = 4096
	l := open(t, cfg)
	for range 3 {
		for range per {
			if _, err := l.Append(body); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Sign(); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, cfg); r.Code() != 0 || r.Proven != uint64(3*per) || r.Checkpoints != 8 {
		t.Fatalf("before tampering: %+v", r)
	}
	return evidence{t, cfg}
}

func (e evidence) path(name string) string { return filepath.Join(e.cfg.Dir, name) }

func (e evidence) read(name string) []byte {
	e.t.Helper()
	b, err := os.ReadFile(e.path(name))
	if err != nil {
		e.t.Fatal(err)
	}
	return b
}

func (e evidence) write(name string, b []byte) {
	e.t.Helper()
	if err := errors.Join(os.Chmod(e.path(name), 0o600), os.WriteFile(e.path(name), b, 0o600)); err != nil {
		e.t.Fatal(err)
	}
}

// frames returns the frames of the whole log, by segment.
func (e evidence) frames() (names []string, frames [][][]byte) {
	firsts, err := segments(e.cfg.Dir)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, first := range firsts {
		var all [][]byte
		for b := e.read(segmentName(first)); len(b) > 0; {
			f, _, err := cut(b)
			if err != nil {
				e.t.Fatal(err)
			}
			all = append(all, b[:f.size])
			b = b[f.size:]
		}
		names, frames = append(names, segmentName(first)), append(frames, all)
	}
	return names, frames
}

// edit lets change do what it likes to the frames, by record number, and
// writes back what it returns, in the same segments.
func (e evidence) edit(change func(frames [][]byte) [][]byte) {
	names, frames := e.frames()
	var all [][]byte
	var last []int // number of the last frame of each segment
	for _, f := range frames {
		all = append(all, f...)
		last = append(last, len(all))
	}
	all = change(all)
	for i, name := range names {
		to := min(last[i], len(all))
		if i == len(names)-1 {
			to = len(all)
		}
		from := 0
		if i > 0 {
			from = min(last[i-1], len(all))
		}
		e.write(name, bytes.Join(all[from:to], nil))
	}
}

// forge changes the last byte of a frame and makes its checksum fit.
func forge(frame []byte) []byte {
	f := bytes.Clone(frame)
	f[len(f)-1] ^= 1
	return resum(f)
}

func resum(f []byte) []byte {
	binary.BigEndian.PutUint32(f[4:], crc32.Checksum(f[frameHead:], castagnoli))
	return f
}

// rehash makes the stored hashes fit the records, as an attacker who knows this
// package would.
func (e evidence) rehash() {
	var tr tree
	var b []byte
	_, frames := e.frames()
	for _, segment := range frames {
		for _, f := range segment {
			b = tr.add(tlog.RecordHash(f[frameHead:]), b)
		}
	}
	e.write(hashFile, b)
}

func TestR05R06R07Tampering(t *testing.T) {
	tests := []struct {
		name        string
		tamper      func(e evidence)
		code        int
		id          string
		first, last uint64
	}{
		{"a byte of a record flipped", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12][200] ^= 4; return f })
		}, 2, "record-altered", 12, 12},
		{"a byte of a checksum flipped", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12][5] ^= 4; return f })
		}, 2, "checksum-altered", 12, 12},
		{"a byte of a length flipped", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12][3] ^= 4; return f })
		}, 2, "record-altered", 12, 12},
		{"the last record flipped", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[29][99] ^= 4; return f })
		}, 2, "record-altered", 29, 29},
		{"a record edited, checksum recomputed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12] = forge(f[12]); return f })
		}, 2, "record-altered", 12, 12},
		{"a record edited, checksum and hashes recomputed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12] = forge(f[12]); return f })
			e.rehash()
		}, 2, "root-differs", 10, 19},
		{"the first record edited, checksum and hashes recomputed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[0] = forge(f[0]); return f })
			e.rehash()
		}, 2, "root-differs", 0, 0},
		{"a record removed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { return append(f[:12:12], f[13:]...) })
		}, 3, "record-missing", 12, 12},
		{"three records removed, hashes too", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { return append(f[:12:12], f[15:]...) })
			os.Remove(e.path(hashFile))
		}, 3, "record-missing", 12, 14},
		{"a record removed, the rest renumbered and rehashed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte {
				f = append(f[:12:12], f[13:]...)
				for i := range f {
					binary.BigEndian.PutUint64(f[i][frameHead+1:], uint64(i))
					resum(f[i])
				}
				return f
			})
			e.rehash()
		}, 2, "root-differs", 10, 19},
		{"two records exchanged", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12], f[13] = f[13], f[12]; return f })
		}, 2, "record-moved", 12, 12},
		{"a record inserted", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte {
				return append(f[:13:13], append([][]byte{forge(f[12])}, f[13:]...)...)
			})
		}, 2, "record-inserted", 12, 12},
		{"bytes inserted", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12] = append([]byte("noise"), f[12]...); return f })
		}, 2, "bytes-inserted", 12, 12},
		{"the end removed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { return f[:27] })
		}, 3, "end-missing", 27, 29},
		{"the end removed, hashes too", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { return f[:27] })
			e.rehash()
		}, 3, "end-missing", 27, 29},
		{"a record cut short", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[29] = f[29][:80]; return f })
		}, 2, "record-altered", 29, 29},
		{"a segment removed", func(e evidence) {
			names, _ := e.frames()
			os.Remove(e.path(names[1]))
		}, 3, "segment-missing", 9, 17},
		{"the first segment removed", func(e evidence) {
			names, _ := e.frames()
			os.Remove(e.path(names[0]))
		}, 3, "segment-missing", 0, 8},
		{"the last segment removed", func(e evidence) {
			names, _ := e.frames()
			os.Remove(e.path(names[len(names)-1]))
		}, 3, "end-missing", 27, 29},
		{"a number made absurd", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte {
				binary.BigEndian.PutUint64(f[29][frameHead+1:], 1<<62)
				resum(f[29])
				return f
			})
		}, 3, "record-missing", 29, 1<<62 - 1},
		{"a stored leaf hash flipped", func(e evidence) {
			b := e.read(hashFile)
			b[tlog.StoredHashIndex(0, 12)*tlog.HashSize] ^= 1
			e.write(hashFile, b)
		}, 2, "hashes-altered", 12, 12},
		{"a stored inner hash flipped", func(e evidence) {
			b := e.read(hashFile)
			b[tlog.StoredHashIndex(2, 2)*tlog.HashSize] ^= 1
			e.write(hashFile, b)
		}, 2, "hashes-altered", 10, 19},
		{"the hashes cut short", func(e evidence) {
			e.write(hashFile, e.read(hashFile)[:20*tlog.HashSize])
		}, 3, "hashes-missing", 11, 29},
		{"a checkpoint changed to fit", func(e evidence) {
			b := string(e.read(checkpointFile))
			e.write(checkpointFile, []byte(strings.Replace(b, "\n20\n", "\n19\n", 1)))
		}, 2, "checkpoint-altered", 0, 0},
		{"a checkpoint removed", func(e evidence) {
			notes, _ := splitNotes(string(e.read(checkpointFile)))
			e.write(checkpointFile, []byte(notes[0].text+"\n"+notes[1].text+"\n"+notes[3].text+"\n"))
		}, 3, "checkpoint-missing", 0, 19},
		{"all checkpoints removed, here and outside", func(e evidence) {
			os.Remove(e.path(checkpointFile))
			os.Remove(e.cfg.Mirror)
		}, 3, "checkpoints-missing", 0, 29},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEvidence(t)
			tt.tamper(e)
			r := verify(t, e.cfg)
			if r.Code() != tt.code {
				t.Errorf("code %d, want %d", r.Code(), tt.code)
			}
			if !found(r, tt.id, tt.first, tt.last) {
				t.Errorf("no finding %s for records %d to %d", tt.id, tt.first, tt.last)
			}
			if t.Failed() || testing.Verbose() {
				for _, f := range r.Findings {
					t.Log(f)
				}
			}
		})
	}
}

func found(r Report, id string, first, last uint64) bool {
	for _, f := range r.Findings {
		if f.ID == id && f.First == first && f.Last == last {
			return true
		}
	}
	return false
}

// A flipped bit is found wherever it is: in any byte of any file of the log.
func TestR05EveryByte(t *testing.T) {
	e := evidenceOf(t, 3, []byte("short"))
	names, _ := e.frames()
	for _, name := range append(names, hashFile, checkpointFile) {
		good := e.read(name)
		os.Chmod(e.path(name), 0o600)
		f, err := os.OpenFile(e.path(name), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, was := range good {
			f.WriteAt([]byte{was ^ 0x10}, int64(i))
			if r := verify(t, e.cfg); r.Code() == 0 {
				t.Fatalf("byte %d of %s flipped, and the report says intact: %v", i, name, r.Findings)
			}
			f.WriteAt([]byte{was}, int64(i))
		}
		f.Close()
	}
}

// A record taken out is named, whichever it is, also when its hash goes too.
func TestEveryRemovedRecordIsNamed(t *testing.T) {
	for _, n := range []int{0, 1, 8, 9, 17, 18, 26, 27, 28, 29} { // ends and beginnings of segments
		e := newEvidence(t)
		e.edit(func(f [][]byte) [][]byte { return append(f[:n:n], f[n+1:]...) })
		r := verify(t, e.cfg)
		if r.Code() != 3 || !found(r, "record-missing", uint64(n), uint64(n)) &&
			!found(r, "end-missing", uint64(n), uint64(n)) && !found(r, "segment-missing", uint64(n), uint64(n)) {
			t.Errorf("record %d removed: code %d, %v", n, r.Code(), r.Findings)
		}
	}
}

// R06: the whole folder put back to an older state fits itself. Only the copy
// of the checkpoints outside says that records are gone.
func TestR06RolledBackFolder(t *testing.T) {
	cfg := testConfig(t)
	l := open(t, cfg)
	appendN(t, l, 10)
	l.Close()
	old := t.TempDir()
	if err := os.CopyFS(old, os.DirFS(cfg.Dir)); err != nil {
		t.Fatal(err)
	}
	l = open(t, cfg)
	appendN(t, l, 5)
	l.Close()
	cfg.Dir = old
	r := verify(t, cfg)
	if r.Code() != 3 || !found(r, "end-missing", 10, 14) {
		t.Errorf("code %d, %v; want records 10 to 14 gone", r.Code(), r.Findings)
	}
	var damage *DamageError
	if _, err := Open(cfg); !errors.As(err, &damage) || damage.First != 10 || damage.Last != 14 {
		t.Errorf("Open = %v; want a refusal that names records 10 to 14", err)
	}
}

// R05: a damaged record that was acknowledged keeps the log from opening.
func TestR05DamagedEndIsNotCutOff(t *testing.T) {
	for _, n := range []int{27, 28, 29} {
		e := newEvidence(t)
		e.edit(func(f [][]byte) [][]byte { f[n][120] ^= 1; return f })
		before := fmt.Sprint(e.sizes())
		var damage *DamageError
		if _, err := Open(e.cfg); !errors.As(err, &damage) || damage.First != uint64(n) {
			t.Errorf("record %d damaged: Open = %v; want a refusal that names it", n, err)
		}
		if after := fmt.Sprint(e.sizes()); after != before {
			t.Errorf("the refused Open changed the files")
		}
	}
}

// R05: what later frames say of their time is enough to tell damage from an
// interrupted write, also when hashes and checkpoints are gone.
func TestR05DamageIsToldFromATornWrite(t *testing.T) {
	e := newEvidence(t)
	e.edit(func(f [][]byte) [][]byte { f[27][120] ^= 1; return f })
	for _, path := range []string{e.path(hashFile), e.path(checkpointFile), e.cfg.Mirror} {
		os.Remove(path)
	}
	var damage *DamageError
	if _, err := Open(e.cfg); !errors.As(err, &damage) || damage.First != 27 {
		t.Errorf("Open = %v; want a refusal that names record 27", err)
	}
}

// sizes returns the size of every file.
func (e evidence) sizes() (sizes []int64) {
	names, err := os.ReadDir(e.cfg.Dir)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, n := range names {
		info, _ := n.Info()
		sizes = append(sizes, info.Size())
	}
	return sizes
}
