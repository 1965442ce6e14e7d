package badger

import (
	"fmt"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A space is the watermark below which the engine takes no more writes.
type space struct {
	free    func() (uint64, error)
	reserve uint64
}

// check returns ErrFull when less than the reserve is free. It costs one
// statfs(2), 1 µs.
func (s space) check() error {
	free, err := s.free()
	if err != nil {
		return fmt.Errorf("%w: free space unknown: %v", kv.ErrFull, err)
	}
	if free < s.reserve {
		return fmt.Errorf("%w: %d MiB free, %d MiB kept in reserve", kv.ErrFull, free>>20, s.reserve>>20)
	}
	return nil
}
