package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// The store's own keys:
//
//	m format   storeFormat, one byte
//	m cursor   key of the cursors' seal, 32 bytes
//	m seq      last sequence number given out, 8 bytes
//	m ticket   the witness's ticket of the last batch, 8 bytes
const storeFormat = 1

var (
	metaFormat = metaKey("format")
	metaCursor = metaKey("cursor")
	metaSeq    = metaKey("seq")
	metaTicket = metaKey("ticket")
)

type meta struct {
	cursorKey []byte
	seq       uint64
}

// openMeta reads the store's own keys, and makes them in an empty engine.
func openMeta(ctx context.Context, e kv.Engine) (m meta, err error) {
	err = e.View(ctx, func(r kv.Reader) error {
		v, err := r.Get(ctx, metaFormat, metaCursor, metaSeq)
		if err != nil {
			return err
		}
		if v[0] != nil && (len(v[0]) != 1 || v[0][0] != storeFormat) {
			return fmt.Errorf("the data is of format %d, this version knows %d: use the version that wrote it, or restore a backup", v[0][0], storeFormat)
		}
		m.cursorKey = v[1]
		if len(v[2]) == 8 {
			m.seq = binary.BigEndian.Uint64(v[2])
		}
		return nil
	})
	if err != nil || m.cursorKey != nil {
		return m, err
	}
	m.cursorKey = make([]byte, 32)
	rand.Read(m.cursorKey)
	return m, e.Update(ctx, func(w kv.Writer) error {
		if err := w.Put(metaFormat, []byte{storeFormat}); err != nil {
			return err
		}
		return w.Put(metaCursor, m.cursorKey)
	})
}

// Ticket returns the witness's ticket of the last batch that is in the store,
// 0 when there is none. A witness that settled a later one knows of changes
// that the store has lost.
func (s *Store) Ticket(ctx context.Context) (ticket uint64, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		v, err := r.Get(ctx, metaTicket)
		if err == nil && len(v[0]) == 8 {
			ticket = binary.BigEndian.Uint64(v[0])
		}
		return err
	})
	return ticket, err
}

// newUUID returns a UUIDv7: it grows with time, so that what is created
// together lies together.
func newUUID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NewString()
	}
	return id.String()
}
