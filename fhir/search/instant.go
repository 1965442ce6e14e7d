package search

import "time"

// An instant is a point in time in microseconds, from 0 (before all) to forever.
type instant uint64

// forever is after all instants: the end of a period that is still open.
const forever instant = 1<<63 - 1

// epoch is the instant of 1970-01-01T00:00:00Z: far enough from 0 for the year
// 0001 and from forever for the year 9999.
const epoch instant = 1 << 62

// instantLen is the length of an encoded instant.
const instantLen = 9

func instantOf(t time.Time) instant { return epoch + instant(t.UnixMicro()) }

// append appends the instant, in nine bytes of seven bits with the top bit set.
func (i instant) append(dst []byte) []byte {
	return append(dst, byte(i>>56)|0x80, byte(i>>49)|0x80, byte(i>>42)|0x80, byte(i>>35)|0x80,
		byte(i>>28)|0x80, byte(i>>21)|0x80, byte(i>>14)|0x80, byte(i>>7)|0x80, byte(i)|0x80)
}

// readInstant reads the instant that append wrote.
func readInstant(b []byte) (i instant) {
	for _, c := range b[:instantLen] {
		i = i<<7 | instant(c&0x7F)
	}
	return i
}
