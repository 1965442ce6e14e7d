package conformance

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/conformance/script"
)

// racers is how many requests are sent at once.
const racers = 24

// atOnce sends what request returns for each racer, all at one time, and counts the
// answers by status.
func atOnce(t *testing.T, request func(i int) script.Request) (count map[int]int, answers []*script.Answer) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := make(chan struct{})
	count = map[int]int{}
	for i := range racers {
		wg.Go(func() {
			<-start
			a, err := territory.Send(request(i))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			count[a.Status]++
			answers = append(answers, a)
		})
	}
	close(start)
	wg.Wait()
	return count, answers
}

func unique() string { return "t" + strings.ToLower(rand.Text()[:12]) }

func send(t *testing.T, q script.Request) *script.Answer {
	t.Helper()
	a, err := territory.Send(q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestR09IfMatchAtOnce: of many updates of one version sent at once one is
// made; the others are told so, and there is one more version.
func TestR09IfMatchAtOnce(t *testing.T) {
	t.Parallel()
	id := unique()
	body := func(text string) []byte {
		return fmt.Appendf(nil, `{"resourceType":"Observation","id":%q,"status":"final","code":{"text":%q},"subject":{"reference":"Patient/jeanne-durand"}}`, id, text)
	}
	put := script.Request{Actor: "practice", Method: "PUT", Path: "Observation/" + id, Body: body("first")}
	if a := send(t, put); a.Status != http.StatusCreated {
		t.Fatal(a.Status, string(a.Body))
	}
	count, _ := atOnce(t, func(i int) script.Request {
		q := put
		q.Header, q.Body = [][2]string{{"If-Match", `W/"1"`}}, body(fmt.Sprint("racer ", i))
		return q
	})
	if count[http.StatusOK] != 1 || count[http.StatusPreconditionFailed] != racers-1 {
		t.Errorf("answers by status: %v", count)
	}
	a := send(t, script.Request{Actor: "practice", Method: "GET", Path: "Observation/" + id + "/_history"})
	if total, _ := a.Value("total"); total != 2.0 {
		t.Errorf("%v versions, want 2", total)
	}
}

// TestR09CreateIfNoneExistAtOnce: of many creates under one condition one
// creates, and all name the same resource.
func TestR09CreateIfNoneExistAtOnce(t *testing.T) {
	t.Parallel()
	condition := "identifier=urn:race%7C" + unique()
	value := strings.TrimPrefix(condition, "identifier=urn:race%7C")
	count, answers := atOnce(t, func(int) script.Request {
		return script.Request{Actor: "practice", Method: "POST", Path: "Observation", Header: [][2]string{{"If-None-Exist", condition}},
			Body: fmt.Appendf(nil, `{"resourceType":"Observation","status":"final","identifier":[{"system":"urn:race","value":%q}],"code":{"text":"x"},"subject":{"reference":"Patient/jeanne-durand"}}`, value)}
	})
	if count[http.StatusCreated] != 1 || count[http.StatusOK] != racers-1 {
		t.Errorf("answers by status: %v", count)
	}
	named := map[string]bool{}
	for _, a := range answers {
		id, _ := a.Value("id")
		named[fmt.Sprint(id)] = true
	}
	if a := send(t, script.Request{Actor: "practice", Method: "GET", Path: "Observation?" + condition}); len(named) != 1 || !strings.Contains(string(a.Body), `"total":1`) {
		t.Errorf("%d resources are named; search: %.300s", len(named), a.Body)
	}
}

// TestC05WithdrawalWhilePaging: walkers page and read without pause while the
// consent that lets them is withdrawn. No request that begins after the
// withdrawal was acknowledged gets anything, whatever cursor it follows.
func TestC05WithdrawalWhilePaging(t *testing.T) {
	t.Parallel()
	id := unique()
	fill := strings.NewReplacer("${run}", id, "${status}", "active", "${type}", "permit", "${end}", "2099-12-31", "${actor}", "Organization/cabinet-gare", "${purpose}", "TREAT")
	file := func(name string) []byte {
		text, err := os.ReadFile("testdata/consent/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(fill.Replace(string(text)))
	}
	if a := send(t, script.Request{Actor: "practice", Method: "POST", Path: ".", Body: file("patient.json")}); a.Status != http.StatusOK {
		t.Fatal(a.Status, string(a.Body))
	}
	consent := script.Request{Actor: "practice", Method: "PUT", Path: "Consent/" + id + "-consent", Body: file("permit.json")}
	for round := range 3 {
		if a := send(t, consent); a.Status/100 != 2 {
			t.Fatal(a.Status, string(a.Body))
		}
		w := &walkers{id: id, begun: map[string]time.Time{}}
		w.walk(t, 6)
		time.Sleep(150 * time.Millisecond)
		a := send(t, script.Request{Actor: "practice", Method: "DELETE", Path: consent.Path})
		withdrawn := time.Now()
		time.Sleep(150 * time.Millisecond)
		seen := w.stop()
		if a.Status != http.StatusNoContent || seen == 0 {
			t.Errorf("round %d: withdrawal %d, %d answers before it: this proves nothing", round, a.Status, seen)
		}
		for what, at := range w.begun {
			if at.After(withdrawn) {
				t.Errorf("round %d: %s, asked %v after the withdrawal, was given", round, what, at.Sub(withdrawn))
			}
		}
	}
}

// walkers ask again and again for what the consent opens.
type walkers struct {
	id   string
	done chan struct{}
	wg   sync.WaitGroup

	mu    sync.Mutex
	begun map[string]time.Time // when the last request began that was given something, by its form
	given int
}

func (w *walkers) walk(t *testing.T, n int) {
	w.done = make(chan struct{})
	for i := range n {
		w.wg.Go(func() {
			path, next := "Condition?patient="+w.id+"&_count=1", ""
			for {
				select {
				case <-w.done:
					return
				default:
				}
				form := []string{"search", "read", "history"}[i%3]
				q := script.Request{Actor: "outsider+10", Method: "GET", Path: map[string]string{"search": path, "read": "Condition/" + w.id + "-c2", "history": "Condition/" + w.id + "-c3/_history"}[form]}
				if form == "search" && next != "" {
					q.Path, form = next, "page"
				}
				began := time.Now()
				a, err := territory.Send(q)
				if err != nil {
					t.Error(err)
					return
				}
				if next = ""; form == "search" || form == "page" {
					next = after(a)
				}
				if strings.Contains(string(a.Body), "secret-"+w.id) {
					w.note(form, began)
				}
			}
		})
	}
}

func (w *walkers) note(form string, began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.given++; began.After(w.begun[form]) {
		w.begun[form] = began
	}
}

func (w *walkers) stop() int {
	close(w.done)
	w.wg.Wait()
	return w.given
}

// after is the path of the next page.
func after(a *script.Answer) string {
	for i := range 4 {
		relation, _ := a.Value(fmt.Sprintf("link.%d.relation", i))
		url, _ := a.Value(fmt.Sprintf("link.%d.url", i))
		if text, ok := url.(string); ok && relation == "next" {
			return strings.TrimPrefix(text, territory.Gateway.FHIR+"/")
		}
	}
	return ""
}
