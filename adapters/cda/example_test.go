package cda_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/cda"
)

// A document becomes one transaction and a report.
func ExampleAdapter() {
	data, err := os.ReadFile("testdata/vsm-minimal.xml")
	if err != nil {
		panic(err)
	}
	c, err := cda.Adapter{}.Convert(context.Background(), adapters.Input{
		Bytes: data, Source: "Organization/msp", Now: time.Now(), Mode: adapters.Integration,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Report.Format)
	for _, change := range c.Changes {
		fmt.Println(change.Method, change.Key.Type)
	}
	fmt.Printf("%+v\n", c.Report.Counts())
	// Output:
	// CDA R2
	// POST Patient
	// POST Practitioner
	// POST Organization
	// PUT Composition
	// PUT DocumentReference
	// PUT Binary
	// POST Provenance
	// {Mapped:17 Narrative:1 NotUnderstood:0}
}
