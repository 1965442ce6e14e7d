package auth

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
)

// counting is a Snapshot in which a name's epoch is how often it was asked for.
type counting struct {
	fhir.Snapshot
	asked map[string]uint64
	calls int
	short bool
}

func (c *counting) Epochs(_ context.Context, names []string) ([]uint64, error) {
	if c.asked == nil {
		return nil, errors.New("broken on purpose")
	}
	c.calls++
	var list []uint64
	for _, name := range names {
		c.asked[name]++
		list = append(list, c.asked[name])
	}
	if c.short {
		list = list[1:]
	}
	return list, nil
}

// A judgement asks for each epoch once, gives no answer where it got none, and
// the next judgement asks anew: a change between two holds for the second.
func TestJudgementAsksOnce(t *testing.T) {
	snap := &counting{asked: map[string]uint64{}}
	ask := func(j *judgement, want []uint64, names ...string) {
		t.Helper()
		if got, err := j.Epochs(t.Context(), names); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v of %v, %v", got, names, err)
		}
	}
	first := newJudgement(snap)
	ask(first, []uint64{1, 1}, "a", "b")
	ask(first, []uint64{1, 1, 1}, "b", "a", "b")
	ask(first, []uint64{1, 1}, "c", "a")
	ask(first, []uint64{}, []string{}...)
	if snap.calls != 2 {
		t.Errorf("%d calls", snap.calls)
	}
	ask(newJudgement(snap), []uint64{2}, "a")
	snap.short = true
	if got, err := first.Epochs(t.Context(), []string{"d", "a"}); err == nil {
		t.Errorf("%v for an answer that is too short", got)
	}
	if got, err := newJudgement(&counting{}).Epochs(t.Context(), []string{"a"}); err == nil {
		t.Errorf("%v for no answer", got)
	}
}
