package badger

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sort"
	"sync"
	"time"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv/internal/treap"
)

// statistics know about how many keys lie where. They have one point for some
// blocks of every table on disk, with the number of keys in those blocks, and a
// sample of the keys that are not on disk yet. Superseded versions count too.
type statistics struct {
	dir string
	db  *dgraph.DB

	mu      sync.Mutex
	points  map[uint64][]point // by the id of the table
	merged  []mark             // all points in the order of their keys
	recent  treap.Tree[uint64] // every sampleRate-th key since, with its timestamp
	seed    maphash.Seed       // chooses the keys
	checked time.Time
	running sync.WaitGroup // the refresh, at most one
	busy    bool           // it runs
}

// A point stands for the blocks of a table from one to the next point.
type point struct {
	key  []byte
	keys int // in those blocks
}

// A mark is a point among those of all tables.
type mark struct {
	key    []byte
	before int64 // keys of all points before it
}

const (
	maxPoints    = 1 << 16 // some 6 MB; for 256 MB of data that is a point for each block
	sampleRate   = 64
	refreshEvery = 2 * time.Second // for as long tables may be missing
	blockSize    = 4 << 10         // Badger's
)

// stride returns for how many blocks a point stands, for tables of that size.
func stride(bytes int64) int {
	n := 1
	for bytes/blockSize/int64(n) > maxPoints {
		n *= 2
	}
	return n
}

// between returns about how many keys lie between two stored keys, and whether
// there are so many points and samples of them that there is no doubt.
func (s *statistics) between(start, end []byte) (n int64, sure bool) {
	const enough = 16
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshLater()
	recent := s.recent.Rank(end) - s.recent.Rank(start)
	n = s.before(end) - s.before(start) + int64(recent)*sampleRate
	each := s.merged[len(s.merged)-1].before / int64(len(s.merged))
	return n, n > enough*max(each, sampleRate)
}

// before returns how many keys of the tables are less than key.
func (s *statistics) before(key []byte) int64 {
	i := sort.Search(len(s.merged), func(i int) bool { return bytes.Compare(s.merged[i].key, key) >= 0 })
	if i == len(s.merged) {
		i--
	}
	if i < 0 {
		return 0
	}
	return s.merged[i].before
}

// note samples the keys of a commit.
func (s *statistics) note(ops []entry, at uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range ops {
		if maphash.Bytes(s.seed, e.key)%sampleRate == 0 {
			s.recent = s.recent.Put(e.key, at)
		}
	}
}

// refreshLater starts a refresh when the last is a while ago. The caller holds mu.
func (s *statistics) refreshLater() {
	if s.busy || time.Since(s.checked) < refreshEvery {
		return
	}
	s.busy = true
	s.running.Go(func() {
		tables := s.db.Tables()
		s.refresh(tables)
	})
}

// refresh reads the indexes of new tables and forgets those of old ones.
func (s *statistics) refresh(tables []dgraph.TableInfo) {
	var size int64
	var flushed uint64
	for _, t := range tables {
		size += int64(t.OnDiskSize)
		flushed = max(flushed, t.MaxVersion)
	}
	known := make(map[uint64][]point, len(tables))
	for _, t := range tables {
		s.mu.Lock()
		points, ok := s.points[t.ID]
		s.mu.Unlock()
		if !ok {
			var err error
			if points, err = readPoints(tablePath(s.dir, t.ID), stride(size)); err != nil {
				continue // compaction has removed it
			}
		}
		known[t.ID] = points
	}
	s.replace(known, flushed)
}

// replace takes the points of all tables. Keys up to the timestamp are in them.
func (s *statistics) replace(points map[uint64][]point, flushed uint64) {
	merged := merge(points)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.points, s.merged = points, merged
	var recent treap.Tree[uint64]
	for c := s.recent.Seek(nil, false); c.Valid(); c.Next() {
		if c.Value() > flushed {
			recent = recent.Put(c.Key(), c.Value())
		}
	}
	s.recent, s.checked, s.busy = recent, time.Now(), false
}

// merge returns the marks of all points and one after the last.
func merge(points map[uint64][]point) []mark {
	var all []point
	for _, p := range points {
		all = append(all, p...)
	}
	slices.SortFunc(all, func(a, b point) int { return bytes.Compare(a.key, b.key) })
	marks := make([]mark, 0, len(all)+1)
	var before int64
	for _, p := range all {
		marks = append(marks, mark{p.key, before})
		before += int64(p.keys)
	}
	return append(marks, mark{nil, before})
}
