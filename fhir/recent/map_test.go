package recent

import (
	"fmt"
	"testing"
)

func TestMapKeepsWhatIsUsed(t *testing.T) {
	m := New[int](100, nil)
	m.Put("used", 1)
	for i := range 1000 {
		m.Put(fmt.Sprint(i), i)
		if v, ok := m.Get("used"); !ok || v != 1 {
			t.Fatalf("after %d others, what is asked for all the time is gone", i+1)
		}
	}
	if _, ok := m.Get("500"); ok {
		t.Error("what nobody asked for is still there")
	}
	if _, ok := m.Get("999"); !ok {
		t.Error("the last one put is gone")
	}
}

func TestMapIsBounded(t *testing.T) {
	weigh := func(_ string, v []byte) int { return len(v) }
	m := New(1000, weigh)
	for i := range 500 {
		m.Put(fmt.Sprint(i), make([]byte, i%400))
		held := 0
		for _, generation := range []map[string][]byte{m.young, m.old} {
			for k, v := range generation {
				held += weigh(k, v)
			}
		}
		if held > 1000 {
			t.Fatalf("after %d values, %d are held", i+1, held)
		}
	}
	m.Put("k", make([]byte, 100))
	m.Put("k", make([]byte, 501))
	if _, ok := m.Get("k"); ok {
		t.Error("a value of more than half the bound is kept, or the one before it")
	}
}

func TestMapWeighsOnce(t *testing.T) {
	m := New[string](10, nil)
	for range 100 {
		m.Put("same", "v")
	}
	m.Put("other", "v")
	if m.size != 2 {
		t.Errorf("two keys weigh %d", m.size)
	}
	m.Delete("same")
	m.Delete("same")
	if _, ok := m.Get("same"); ok || m.size != 1 {
		t.Errorf("after the deletion: there %v, size %d", ok, m.size)
	}
}

func TestZeroMapKeepsNothing(t *testing.T) {
	var m Map[int]
	m.Put("k", 1)
	if _, ok := m.Get("k"); ok {
		t.Error("the zero Map keeps a value")
	}
}
