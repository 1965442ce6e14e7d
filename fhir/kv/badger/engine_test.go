package badger

import (
	"fmt"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/kvtest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func config(dir string) Config {
	return Config{Dir: dir, Profile: Small(), Reserve: 1, Log: slog.New(slog.DiscardHandler)}
}

// open opens a small engine in a temporary folder, or again in the given one.
func open(t testing.TB, dir string) *Engine {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	e, err := Open(config(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestContract(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Engine { return open(t, "") })
}
