package rest_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// fake is a repository in memory: enough of one to see what the interactions
// ask of it and make of its answers. Searches know _id and identifier and page by
// offset.
type fake struct {
	mu       sync.Mutex
	versions map[fhir.Key][]fhir.Resource // by current key, oldest first
	order    []fhir.Key
	next     int

	queries   []fhir.Query
	histories []fhir.HistoryQuery
	commits   [][]fhir.Change
	fail      error // what everything fails with
	blind     bool  // bodies of written resources are not returned
	issues    []fhir.Issue
}

// reset forgets everything that was stored and asked.
func (f *fake) reset() {
	f.versions, f.order, f.next = map[fhir.Key][]fhir.Resource{}, nil, 0
	f.queries, f.histories, f.commits = nil, nil, nil
}

func newFake(bodies ...string) *fake {
	f := &fake{}
	f.reset()
	for _, b := range bodies {
		f.put(b)
	}
	return f
}

var clock = time.Date(2026, 11, 21, 8, 0, 0, 123e6, time.UTC)

// put stores a body under its own type and id.
func (f *fake) put(body string) {
	doc, err := fhirjson.Parse([]byte(body))
	if err != nil {
		panic(err)
	}
	f.write(fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}, doc)
}

func (f *fake) write(key fhir.Key, doc *fhirjson.Doc) fhir.Resource {
	list := f.versions[key]
	if len(list) == 0 {
		f.order = append(f.order, key)
	}
	res := fhir.Resource{Key: key, LastUpdated: clock.Add(time.Duration(len(list)) * time.Hour), Effect: fhir.Updated}
	res.Version = strconv.Itoa(len(list) + 1)
	switch {
	case doc == nil:
		res.Effect = fhir.Deleted
	case len(list) == 0 || list[len(list)-1].Deleted():
		res.Effect = fhir.Created
	}
	if doc != nil {
		res.Body = fhirjson.SetMeta(doc, key.ID, res.Version, res.LastUpdated)
	}
	f.versions[key] = append(list, res)
	return res
}

func (f *fake) current(key fhir.Key) (fhir.Resource, bool) {
	list := f.versions[key]
	if len(list) == 0 {
		return fhir.Resource{}, false
	}
	return list[len(list)-1], true
}

func notFound(id string) error {
	return fhir.Errorf(fhir.NotFound, "fake", id, fhir.CodeNotFound, "", fhir.Text{}, fhir.Text{})
}

func (f *fake) Read(_ context.Context, key fhir.Key) (fhir.Resource, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return fhir.Resource{}, f.fail
	}
	res, ok := f.current(key.Current())
	if n, err := strconv.Atoi(key.Version); ok && key.Version != "" {
		if ok = err == nil && n >= 1 && n <= len(f.versions[key.Current()]); ok {
			res = f.versions[key.Current()][n-1]
		}
	}
	switch {
	case !ok:
		return fhir.Resource{}, notFound("fake.absent")
	case res.Deleted():
		return res, fhir.Errorf(fhir.Gone, "fake", "fake.gone", fhir.CodeDeleted, "", fhir.Text{}, fhir.Text{})
	}
	return res, nil
}

func (f *fake) History(_ context.Context, q fhir.HistoryQuery) (fhir.Page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.histories = append(f.histories, q)
	if f.fail != nil {
		return fhir.Page{}, f.fail
	}
	page := fhir.Page{Total: -1}
	for _, key := range f.order {
		if (q.Type == "" || key.Type == q.Type) && (q.ID == "" || key.ID == q.ID) {
			for _, v := range slices.Backward(f.versions[key]) {
				if !v.LastUpdated.Before(q.Since) {
					page.Matches = append(page.Matches, v)
				}
			}
		}
	}
	if q.ID != "" && len(page.Matches) == 0 && q.Since.IsZero() {
		return page, notFound("fake.absent")
	}
	cut(&page, q.Cursor, q.Count)
	return page, nil
}

