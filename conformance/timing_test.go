package conformance

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/conformance/script"
)

// A23: how many rounds are measured after how many are thrown away. A round asks
// for what is withheld and for two things that are absent, in random order, so
// that nothing that lasts longer than a round, such as another process, falls on
// one of them alone.
const (
	timingRounds = 2500
	timingWarmUp = 200
)

// TestA23Timing asks for what is withheld and for what is absent: in the median
// of the rounds the two must take the same time, up to one part in fifty and
// what the measurement itself is worth (three standard errors). The difference
// between the two absent ones says how far it can be trusted.
func TestA23Timing(t *testing.T) {
	if !*slow {
		t.Skip("takes a minute: -slow")
	}
	for _, form := range []string{"Condition/%-diabete", "Condition/%-diabete/_history/1", "Condition/%-diabete/_history", "Condition?patient=%", "Patient?_id=%"} {
		spent := rounds(t, form, "jeanne-durand", "jeanne-nobody", "jeanne-noboda")
		absent := median(spent[1])
		leak, leakError := difference(spent[0], spent[1])
		noise, noiseError := difference(spent[2], spent[1])
		t.Logf("%s: absent %v; withheld %+v ± %v; another absent %+v ± %v", form, absent, leak, leakError, noise, noiseError)
		if leak.Abs() > absent/50+3*leakError {
			t.Errorf("A23: %s: withheld takes %v more than absent, which takes %v", form, leak, absent)
		}
	}
}

// rounds returns what each of the three took, round by round.
func rounds(t *testing.T, form string, ids ...string) [3][]time.Duration {
	var spent [3][]time.Duration
	for round := range timingWarmUp + timingRounds {
		for _, which := range rand.Perm(len(ids)) {
			took := took(t, strings.Replace(form, "%", ids[which], 1))
			if round >= timingWarmUp {
				spent[which] = append(spent[which], took)
			}
		}
	}
	return spent
}

func took(t *testing.T, path string) time.Duration {
	start := time.Now()
	if _, err := territory.Send(script.Request{Actor: "outsider", Method: "GET", Path: path}); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

// difference is the median of a-b by rounds, and its standard error by the
// order statistics of the sample: half the width of its middle √n.
func difference(a, b []time.Duration) (middle, standardError time.Duration) {
	differences := make([]time.Duration, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
	}
	slices.Sort(differences)
	root := 0
	for root*root < len(a) {
		root++
	}
	return differences[len(a)/2], (differences[(len(a)+root)/2] - differences[(len(a)-root)/2]) / 2
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
