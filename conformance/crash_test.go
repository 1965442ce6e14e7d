package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/conformance/harness"
	"github.com/cordee-sante/cordee/conformance/script"
)

// TestR01KillUnderLoad kills the gateway again and again while eight writers are
// at it: every acknowledged version is there afterwards, no transaction is half,
// and the trail verifies offline and says what was acknowledged.
func TestR01KillUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("starts gateways of its own")
	}
	t.Parallel()
	rounds := 2
	if *slow {
		rounds = 40
	}
	data := filepath.Join(t.TempDir(), "data")
	var known harness.Acknowledged
	for round := range rounds {
		g := running(t, data)
		actors := harness.NewActors(g)
		present(t, actors, known.All())
		whole(t, actors)
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() { known.Write(actors, fmt.Sprintf("r%d-w%d", round, w)) })
		}
		time.Sleep(time.Duration(150+rand.IntN(250)) * time.Millisecond)
		g.Kill()
		wg.Wait()
		if code, said := harness.Verify(territory.binary, data); code != 0 && code != 3 {
			t.Fatalf("audit verify after kill %d: exit %d\n%s", round, code, said)
		}
	}
	g := running(t, data)
	actors := harness.NewActors(g)
	all := known.All()
	present(t, actors, all)
	whole(t, actors)
	if len(all) < 10*rounds {
		t.Errorf("only %d writes were acknowledged: this proves nothing", len(all))
	}
	if err := g.Stop(); err != nil {
		t.Errorf("stop: %v\n%s", err, g.Log())
	}
	if code, said := harness.Verify(territory.binary, data); code != 0 {
		t.Errorf("audit verify: exit %d\n%s", code, said)
	}
	t.Logf("%d acknowledged versions over %d kills", len(all), rounds)
}

// running starts a gateway on the folder, with the demonstration's territory.
func running(t *testing.T, data string) *harness.Gateway {
	t.Helper()
	g, err := harness.Start(territory.binary, data, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Kill() })
	return g
}

// present asserts that every version is there with what was written.
func present(t *testing.T, c script.Client, versions map[string]string) {
	t.Helper()
	lost := 0
	for version, text := range versions {
		a, err := c.Send(script.Request{Actor: "practice", Method: "GET", Path: version})
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != 200 || !strings.Contains(string(a.Body), text) {
			if lost++; lost <= 3 {
				t.Errorf("R01: acknowledged %s is lost: %d", version, a.Status)
			}
		}
	}
	if lost > 0 {
		t.Errorf("R01: %d of %d acknowledged versions are lost", lost, len(versions))
	}
}

// whole asserts that of no transaction one half alone is there.
func whole(t *testing.T, c script.Client) {
	t.Helper()
	halves := map[string]int{}
	for path := "Observation?subject=Patient/jeanne-durand&_count=200"; path != ""; {
		a, err := c.Send(script.Request{Actor: "practice", Method: "GET", Path: path})
		if err != nil || a.Status != 200 {
			t.Fatal(err, a)
		}
		var page struct {
			Link  []struct{ Relation, URL string }
			Entry []struct {
				Resource struct{ Code struct{ Text string } }
			}
		}
		if err := json.Unmarshal(a.Body, &page); err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entry {
			name := e.Resource.Code.Text
			if strings.HasSuffix(name, "-a") || strings.HasSuffix(name, "-b") {
				halves[name[:len(name)-2]]++
			}
		}
		path = ""
		for _, l := range page.Link {
			if l.Relation == "next" {
				_, path, _ = strings.Cut(l.URL, "/fhir/")
			}
		}
	}
	for name, n := range halves {
		if n != 2 {
			t.Errorf("R01: transaction %s is there by half", name)
		}
	}
}
