package interference

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir/search"
)

var (
	cases  = flag.Int("cases", 200, "cases to draw")
	shrink = flag.String("shrink", "15s", "how long to look for a smaller case that fails")
	replay = flag.String("replay", "", "play the case of this file, and nothing else")
)

func openRegistry(t testing.TB) *search.Registry {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	registry, err := search.New(search.Config{Base: base, Zone: paris})
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// TestNothingInterferes plays drawn cases, on every processor there is.
func TestNothingInterferes(t *testing.T) {
	if *replay != "" {
		play(t, *replay)
		return
	}
	n := *cases
	if testing.Short() {
		n = min(n, 100)
	}
	workers := runtime.GOMAXPROCS(0)
	flag.Set("rapid.checks", fmt.Sprint((n+workers-1)/workers))
	flag.Set("rapid.nofailfile", "true")
	flag.Set("rapid.shrinktime", *shrink)
	registry := openRegistry(t)
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // each case leaves much behind, and little lives long
	began := time.Now()
	var played atomic.Int64
	t.Run("cases", func(t *testing.T) {
		for i := range workers {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				p := openPair(t, registry)
				rapid.Check(t, func(t *rapid.T) {
					s := drawScript(t)
					number := played.Add(1)
					if err := p.run(s); err != nil {
						t.Fatalf("case %d: %v\n--- replay with: go test ./cmd/cordee/gateway/interference -run Interferes -replay FILE\n%s--- %v", number, err, s, err) // last as well, for those who are shown the end only
					}
				})
			})
		}
	})
	t.Logf("%d cases, %.0f a second", played.Load(), float64(played.Load())/time.Since(began).Seconds())
}

// TestRegressions plays the cases that once failed.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { play(t, file) })
	}
}

func play(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := openPair(t, openRegistry(t)).run(s); err != nil {
		t.Error(err)
	}
}

// TestScriptsReadBack: what is printed is what is read.
func TestScriptsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScript(t)
		again, err := parse(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("%v\n%s", err, s)
		}
	})
}
