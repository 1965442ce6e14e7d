package interference

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A script is one case: what is there, who asks, and what.
type script struct {
	caller    caller
	territory []write
	requests  []request
}

// A caller is what a token says.
type caller struct {
	Kind         string `json:"kind"` // role of the client: practice, patient or representative
	Organization string `json:"organization"`
	Practitioner string `json:"practitioner,omitempty"`
	Role         string `json:"role,omitempty"`
	Profession   string `json:"profession,omitempty"`
	Purpose      string `json:"purpose"`
	Scopes       string `json:"scopes"`
	Patient      string `json:"patient,omitempty"`
	Related      string `json:"related,omitempty"`
}

// A write puts one version of a resource into a territory, as an organisation;
// one without a body deletes.
type write struct {
	by   string
	key  string // "Patient/p0"
	body string
	at   time.Time // when that is not told by its place
}

// A request is sent to both gateways, and the links to next pages are followed.
// After the first page meanwhile happens.
type request struct {
	method, path string
	header       [][2]string
	body         string
	meanwhile    []write
}

func (s *script) String() string {
	var b strings.Builder
	who, _ := json.Marshal(s.caller)
	fmt.Fprintf(&b, "caller %s\n", who)
	for _, w := range s.territory {
		w.print(&b, "")
	}
	for _, q := range s.requests {
		fmt.Fprintf(&b, "%s %s\n", q.method, q.path)
		for _, h := range q.header {
			fmt.Fprintf(&b, "  %s: %s\n", h[0], h[1])
		}
		if q.body != "" {
			fmt.Fprintf(&b, "  | %s\n", q.body)
		}
		for _, w := range q.meanwhile {
			w.print(&b, "  ")
		}
	}
	return b.String()
}

func (w *write) print(b *strings.Builder, indent string) {
	if w.body == "" {
		fmt.Fprintf(b, "%sdelete %s %s\n", indent, w.by, w.key)
		return
	}
	fmt.Fprintf(b, "%sput %s %s\n", indent, w.by, w.body)
}

// parse reads what String printed; lines of # are comments.
func parse(text string) (*script, error) {
	s := &script{}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := s.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return s, lines.Err()
}

func (s *script) line(line string) error {
	inner, indented := strings.CutPrefix(line, "  ")
	word, rest, _ := strings.Cut(inner, " ")
	switch {
	case indented && len(s.requests) == 0:
		return fmt.Errorf("%q belongs to no request", line)
	case word == "caller":
		return json.Unmarshal([]byte(rest), &s.caller)
	case word == "put" || word == "delete":
		w, err := parseWrite(word, rest)
		if indented {
			q := &s.requests[len(s.requests)-1]
			q.meanwhile = append(q.meanwhile, w)
		} else {
			s.territory = append(s.territory, w)
		}
		return err
	case !indented:
		s.requests = append(s.requests, request{method: word, path: rest})
	case word == "|":
		s.requests[len(s.requests)-1].body = rest
	default:
		name, value, _ := strings.Cut(inner, ": ")
		q := &s.requests[len(s.requests)-1]
		q.header = append(q.header, [2]string{http.CanonicalHeaderKey(name), value})
	}
	return nil
}

func parseWrite(word, rest string) (write, error) {
	by, what, _ := strings.Cut(rest, " ")
	if word == "delete" {
		return write{by: by, key: what}, nil
	}
	var r struct{ ResourceType, ID string }
	err := json.Unmarshal([]byte(what), &r)
	return write{by: by, key: r.ResourceType + "/" + r.ID, body: what}, err
}
