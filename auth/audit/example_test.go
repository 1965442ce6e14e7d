package audit_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
)

// officer lets everything be seen: in the gateway the role of the token decides.
type officer struct{}

func (officer) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	seen := make([]bool, len(facts))
	for i := range seen {
		seen[i] = true
	}
	return seen, nil
}

func (officer) Fingerprint() []byte { return []byte("officer") }

// A read is recorded, found by the officer, and proven afterwards by the files
// alone.
func Example() {
	data, err := os.MkdirTemp("", "trail")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(data)
	registry, err := search.New(search.Config{})
	if err != nil {
		log.Fatal(err)
	}
	engine := memory.Open()
	defer engine.Close()
	trail, err := audit.Open(audit.Config{
		Dir: filepath.Join(data, "trail"), Keys: filepath.Join(data, "keys"), Origin: "gw.example.fr/trail",
		Engine: engine, Registry: registry, Server: "gw.example.fr",
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	err = trail.Record(ctx, audit.Record{
		Client: "app-1", Agent: "Practitioner/dr", Purpose: "TREAT", Interaction: audit.InteractionRead,
		Entries: []audit.Entry{{Key: fhir.Key{Type: "Observation", ID: "o1", Version: "3"}, Patients: []string{"p1"}}},
	})
	if err != nil {
		log.Fatal(err) // 503: nothing may be disclosed
	}

	page, err := trail.Search(ctx, fhir.Query{Type: "AuditEvent", Within: officer{}, Params: []fhir.Param{
		{Code: "date", Values: []string{"ge2020-01-01"}}, {Code: "patient", Values: []string{"Patient/p1"}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Matches), page.Matches[0].Key)

	if err := trail.Close(); err != nil {
		log.Fatal(err)
	}
	report, err := audit.Verify(ctx, filepath.Join(data, "trail"), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Code(), report.Text().EN)
	// Output:
	// 1 AuditEvent/1-0/_history/1
	// 0 The trail is intact: 3 records read, 3 of them proven by a signed checkpoint.
}
