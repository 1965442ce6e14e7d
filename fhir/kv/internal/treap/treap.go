// Package treap is an immutable ordered map from byte strings: every change
// returns a new Tree and leaves the old one as it was, so that a Tree is its
// own snapshot. Engines keep what is not on disk in it. It is a treap (Seidel
// and Aragon, 1996) with path copying: Get, Put, Delete, Rank and Seek take
// O(log n) steps.
package treap

import (
	"bytes"
	"math/rand/v2"
)

// A Tree holds keys and values. The zero Tree is empty. Keys are not copied and
// must not be modified.
type Tree[V any] struct{ root *node[V] }

// A node is never changed once it is reachable from a Tree. Its priority is
// greater than those of its children, which balances the tree by chance.
type node[V any] struct {
	key         []byte
	value       V
	priority    uint64
	size        int // nodes in this subtree
	left, right *node[V]
}

func (n *node[V]) len() int {
	if n == nil {
		return 0
	}
	return n.size
}

// Len returns the number of keys.
func (t Tree[V]) Len() int { return t.root.len() }

// Get returns the value of the key and whether there is one.
func (t Tree[V]) Get(key []byte) (V, bool) {
	for n := t.root; n != nil; {
		switch c := bytes.Compare(key, n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.value, true
		}
	}
	var none V
	return none, false
}

// Rank returns how many keys are less than key.
func (t Tree[V]) Rank(key []byte) int {
	rank := 0
	for n := t.root; n != nil; {
		if bytes.Compare(key, n.key) <= 0 {
			n = n.left
		} else {
			rank += n.left.len() + 1
			n = n.right
		}
	}
	return rank
}

// Put returns the tree in which key has the value.
func (t Tree[V]) Put(key []byte, value V) Tree[V] {
	return Tree[V]{put(t.root, key, value)}
}

func put[V any](n *node[V], key []byte, value V) *node[V] {
	if n == nil {
		return &node[V]{key: key, value: value, priority: rand.Uint64(), size: 1}
	}
	c := *n
	switch order := bytes.Compare(key, n.key); {
	case order < 0:
		c.left = put(n.left, key, value)
		if c.left.priority > c.priority {
			return rotateRight(&c)
		}
	case order > 0:
		c.right = put(n.right, key, value)
		if c.right.priority > c.priority {
			return rotateLeft(&c)
		}
	default:
		c.value = value
	}
	c.size = c.left.len() + c.right.len() + 1
	return &c
}

// rotateRight lifts the left child of n. Both are fresh copies.
func rotateRight[V any](n *node[V]) *node[V] {
	top := n.left
	n.left, top.right = top.right, n
	n.size = n.left.len() + n.right.len() + 1
	top.size = top.left.len() + n.size + 1
	return top
}

// rotateLeft lifts the right child of n. Both are fresh copies.
func rotateLeft[V any](n *node[V]) *node[V] {
	top := n.right
	n.right, top.left = top.left, n
	n.size = n.left.len() + n.right.len() + 1
	top.size = n.size + top.right.len() + 1
	return top
}

// Delete returns the tree without the key.
func (t Tree[V]) Delete(key []byte) Tree[V] {
	if _, ok := t.Get(key); !ok {
		return t
	}
	return Tree[V]{remove(t.root, key)}
}

// remove returns n without the key, which is there.
func remove[V any](n *node[V], key []byte) *node[V] {
	c := *n
	switch order := bytes.Compare(key, n.key); {
	case order < 0:
		c.left = remove(n.left, key)
	case order > 0:
		c.right = remove(n.right, key)
	default:
		return join(n.left, n.right)
	}
	c.size--
	return &c
}

// join returns the tree of a and b; the keys of a are less than those of b.
func join[V any](a, b *node[V]) *node[V] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	var c node[V]
	if a.priority > b.priority {
		c = *a
		c.right = join(a.right, b)
	} else {
		c = *b
		c.left = join(a, b.left)
	}
	c.size = c.left.len() + c.right.len() + 1
	return &c
}
