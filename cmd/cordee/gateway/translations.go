package gateway

import (
	"context"
	"sync"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/fhir"
)

// translations are the active ConceptMaps of the store, read again when one of
// them was written.
type translations struct {
	repo fhir.Repository

	mu     sync.Mutex
	latest fhir.Key // of the version written last
	maps   *conceptmap.Maps
}

// of returns the translations as they stand.
func (t *translations) of(ctx context.Context) (*conceptmap.Maps, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, err := t.repo.History(ctx, fhir.HistoryQuery{Type: "ConceptMap", Count: 1, Within: maps{}})
	if err != nil {
		return nil, err
	}
	var latest fhir.Key
	if len(last.Matches) > 0 {
		latest = last.Matches[0].Key
	}
	if t.maps != nil && latest == t.latest {
		return t.maps, nil
	}
	read, err := t.read(ctx)
	if err != nil {
		return nil, err
	}
	t.maps, t.latest = read, latest
	return read, nil
}

func (t *translations) read(ctx context.Context) (*conceptmap.Maps, error) {
	var bodies [][]byte
	q := fhir.Query{Type: "ConceptMap", Params: []fhir.Param{{Code: "status", Values: []string{"active"}}}, Count: 100, Within: maps{}}
	for {
		page, err := t.repo.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Matches {
			bodies = append(bodies, r.Body)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return conceptmap.New(bodies...)
		}
	}
}

// maps is the view of a part of the gateway that reads ConceptMaps and nothing
// else, on nobody's behalf.
type maps struct{}

func (maps) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	seen := make([]bool, len(facts))
	for i, f := range facts {
		seen[i] = f.Key.Type == "ConceptMap" && len(f.Patients) == 0
	}
	return seen, nil
}

func (maps) Fingerprint() []byte { return []byte("gateway.translations") }
