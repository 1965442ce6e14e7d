// Package recent is a map that forgets: it keeps what was put or asked for
// lately, within a bound. It is no cache by itself: whether a value still holds
// is for its owner to know.
package recent

// A Map holds two generations. What is put or found joins the young one; when
// that has half of the bound it becomes the old one, and the old one goes. So
// being used keeps a value, at the price of one more look, and there is no list
// to keep in order.
//
// It is not safe for concurrent use. The zero Map keeps nothing.
type Map[V any] struct {
	most       int
	weigh      func(key string, v V) int
	young, old map[string]V
	size       int // of the young generation
}

// New returns a Map of values that together weigh most at most. With weigh nil
// each weighs 1. A value that weighs more than half of most is not kept.
func New[V any](most int, weigh func(key string, v V) int) Map[V] {
	if weigh == nil {
		weigh = func(string, V) int { return 1 }
	}
	return Map[V]{most: most / 2, weigh: weigh}
}

// Get returns the value of a key, and whether there is one.
func (m *Map[V]) Get(key string) (V, bool) {
	v, ok := m.young[key]
	if ok {
		return v, true
	}
	if v, ok = m.old[key]; ok {
		m.Put(key, v)
	}
	return v, ok
}

// GetBytes is Get of a key that is not a string yet, and need not become one.
func (m *Map[V]) GetBytes(key []byte) (V, bool) {
	v, ok := m.young[string(key)]
	if ok {
		return v, true
	}
	if v, ok = m.old[string(key)]; ok {
		m.Put(string(key), v)
	}
	return v, ok
}

// Empty reports whether there is no value.
func (m *Map[V]) Empty() bool { return len(m.young)+len(m.old) == 0 }

// Put keeps a value, in the place of the one before.
func (m *Map[V]) Put(key string, v V) {
	m.Delete(key)
	if m.most == 0 {
		return
	}
	weight := m.weigh(key, v)
	if weight > m.most {
		return
	}
	if m.size+weight > m.most {
		m.old, m.young, m.size = m.young, nil, 0
	}
	if m.young == nil {
		m.young = map[string]V{}
	}
	m.young[key] = v
	m.size += weight
}

// Delete forgets a key.
func (m *Map[V]) Delete(key string) {
	if v, young := m.young[key]; young {
		m.size -= m.weigh(key, v)
		delete(m.young, key)
	}
	delete(m.old, key)
}
