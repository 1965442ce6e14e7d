package store

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
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
//
// A version that could misread what lies there must refuse it by the format. This
// one reads all there are; the first Open or Reindex makes it the newer, which
// versions before refuse.
const (
	storeFormat  = 3 // 2: values compressed with a dictionary or with base64 as bytes, names by number (ADR 12, 14); 3: excerpts, chunks by themselves (ADR 23)
	oldestFormat = 1
)

var (
	metaFormat   = metaKey("format")
	metaCursor   = metaKey("cursor")
	metaSeq      = metaKey("seq")
	metaTicket   = metaKey("ticket")
	metaIndex    = metaKey("index")
	metaPolicies = metaKey("policies")
)

type meta struct {
	format    byte // 0 for an empty engine
	cursorKey []byte
	seq       uint64
	index     string
}

// ErrOutdated is the error of Open for an index that was made by another
// version, base URL or time zone than the registry's: Reindex makes it anew.
var ErrOutdated = errors.New("the search index was made by another version, base URL or time zone; make it anew with 'cordee store reindex'")

// indexLayout changes whenever the same entries would be written as other rows
// or postings.
const indexLayout = 6 // 6: the last changes lie by themselves (ADR 25)

// packedLayout is the first in which rows name a parameter once, and patients are
// in few bytes (ids.go).
const packedLayout = 5

// layoutOf reads the layout from what indexName wrote; 0 when it says none.
func layoutOf(index string) int {
	text, _, _ := strings.Cut(index, " ")
	n, _ := strconv.Atoi(text)
	return n
}

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
		return m, raiseFormat(ctx, e, m.format)
	}
	m.cursorKey = make([]byte, 32)
	rand.Read(m.cursorKey)
	return m, e.Update(ctx, func(w kv.Writer) error {
		return errors.Join(w.Put(metaFormat, []byte{storeFormat}), w.Put(metaCursor, m.cursorKey), w.Put(metaIndex, []byte(index)))
	})
}

// raiseFormat notes the format of what is written from here on.
func raiseFormat(ctx context.Context, e kv.Engine, format byte) error {
	if format == storeFormat {
		return nil
	}
	return e.Update(ctx, func(w kv.Writer) error { return w.Put(metaFormat, []byte{storeFormat}) })
}

func readMeta(ctx context.Context, e kv.Engine) (m meta, err error) {
	err = e.View(ctx, func(r kv.Reader) error {
		v, err := r.Get(ctx, metaFormat, metaCursor, metaSeq, metaIndex)
		if err != nil {
			return err
		}
		if len(v[0]) > 0 {
			m.format = v[0][0]
		}
		if v[0] != nil && (len(v[0]) != 1 || m.format < oldestFormat || m.format > storeFormat) {
			return fmt.Errorf("the data is of format %d, this version reads %d to %d: use the version that wrote it, or restore a backup", m.format, oldestFormat, storeFormat)
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

// Format returns the format of a store, 0 when the engine holds none. The error
// refuses one that this version does not read.
func Format(ctx context.Context, e kv.Engine) (int, error) {
	m, err := readMeta(ctx, e)
	return int(m.format), err
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
