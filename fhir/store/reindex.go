package store

import (
	"context"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A mender writes what a check found, many keys at once.
type mender struct {
	ctx    context.Context
	engine kv.Engine
	writes []write
	size   int
	count  int64
}

// mendBytes is what one transaction of a mender holds.
const mendBytes = 1 << 20

func (m *mender) put(w write) error {
	m.writes = append(m.writes, w)
	m.size += len(w.key) + len(w.value)
	if m.size < mendBytes {
		return nil
	}
	return m.flush()
}

func (m *mender) flush() error {
	if len(m.writes) == 0 {
		return nil
	}
	err := m.engine.Update(m.ctx, func(w kv.Writer) error {
		for _, one := range m.writes {
			var err error
			if one.value == nil {
				err = w.Delete(one.key)
			} else {
				err = w.Put(one.key, one.value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		m.count += int64(len(m.writes))
		m.writes, m.size = m.writes[:0], 0
	}
	return err
}
