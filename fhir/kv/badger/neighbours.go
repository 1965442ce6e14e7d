package badger

import (
	"bytes"
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// Many keys that are asked for at once lie near each other: the resources of one
// patient were written in one transaction. To find one by itself takes a seek in a
// table of every level and the checksum of a block; to step to the next key takes
// a twentieth of that. So what the cache does not hold is read in the order of the
// keys, with one iterator, for as long as that finds neighbours.
const (
	fewApart = 3  // keys that are asked for, below which each is found by itself
	nearby   = 16 // steps from one key to the next, beyond which they are no neighbours
	inVain   = 2  // walks from a key that did not reach the next, after which no other is tried
)

// A place is where the value of a stored key belongs.
type place struct {
	key   []byte
	index int
}

// getMany is Get of many keys.
func (r *reader) getMany(ctx context.Context, keys [][]byte) ([][]byte, error) {
	var absent []place
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if err := kv.CheckKey(k); err != nil {
			return nil, err
		}
		key := stored(k)
		if values[i] = r.cache.get(key, r.snapshot); values[i] == nil {
			absent = append(absent, place{key, i})
		}
	}
	return values, r.collect(ctx, absent, values)
}

// collect puts the values of keys that the cache does not hold into their places.
func (r *reader) collect(ctx context.Context, absent []place, values [][]byte) error {
	w := walk{reader: r}
	defer w.end()
	if len(absent) < fewApart {
		w.vain = inVain
	} else {
		slices.SortFunc(absent, func(a, b place) int { return bytes.Compare(a.key, b.key) })
	}
	for i, p := range absent {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		e, err := w.entry(p.key)
		if err != nil {
			return err
		}
		r.cache.put(p.key, e.value, e.at, r.snapshot)
		values[p.index] = e.value
	}
	return nil
}

// A walk finds keys that it is asked for in their order.
type walk struct {
	*reader
	it   *iterator // at the key asked for last, or the one after; nil before the first
	vain int       // times in a row that the next key was too far away
}

// entry returns what is stored under a key, its value in one piece and to be kept.
func (w *walk) entry(key []byte) (entry, error) {
	if !w.reaches(key) {
		return whole(key, w.find)
	}
	if !w.it.Valid() || !bytes.Equal(w.it.Item().Key(), key) {
		return entry{key: key}, nil
	}
	e, err := entryOf(w.it.Item())
	switch {
	case err != nil:
		return entry{}, err
	case e.form&large != 0:
		return whole(key, w.find)
	case e.form == 0:
		e.value = bytes.Clone(e.value)
		return e, nil
	}
	e.value, err = e.unpack(nil)
	return e, err
}

// reaches moves to the first key that is not less, unless walks have been in vain.
func (w *walk) reaches(key []byte) bool {
	if w.vain == inVain {
		return false
	}
	if w.it != nil {
		for range nearby {
			if !w.it.Valid() || bytes.Compare(w.it.Item().Key(), key) >= 0 {
				w.vain = 0
				return true
			}
			w.it.Next()
		}
		if w.vain++; w.vain == inVain {
			return false
		}
	} else {
		w.it = w.snapshot.borrow(false)
	}
	w.it.Seek(key)
	return true
}

func (w *walk) end() {
	if w.it != nil {
		w.snapshot.giveBack(w.it, false)
	}
}
