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

// catalogue are the items of the threat catalogue that are tested, by series:
// A access and C consent as a whole; of O (authorization server), P (parsing and
// exhaustion), N (outbound and web) and R (durability) those that apply so far.
var catalogue = map[string][]int{
	"A": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25},
	"C": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	"O": {13, 23, 24, 25, 26, 28, 36, 37},
	"P": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17},
	"N": {3, 4, 5, 6},
	"R": {1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 20},
}

// Not tested yet, and not in the table: P12 (no FHIRPath or regular expression of
// others is run but the paths of SearchParameters, which are compiled), P16
// (nothing is shed yet under overload), N02 (there are no Subscriptions), R16
// (nothing is purged). They belong to what brings these in.

// item is the name of an item of the catalogue, in a test's name, a comment or
// the title of a script.
var item = regexp.MustCompile(`(?:\b|Test|Property)([ACONPR]\d\d)(?:[^0-9]|$)`)

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
	for series, numbers := range catalogue {
		for _, n := range numbers {
			if name := fmt.Sprintf("%s%02d", series, n); !named[name] {
				t.Errorf("no test or script names the threat %s", name)
			}
		}
	}
}
