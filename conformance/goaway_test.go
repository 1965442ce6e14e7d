package conformance

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/conformance/harness"
	"github.com/cordee-sante/cordee/conformance/script"
)

// TestR11ClientLeavesMidTransaction closes the connection at some moment of a
// transaction: it is there whole or not at all, and the trail says which. One
// that was not sent to its end is not there.
func TestR11ClientLeavesMidTransaction(t *testing.T) {
	t.Parallel()
	run, made := unique(), 0
	for i := range 24 {
		name := fmt.Sprintf("%s-%d", run, i)
		var entries []string
		for half := range 8 {
			entries = append(entries, fmt.Sprintf(`{"request":{"method":"POST","url":"Observation"},"resource":{"resourceType":"Observation","status":"final","identifier":[{"system":"urn:r11","value":%q}],`+
				`"code":{"text":"%d"},"subject":{"reference":"Patient/jeanne-durand"}}}`, name, half))
		}
		body := `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`
		c := dial(t)
		sent := len(body)
		if i%3 == 2 {
			sent = rand.IntN(len(body))
		}
		io.WriteString(c, head(t, "POST /fhir")+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))+body[:sent])
		time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
		c.Close()
		n := settled(t, name)
		if made += n; n > 0 && sent < len(body) {
			t.Errorf("R11: a transaction of which %d of %d bytes came was carried out", sent, len(body))
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of 24 transactions were carried out", made)
}

// settled waits until what becomes of the transaction of that name is certain,
// and returns 1 when it was carried out.
func settled(t *testing.T, name string) int {
	t.Helper()
	found := send(t, script.Request{Actor: "practice", Method: "GET", Path: "Observation?_count=20&identifier=urn:r11%7C" + name})
	for range 40 { // it may still be under way
		if strings.Contains(string(found.Body), `"total":8`) {
			break
		}
		time.Sleep(10 * time.Millisecond)
		found = send(t, script.Request{Actor: "practice", Method: "GET", Path: "Observation?_count=20&identifier=urn:r11%7C" + name})
	}
	total, _ := found.Value("total")
	if found.Status != http.StatusOK || fmt.Sprint(total) != "0" && fmt.Sprint(total) != "8" {
		t.Errorf("R11: of a transaction of 8 there are %v: %d", total, found.Status)
		return 0
	}
	if fmt.Sprint(total) == "0" {
		return 0
	}
	id, _ := found.Value("entry.0.resource.id")
	trail := send(t, script.Request{Actor: "officer", Method: "GET", Path: fmt.Sprintf("AuditEvent?date=ge2026-01-01&entity=Observation/%v&action=C", id)})
	if trail.Status != http.StatusOK || !strings.Contains(string(trail.Body), fmt.Sprintf("Observation/%v", id)) {
		t.Errorf("R11: the trail does not tell of what was carried out: %d %.300s", trail.Status, trail.Body)
	}
	return 1
}

// TestR13TermUnderLoad ends the gateway while eight writers are at it: it stops
// within half a minute and without fault, everything acknowledged is there
// afterwards, and the last checkpoint is signed over all of it.
func TestR13TermUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("starts gateways of its own")
	}
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	var known harness.Acknowledged
	g := running(t, data)
	actors := harness.NewActors(g)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() { known.Write(actors, fmt.Sprintf("term-w%d", w)) })
	}
	time.Sleep(400 * time.Millisecond)
	began := time.Now()
	if err := g.Stop(); err != nil {
		t.Errorf("stop: %v\n%s", err, g.Log())
	}
	took := time.Since(began)
	wg.Wait()
	if took > 30*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	if code, said := harness.Verify(territory.binary, data); code != 0 {
		t.Errorf("audit verify: exit %d\n%s", code, said)
	}
	all := known.All()
	if len(all) < 10 {
		t.Errorf("only %d writes were acknowledged: this proves nothing", len(all))
	}
	actors = harness.NewActors(running(t, data))
	present(t, actors, all)
	whole(t, actors)
	t.Logf("%d acknowledged versions, stopped in %v", len(all), took.Round(time.Millisecond))
}