func (f *fake) Search(_ context.Context, q fhir.Query) (fhir.Page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queries = append(f.queries, q)
	if f.fail != nil {
		return fhir.Page{}, f.fail
	}
	page := fhir.Page{Issues: f.issues}
	for _, key := range f.order {
		if res, _ := f.current(key); !res.Deleted() && f.matches(q, res) {
			page.Matches = append(page.Matches, res)
		}
	}
	page.Total = len(page.Matches)
	cut(&page, q.Cursor, q.Count)
	return page, nil
}

// cut makes a page of all matches; the cursor is the offset.
func cut(page *fhir.Page, cursor string, count int) {
	page.Count = min(max(count, 0), 100)
	if count == 0 {
		page.Count = 20
	}
	offset, _ := strconv.Atoi(cursor)
	page.Matches = page.Matches[min(offset, len(page.Matches)):]
	if len(page.Matches) > page.Count {
		page.Matches, page.Next = page.Matches[:page.Count], strconv.Itoa(offset+page.Count)
	}
}

func (f *fake) matches(q fhir.Query, res fhir.Resource) bool {
	if q.Type != "" && res.Type != q.Type || len(q.Types) > 0 && !slices.Contains(q.Types, res.Type) {
		return false
	}
	for _, p := range q.Params {
		ok := false
		for _, v := range p.Values {
			_, value, found := strings.Cut(v, "|")
			if !found {
				value = v
			}
			ok = ok || p.Code == "_id" && res.ID == v || p.Code != "_id" && strings.Contains(string(res.Body), strconv.Quote(value))
		}
		if !ok {
			return false
		}
	}
	return true
}

func (f *fake) Commit(_ context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.commits = append(f.commits, changes)
	if f.fail != nil {
		return nil, f.fail
	}
	results := make([]fhir.Resource, len(changes))
	for i, c := range changes {
		res, err := f.change(c)
		if err != nil {
			return nil, err
		}
		if f.blind {
			res.Body = nil
		}
		results[i] = res
	}
	return results, nil
}

func (f *fake) change(c fhir.Change) (fhir.Resource, error) {
	cond := c.IfNoneExist
	if cond == nil {
		cond = c.Where
	}
	if cond != nil {
		var found []fhir.Resource
		for _, key := range f.order {
			if res, _ := f.current(key); !res.Deleted() && f.matches(*cond, res) {
				found = append(found, res)
			}
		}
		switch {
		case len(found) > 1:
			return fhir.Resource{}, fhir.Errorf(fhir.PreconditionFailed, "fake", "fake.several", fhir.CodeMultipleMatches, "", fhir.Text{}, fhir.Text{})
		case len(found) == 1 && c.IfNoneExist != nil:
			found[0].Effect = fhir.Unchanged
			return found[0], nil
		case len(found) == 1:
			c.Key.ID = found[0].ID
		case c.Method == fhir.Delete:
			return fhir.Resource{Key: c.Key, Effect: fhir.Unchanged}, nil
		}
	}
	if c.Key.ID == "" {
		f.next++
		c.Key.ID = fmt.Sprintf("new-%d", f.next)
	}
	now, exists := f.current(c.Key)
	if c.IfMatch != "" && now.Version != c.IfMatch {
		return fhir.Resource{}, fhir.Errorf(fhir.PreconditionFailed, "fake", "fake.version", fhir.CodeConflict, "http.If-Match", fhir.Text{}, fhir.Text{})
	}
	if c.Method == fhir.Delete {
		if !exists || now.Deleted() {
			return fhir.Resource{Key: c.Key, Effect: fhir.Unchanged}, nil
		}
		return f.write(c.Key, nil), nil
	}
	doc, err := fhirjson.Parse(c.Body)
	if err != nil {
		return fhir.Resource{}, err
	}
	return f.write(c.Key, doc), nil
}
