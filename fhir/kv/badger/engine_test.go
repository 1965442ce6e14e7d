package badger

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/kvtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens an engine in a temporary folder, or again in the given one.
func open(t testing.TB, dir string) *Engine {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	e, err := Open(Config{Dir: dir, Reserve: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestContract(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Engine { return open(t, "") })
}
