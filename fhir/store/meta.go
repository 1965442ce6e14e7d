package store

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// The store's own keys:
//
//	m format   storeFormat, one byte
//	m cursor   key of the cursors' seal, 32 bytes
//	m seq      last sequence number given out, 8 bytes
//	m policies sequence number of the last change that decides who sees whom, 8 bytes
//	m ticket   the witness's ticket of the last batch, 8 bytes
//	m index    what the index was made by (indexName), text
const storeFormat = 1

var (
	metaFormat   = metaKey("format")
	metaCursor   = metaKey("cursor")
	metaSeq      = metaKey("seq")
	metaTicket   = metaKey("ticket")
	metaIndex    = metaKey("index")
	metaPolicies = metaKey("policies")
)

type meta struct {
	cursorKey []byte
	seq       uint64
	index     string
}

// ErrOutdated is the error of Open for an index that was made by another
// version, base URL or time zone than the registry's: Reindex makes it anew.
var ErrOutdated = errors.New("the search index was made by another version, base URL or time zone; make it anew with 'cordee store reindex'")

// indexLayout changes whenever the same entries would be written as other rows
// or postings.
const indexLayout = 4

// indexName names everything that decides what the index of a store holds,
// beside the records.
func indexName(r *search.Registry) string { return fmt.Sprintf("%d %s", indexLayout, r.Index()) }

// openMeta reads the store's own keys, and makes them in an empty engine.
func openMeta(ctx context.Context, e kv.Engine, index string) (m meta, err error) {
	if m, err = readMeta(ctx, e); err != nil {
		return m, err
	}
	if m.cursorKey != nil {
		if m.index != index {
			return m, ErrOutdated
		}
		return m, nil
	}
	m.cursorKey = make([]byte, 32)
	rand.Read(m.cursorKey)
	return m, e.Update(ctx, func(w kv.Writer) error {
		return errors.Join(w.Put(metaFormat, []byte{storeFormat}), w.Put(metaCursor, m.cursorKey), w.Put(metaIndex, []byte(index)))
	})
}

func readMeta(ctx context.Context, e kv.Engine) (m meta, err error) {
	err = e.View(ctx, func(r kv.Reader) error {
		v, err := r.Get(ctx, metaFormat, metaCursor, metaSeq, metaIndex)
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
		m.index = string(v[3])
		return nil
	})
	return m, err
}

// Outdated reports whether Open would fail with ErrOutdated.
func Outdated(ctx context.Context, e kv.Engine, r *search.Registry) (bool, error) {
	m, err := readMeta(ctx, e)
	return m.cursorKey != nil && m.index != indexName(r), err
}

// noteIndex notes by what the index was made.
func noteIndex(ctx context.Context, e kv.Engine, r *search.Registry) error {
	return e.Update(ctx, func(w kv.Writer) error { return w.Put(metaIndex, []byte(indexName(r))) })
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

// newID returns a UUIDv7 as 26 letters and digits: it grows with time, so that
// what is created together lies together, and is in every key of a resource, so
// that the 36 characters of its usual form would cost 200 bytes a resource.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		id = uuid.New()
	}
	return idText.EncodeToString(id[:])
}

// idText keeps the order of what it writes.
var idText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// IndexOf returns what the index was made by, as search.Registry.Index says it;
// empty when the engine holds no store.
func IndexOf(ctx context.Context, e kv.Engine) (string, error) {
	m, err := readMeta(ctx, e)
	_, index, _ := strings.Cut(m.index, " ")
	return index, err
}
