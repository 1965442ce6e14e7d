package memory_test

import (
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/kvtest"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

func TestContract(t *testing.T) {
	kvtest.Run(t, func(*testing.T) kv.Engine { return memory.Open() })
}
