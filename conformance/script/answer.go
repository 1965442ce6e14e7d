package script

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// An Answer is what came back, whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// text is everything in the answer as one text: status, sorted headers, body.
func (a *Answer) text() string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(a.Status) + "\n")
	names := make([]string, 0, len(a.Header))
	for name := range a.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString(name + ": " + strings.Join(a.Header[name], ", ") + "\n")
	}
	return b.String() + "\n" + string(a.Body)
}

// Value is what stands at a dotted path of the JSON body ("entry.0.response.status");
// ok is false when there is nothing.
func (a *Answer) Value(path string) (v any, ok bool) {
	if json.Unmarshal(a.Body, &v) != nil {
		return nil, false
	}
	if path == "" || path == "." {
		return v, true
	}
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			if v, ok = at[step]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// an entry of a Bundle, as far as scripts ask.
type entry struct {
	FullURL  string                            `json:"fullUrl"`
	Search   struct{ Mode string }             `json:"search"`
	Resource struct{ ID, ResourceType string } `json:"resource"`
}

// ids lists Type/id of the entries of a Bundle whose search mode is mode; those
// of a history have none. ok is false when the body is no Bundle.
func (a *Answer) ids(mode string) (list []string, ok bool) {
	var b struct {
		ResourceType string
		Entry        []entry
	}
	if json.Unmarshal(a.Body, &b) != nil || b.ResourceType != "Bundle" {
		return nil, false
	}
	for _, e := range b.Entry {
		if e.Search.Mode == mode || mode == "match" && e.Search.Mode == "" {
			list = append(list, e.Resource.ResourceType+"/"+e.Resource.ID)
		}
	}
	return list, true
}

// codes lists the issue types and the stable names of an OperationOutcome.
func (a *Answer) codes() []string {
	var o struct {
		Issue []struct {
			Code    string
			Details struct{ Coding []struct{ Code string } }
		}
		Error string // of an OAuth answer
	}
	json.Unmarshal(a.Body, &o)
	list := []string{o.Error}
	for _, i := range o.Issue {
		list = append(list, i.Code)
		for _, c := range i.Details.Coding {
			list = append(list, c.Code)
		}
	}
	return list
}
