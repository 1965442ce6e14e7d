package treap

import "bytes"

// A Cursor walks the keys of one Tree in one direction.
type Cursor[V any] struct {
	path    []*node[V] // the node at the cursor is last; above it those still to come
	reverse bool
}

// Seek returns a cursor at the first key that is not less than key. In reverse
// it is at the last key that is less than key. A nil key means the first key,
// in reverse the last.
func (t Tree[V]) Seek(key []byte, reverse bool) *Cursor[V] {
	c := &Cursor[V]{reverse: reverse}
	for n := t.root; n != nil; {
		ahead := key == nil || (bytes.Compare(n.key, key) >= 0) != reverse
		if ahead {
			c.path = append(c.path, n)
		}
		if ahead != reverse {
			n = n.left
		} else {
			n = n.right
		}
	}
	return c
}

// Valid tells whether the cursor is at a key.
func (c *Cursor[V]) Valid() bool { return len(c.path) > 0 }

// Key returns the key at the cursor. It must not be modified.
func (c *Cursor[V]) Key() []byte { return c.path[len(c.path)-1].key }

// Value returns the value at the cursor.
func (c *Cursor[V]) Value() V { return c.path[len(c.path)-1].value }

// Next moves to the next key, in reverse to the one before.
func (c *Cursor[V]) Next() {
	last := len(c.path) - 1
	n := c.path[last]
	c.path = c.path[:last]
	if c.reverse {
		for n = n.left; n != nil; n = n.right {
			c.path = append(c.path, n)
		}
		return
	}
	for n = n.right; n != nil; n = n.left {
		c.path = append(c.path, n)
	}
}
