package store

import "testing"

// TestRoomIsCleared: what goes from one transaction to the next is memory, never what
// was in it, and never more than is worth to keep.
func TestRoomIsCleared(t *testing.T) {
	used := room{writes: []write{{key: []byte("k"), value: []byte("v")}}, posted: make([]write, 10, 1<<15)}
	next := used.cleared()
	if len(next.writes) != 0 || cap(next.writes) == 0 || next.writes[:1][0].key != nil || next.writes[:1][0].value != nil {
		t.Errorf("writes: %v", next.writes[:cap(next.writes)])
	}
	if next.posted != nil {
		t.Errorf("%d writes are kept", cap(next.posted))
	}
}
