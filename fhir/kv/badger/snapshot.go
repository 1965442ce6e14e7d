package badger

import (
	"slices"
	"sync"
	"time"

	dgraph "github.com/dgraph-io/badger/v4"
)

// A snapshot is the state after one commit. All transactions that begin before
// the next commit share it: a read-only transaction of Badger keeps no state, so
// that many can read through it at once.
type snapshot struct {
	at      uint64
	commits uint64 // begun when it was made, as the cache counts them
	txn     *dgraph.Txn
	refs    int // transactions that use it, and one while it is current; guarded by Engine.mu
	updates int // Updates among them

	mu   sync.Mutex
	idle [2][]*iterator // forward and reverse; guarded by mu
}

func newSnapshot(db *dgraph.DB, at, commits uint64) *snapshot {
	return &snapshot{at: at, commits: commits, txn: db.NewTransactionAt(at, false), refs: 1}
}

// An iterator is one of Badger over all keys, to be used again. To make one
// takes 3 µs and more, as it gathers the tables of every level; to seek takes 1.
// It holds on to those tables, also to files that compaction has replaced, which
// is why it has an age.
type iterator struct {
	*dgraph.Iterator
	born time.Time
}

const (
	maxIdle = 8           // iterators kept per direction
	maxAge  = time.Second // of an iterator that is used again
)

// borrow returns an iterator for one Scan.
func (s *snapshot) borrow(reverse bool) *iterator {
	for {
		it := s.pop(reverse)
		if it == nil {
			break
		}
		if time.Since(it.born) < maxAge {
			return it
		}
		it.Close()
	}
	return &iterator{
		Iterator: s.txn.NewIterator(dgraph.IteratorOptions{Reverse: reverse}),
		born:     time.Now(),
	}
}

func (s *snapshot) pop(reverse bool) *iterator {
	s.mu.Lock()
	defer s.mu.Unlock()
	idle := &s.idle[direction(reverse)]
	last := len(*idle) - 1
	if last < 0 {
		return nil
	}
	it := (*idle)[last]
	*idle = (*idle)[:last]
	return it
}

// giveBack takes an iterator that borrow has lent.
func (s *snapshot) giveBack(it *iterator, reverse bool) {
	s.mu.Lock()
	idle := &s.idle[direction(reverse)]
	keep := len(*idle) < maxIdle
	if keep {
		*idle = append(*idle, it)
	}
	s.mu.Unlock()
	if !keep {
		it.Close()
	}
}

func direction(reverse bool) int {
	if reverse {
		return 1
	}
	return 0
}

// close lets go of the iterators. Nobody uses the snapshot any more.
func (s *snapshot) close() {
	for _, idle := range s.idle {
		for _, it := range idle {
			it.Close()
		}
	}
	s.idle = [2][]*iterator{}
}

// snapshots are those in use, the oldest first. Badger keeps what any of them
// can see.
type snapshots struct {
	live    []*snapshot
	current *snapshot // the last of live
}

func (s *snapshots) last() uint64 { return s.current.at }

// oldest returns the timestamps of the oldest snapshot, and of the oldest of an
// Update other than that which has one of except: the current if there is none.
func (s *snapshots) oldest(except *snapshot) (any, ofUpdate uint64) {
	for _, l := range s.live {
		updates := l.updates
		if l == except {
			updates--
		}
		if updates > 0 {
			return s.live[0].at, l.at
		}
	}
	return s.live[0].at, s.current.at
}

func (s *snapshots) acquire(updates int) *snapshot {
	s.current.refs++
	s.current.updates += updates
	return s.current
}

// release reports whether nobody uses the snapshot any more, so that it is to be
// closed.
func (s *snapshots) release(old *snapshot, updates int) bool {
	old.updates -= updates
	if old.refs--; old.refs > 0 {
		return false
	}
	s.live = slices.DeleteFunc(s.live, func(l *snapshot) bool { return l == old })
	return true
}

// advance makes next the current snapshot and releases the one before.
func (s *snapshots) advance(next *snapshot) (old *snapshot, dead bool) {
	old = s.current
	s.live, s.current = append(s.live, next), next
	return old, s.release(old, 0)
}
