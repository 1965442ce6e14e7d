package kv_test

import (
	"context"
	"fmt"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// A conditional create: ranges are not protected against phantoms, so that those
// who look for the same identifier meet in a guard key, which each reads and
// writes.
func Example_guardKey() {
	ctx := context.Background()
	patients := kv.Sub(memory.Open(), "patient/")

	create := func(identifier, id string) (created bool, err error) {
		guard, prefix := []byte("guard/"+identifier), []byte("identifier/"+identifier+"/")
		err = patients.Update(ctx, func(w kv.Writer) error {
			created = false // f may run again
			if _, err := w.Get(ctx, guard); err != nil {
				return err
			}
			n, err := kv.Count(ctx, w, kv.Prefix(prefix), 1)
			if err != nil || n > 0 {
				return err
			}
			created = true
			if err := w.Put(guard, []byte(id)); err != nil {
				return err
			}
			return w.Put(append(prefix, id...), []byte{1})
		})
		return created, err
	}
	fmt.Println(create("8999", "a"))
	fmt.Println(create("8999", "b"))
	// Output:
	// true <nil>
	// false <nil>
}
