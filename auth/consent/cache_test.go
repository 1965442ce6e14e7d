package consent

import (
	"fmt"
	"sync"
	"testing"
)

// The cache stays within its bound and keeps what is asked for.
func TestCacheIsBounded(t *testing.T) {
	c := cache[policy]{size: 100}
	hot := &policy{}
	c.put("hot", 1, hot)
	for i := range 10_000 {
		c.put(fmt.Sprint(i), 1, &policy{})
		if i%50 == 0 && c.get("hot", 1) != hot {
			t.Fatalf("forgotten after %d others", i)
		}
		if held := len(c.young) + len(c.old); held > 201 {
			t.Fatalf("holds %d policies", held)
		}
	}
	if c.get("0", 1) != nil {
		t.Error("what nobody asks for is kept")
	}
}

// One Point serves many requests at once; run with -race.
func TestConcurrentViews(t *testing.T) {
	m, facts := population(20)
	snap := index(m)
	p := New(Config{Policies: 4})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			v, err := p.View(t.Context(), care([]string{msp, outsider}[i%2]), "Observation")
			if err != nil {
				t.Error(err)
				return
			}
			for range 50 {
				if got, err := v.Sees(t.Context(), snap, facts); err != nil || !got[i] {
					t.Errorf("%v, %v", got, err)
				}
				after := observation(msp, facts[i].Patients[0])
				if _, err := p.Write(t.Context(), care(msp), snap, nil, after); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
