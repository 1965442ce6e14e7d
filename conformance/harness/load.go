package harness

import (
	"fmt"
	"math"
	"regexp"
	"sync"

	"github.com/cordee-sante/cordee/conformance/script"
)

var location = regexp.MustCompile(`/fhir/(.*/_history/\d+)$`)

// Acknowledged collects the versions that a gateway has said it has.
type Acknowledged struct {
	mu       sync.Mutex
	versions map[string]string // "Type/id/_history/n": a text that its body holds
}

// Add notes a version and a text in it.
func (k *Acknowledged) Add(version, text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.versions == nil {
		k.versions = map[string]string{}
	}
	k.versions[version] = text
}

// All is a copy of what was noted.
func (k *Acknowledged) All() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := map[string]string{}
	for v, text := range k.versions {
		all[v] = text
	}
	return all
}

// Write creates, updates and sends transactions as the practice until a request
// fails, and notes what was acknowledged. name tells writers apart.
func (k *Acknowledged) Write(c script.Client, name string) error {
	return k.Some(c, name, math.MaxInt)
}

// Some is Write that ends after n requests.
func (k *Acknowledged) Some(c script.Client, name string, n int) error {
	for i := range n {
		text := fmt.Sprintf("canary-%s-%d", name, i)
		var err error
		if i%5 == 4 {
			err = k.transaction(c, text)
		} else {
			err = k.create(c, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *Acknowledged) create(c script.Client, text string) error {
	a, err := c.Send(script.Request{Actor: "practice", Method: "POST", Path: "Observation", Body: []byte(Observation(text))})
	if err != nil {
		return err
	}
	if a.Status != 201 {
		return fmt.Errorf("status %d", a.Status)
	}
	k.Add(location.FindStringSubmatch(a.Header.Get("Location"))[1], text)
	return nil
}

// transaction writes two observations that must be there both or not at all.
func (k *Acknowledged) transaction(c script.Client, text string) error {
	body := `{"resourceType":"Bundle","type":"transaction","entry":[`
	for i, half := range []string{"-a", "-b"} {
		if i > 0 {
			body += ","
		}
		body += `{"resource":` + Observation(text+half) + `,"request":{"method":"POST","url":"Observation"}}`
	}
	a, err := c.Send(script.Request{Actor: "practice", Method: "POST", Path: ".", Body: []byte(body + "]}")})
	if err != nil {
		return err
	}
	if a.Status != 200 {
		return fmt.Errorf("status %d", a.Status)
	}
	for i, half := range []string{"-a", "-b"} {
		at, _ := a.Value(fmt.Sprintf("entry.%d.response.location", i))
		m := location.FindStringSubmatch("/fhir/" + trimBase(fmt.Sprint(at)))
		if m == nil {
			return fmt.Errorf("no location in %s", a.Body)
		}
		k.Add(m[1], text+half)
	}
	return nil
}

var base = regexp.MustCompile(`^http://[^/]+/fhir/`)

func trimBase(url string) string { return base.ReplaceAllString(url, "") }

// Observation is one about the patient jeanne-durand with that text.
func Observation(text string) string {
	return `{"resourceType":"Observation","status":"final","code":{"text":"` + text + `"},"subject":{"reference":"Patient/jeanne-durand"}}`
}
