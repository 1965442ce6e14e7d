package conformance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/conformance/harness"
)

var (
	pending = flag.Bool("pending", false, "also run the scripts of testdata/pending")
	binary  = flag.String("binary", "", "the gateway to attack; built from this module when empty")
	slow    = flag.Bool("slow", false, "also run what takes long: timing, many kills, a filled disk")
)

// territory is the one gateway that scripts and tests share; those that kill or
// damage one start their own.
var territory struct {
	binary string
	*harness.Actors
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(within(m))
}

func within(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cordee-conformance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if territory.binary = *binary; territory.binary == "" {
		territory.binary, err = harness.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	g, err := harness.Start(territory.binary, filepath.Join(dir, "data"), true)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	territory.Actors = harness.NewActors(g)
	code := m.Run()
	if err := g.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "the gateway did not stop well:", err)
		code = 1
	}
	if log := g.Log(); strings.Contains(log, "panic") { // P17: whatever was sent
		fmt.Fprintf(os.Stderr, "P17: the gateway panicked:\n%.4000s\n", log[strings.Index(log, "panic"):])
		code = 1
	}
	return code
}
