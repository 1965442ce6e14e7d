package audit

import "slices"

// pending holds the changes whose outcome the follower has not read yet.
type pending struct {
	bySeq    map[uint64]Item
	byTicket map[uint64][]uint64
}

func newPending() pending {
	return pending{bySeq: map[uint64]Item{}, byTicket: map[uint64][]uint64{}}
}

func (p pending) add(it Item) {
	p.bySeq[it.Seq] = it
	p.byTicket[it.Ticket] = append(p.byTicket[it.Ticket], it.Seq)
}

// take removes what the settlement or closure is about, and returns it with how
// it ended.
func (p pending) take(word Item) ([]Item, ending) {
	seqs, ended := p.byTicket[word.Ticket], asRecorded
	switch {
	case word.Kind == KindClosed && word.Took:
		seqs, ended = []uint64{word.Of}, foundTaken
	case word.Kind == KindClosed:
		seqs, ended = []uint64{word.Of}, foundFailed
	case !word.Took:
		ended = notApplied
	}
	var items []Item
	for _, seq := range slices.Clone(seqs) {
		it, ok := p.bySeq[seq]
		if !ok {
			continue
		}
		items = append(items, it)
		delete(p.bySeq, seq)
		left := slices.DeleteFunc(p.byTicket[it.Ticket], func(s uint64) bool { return s == seq })
		if p.byTicket[it.Ticket] = left; len(left) == 0 {
			delete(p.byTicket, it.Ticket)
		}
	}
	return items, ended
}

// first returns the oldest change, false when there is none.
func (p pending) first() (Item, bool) {
	var oldest Item
	found := false
	for _, it := range p.bySeq {
		if !found || it.Seq < oldest.Seq {
			oldest, found = it, true
		}
	}
	return oldest, found
}
