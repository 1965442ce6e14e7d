package cda_test

import (
	"testing"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
)

func TestGolden(t *testing.T) { adaptertest.Golden(t, cda.Adapter{}, "testdata/*.xml") }

func TestMutations(t *testing.T) {
	adaptertest.Mutate(t, cda.Adapter{}, "testdata/*.xml", 500, 1)
}

func FuzzConvert(f *testing.F) { adaptertest.Fuzz(f, cda.Adapter{}, "testdata/*.xml") }
