package adaptertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
)

// Fuzz checks the rules on mutations of the documents that match the pattern.
// Run it with -fuzzminimizetime 10x: documents are long, and by default the go
// command spends a minute on shortening each that reaches something new.
func Fuzz(f *testing.F, a adapters.Adapter, pattern string) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		f.Fatalf("no document matches %s: %v", pattern, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 0 {
			a.Detect(data)
			Check(t, a, Input(data))
		}
	})
}
