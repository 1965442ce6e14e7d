package conformance

import (
	"slices"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/conformance/script"
)

// TestA23Timing asks for what is withheld and for what is absent in turn: the
// medians must not differ by more than two halves of the absent ones do.
func TestA23Timing(t *testing.T) {
	if !*slow {
		t.Skip("takes a while, and a quiet machine: -slow")
	}
	for _, form := range []string{"Condition/%", "Condition?patient=%", "Condition/%/_history/1"} {
		withheld, absent, other := "jeanne-durand", "jeanne-nobody", "jeanne-noboda"
		if form != "Condition?patient=%" {
			withheld, absent, other = withheld+"-diabete", absent+"-diabete", other+"-diabete"
		}
		var spent [3][]time.Duration
		for i := range 9000 {
			which := i % 3
			id := [3]string{withheld, absent, other}[which]
			spent[which] = append(spent[which], took(t, replace(form, id)))
		}
		a, b, c := median(spent[0]), median(spent[1]), median(spent[2])
		noise := max((b - c).Abs(), b/50)
		t.Logf("%s: withheld %v, absent %v and %v", form, a, b, c)
		if (a - b).Abs() > 2*noise {
			t.Errorf("A23: %s: withheld takes %v, absent %v (another absent %v)", form, a, b, c)
		}
	}
}

func replace(form, id string) string {
	i := slices.Index([]byte(form), '%')
	return form[:i] + id + form[i+1:]
}

func took(t *testing.T, path string) time.Duration {
	start := time.Now()
	if _, err := territory.Send(script.Request{Actor: "outsider", Method: "GET", Path: path}); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
