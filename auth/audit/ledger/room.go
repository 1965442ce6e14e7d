package ledger

import "time"

// room remembers how much space the disk has, so that asking costs nothing on
// the way of a record. Only the committer uses it.
type room struct {
	space   uint64 // left when last asked
	at      time.Time
	written uint64 // bytes of the log then
}

// room fails with ErrFull when the disk has too little space left. A failed
// write would end the log; this refusal ends with its cause.
func (l *Log) room() error {
	r := &l.left
	written := l.written.Load()
	if time.Since(r.at) > time.Second || written-r.written > l.cfg.MinFree/4 {
		space, err := l.free(l.cfg.Dir)
		if err != nil {
			return err
		}
		*r = room{space: space, at: time.Now(), written: written}
	}
	if r.space < l.cfg.MinFree {
		r.at = time.Time{} // look again every time until there is room
		return ErrFull
	}
	return nil
}
