package ledger

import (
	"errors"
	"fmt"
	"time"
)

// Config says where a log is kept and how.
type Config struct {
	Dir    string // of the log; nothing else lives there
	Keys   string // folder of the private key
	Origin string // name of the log and of its keys, such as "gw.example.fr/trail"; no spaces, no plus

	// Mirror is where every checkpoint is also appended, on another disk or
	// machine: only a copy outside reveals that the whole folder was put back to
	// an older state (R06). Empty for none.
	Mirror string

	SegmentSize int64         // a segment that has reached it is closed; default 64 MiB
	MinFree     uint64        // bytes that must stay free on the disk, else nothing is written; default 64 MiB
	SignRecords uint64        // a checkpoint after so many records, at most one a second; default 1,000
	SignEvery   time.Duration // and after so long when there are new records; default 1 minute

	// Clock gives the time of a record. Default time.Now.
	Clock func() time.Time

	// Stepped returns the body of the record that says that the clock went back
	// by so much (R12). Nil writes none.
	Stepped func(back time.Duration) []byte
}

// Unsynced records become durable after this long even when no other record
// takes them along.
const linger = 20 * time.Millisecond

// stepTolerance is how far the clock may go back unremarked: daemons that
// discipline a clock step it by milliseconds.
const stepTolerance = time.Second

func (c *Config) defaults() error {
	if c.Dir == "" || c.Keys == "" || c.Origin == "" {
		return errors.New("ledger: Dir, Keys and Origin are required")
	}
	if c.SegmentSize == 0 {
		c.SegmentSize = 64 << 20
	}
	if c.SegmentSize < 4096 {
		return fmt.Errorf("ledger: SegmentSize %d is below 4096", c.SegmentSize)
	}
	if c.MinFree == 0 {
		c.MinFree = 64 << 20
	}
	if c.SignRecords == 0 {
		c.SignRecords = 1000
	}
	if c.SignEvery == 0 {
		c.SignEvery = time.Minute
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return nil
}

// The errors of a log.
var (
	ErrLocked = errors.New("ledger: in use by another process")
	ErrClosed = errors.New("ledger: closed")
	ErrFull   = errors.New("ledger: too little space left on the disk")
	ErrFailed = errors.New("ledger: a write failed; nothing more is written until the process starts again")
	ErrTooBig = errors.New("ledger: record too large")
)

// A DamageError says why a log cannot be opened: records that were durable are
// altered or gone. Verify gives the whole report.
type DamageError struct {
	What        string // for a person
	Segment     string // file name; empty when no segment is concerned
	Offset      int64
	First, Last uint64 // the records concerned
}

// Error says what is damaged and where.
func (e *DamageError) Error() string {
	where := ""
	if e.Segment != "" {
		where = fmt.Sprintf(" (%s, offset %d)", e.Segment, e.Offset)
	}
	return fmt.Sprintf("ledger: %s: records %d to %d%s", e.What, e.First, e.Last, where)
}
