package cordee_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// catalogue are the series of the threat catalogue that docs/security.md speaks
// of, with the number of their last item: A is access, C is consent.
var catalogue = map[string]int{"A": 25, "C": 15}

// item is the name of an item of the catalogue, in a test's name, a comment or
// the title of a script.
var item = regexp.MustCompile(`(?:\b|Test|Property)([AC]\d\d)(?:[^0-9]|$)`)

// TestThreatsAreTested wants a test or script that names each item.
func TestThreatsAreTested(t *testing.T) {
	named := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		script := strings.HasSuffix(name, ".txt") && strings.HasPrefix(filepath.ToSlash(name), "conformance/testdata/")
		if err != nil || d.IsDir() || !script && !strings.HasSuffix(name, "_test.go") || name == "catalogue_test.go" {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range item.FindAllSubmatch(text, -1) {
			named[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for series, last := range catalogue {
		for n := 1; n <= last; n++ {
			if name := fmt.Sprintf("%s%02d", series, n); !named[name] {
				t.Errorf("no test or script names the threat %s", name)
			}
		}
	}
}
