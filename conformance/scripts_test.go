package conformance

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/conformance/script"
)

// TestScripts runs every script of testdata but the pending ones.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		if series := filepath.Base(filepath.Dir(file)); series != "pending" {
			t.Run(series+"/"+filepath.Base(file), func(t *testing.T) { runScript(t, file) })
		}
	}
}

// TestPending lists the attacks that succeed today. With -pending it runs them,
// and those that no longer succeed can move to their series.
func TestPending(t *testing.T) {
	files, _ := filepath.Glob("testdata/pending/*.txt")
	for _, file := range files {
		s := parse(t, file)
		t.Logf("pending: %s: %s", filepath.Base(file), s.Title)
		if *pending {
			t.Run(filepath.Base(file), func(t *testing.T) { runScript(t, file) })
		}
	}
}

func parse(t *testing.T, file string) *script.Script {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := script.Parse(file, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func runScript(t *testing.T, file string) {
	s := parse(t, file)
	if !s.Alone {
		t.Parallel()
	}
	vars := map[string]string{
		"run":    "t" + strings.ToLower(rand.Text()[:12]), // for ids that nobody else uses
		"base":   territory.Gateway.FHIR,
		"origin": territory.Gateway.Issuer,
	}
	if err := s.Run(territory.Actors, filepath.Dir(file), vars); err != nil {
		t.Errorf("%s\n%v", s.Title, err)
	}
}
