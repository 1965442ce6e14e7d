package audit

import (
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
)

// An Item is one record of the log as it is read back: a Record, or word of how
// a change ended.
type Item struct {
	Seq   uint64
	Time  time.Time // when it was written
	Place ledger.Place
	Kind  Kind

	Record Record // of a request or a change
	Ticket uint64 // of a change or a settlement
	Of     uint64 // of a closure: the number of the change that it closes
	Took   bool   // of a settlement or closure: the change took effect
	Reason string // of a settlement that failed: why, as an issue ID
}

// A Kind says what an Item is.
type Kind uint8

// The kinds. The zero Kind is refused.
const (
	KindRequest Kind = 1 // a request was answered or refused, or something happened
	KindChange  Kind = 2 // a change is about to be committed
	KindSettled Kind = 3 // how the changes of one ticket ended
	KindClosed  Kind = 4 // how one change ended, found out after a stop
)
