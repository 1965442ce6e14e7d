package auth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
)

// secret is the label of what the fake decision point withholds.
const secret = "secret"

// A repo is a small Repository that honours views, unless told not to.
type repo struct {
	versions map[fhir.Key][]fhir.Resource
	calls    []string
	queries  []fhir.Query
	leaks    int  // how many answers ignore the view
	unjudged bool // commits without asking Permit
	between  func(*repo)
	fail     error
}

func newRepo() *repo { return &repo{versions: map[fhir.Key][]fhir.Resource{}} }

// put adds a version; labels and patients as given.
func (r *repo) put(typ, id string, effect fhir.Effect, patients []string, labels ...string) fhir.Resource {
	key := fhir.Key{Type: typ, ID: id}
	res := fhir.Resource{Key: key, Effect: effect, Facts: fhir.Facts{Key: key, Patients: patients, Contributor: "Organization/msp", Labels: labels}}
	res.Version = strconv.Itoa(len(r.versions[key]) + 1)
	if effect != fhir.Deleted {
		res.Body = []byte(`{"resourceType":"` + typ + `"}`)
	}
	r.versions[key] = append(r.versions[key], res)
	return res
}

func (r *repo) call(name string) error {
	r.calls = append(r.calls, name)
	return r.fail
}

func (r *repo) Read(_ context.Context, key fhir.Key) (fhir.Resource, error) {
	if err := r.call("read"); err != nil {
		return fhir.Resource{}, err
	}
	list := r.versions[key.Current()]
	for i, res := range slices.Backward(list) {
		if key.Version == "" && i == len(list)-1 || key.Version == res.Version {
			if res.Deleted() {
				return res, fhir.Errorf(fhir.Gone, "repo.Read", "gone", fhir.CodeDeleted, "", fhir.T("gone", "gone"), fhir.T("", ""))
			}
			return res, nil
		}
	}
	return fhir.Resource{}, fhir.Errorf(fhir.NotFound, "repo.Read", "missing", fhir.CodeNotFound, "", fhir.T("missing %s", "missing %s", key), fhir.T("", ""))
}

func (r *repo) page(ctx context.Context, view fhir.View, all []fhir.Resource) (fhir.Page, error) {
	page := fhir.Page{Total: -1}
	for _, res := range all {
		seen, err := view.Sees(ctx, nil, []fhir.Facts{res.Facts})
		if err != nil {
			return fhir.Page{}, err
		}
		if seen[0] || r.leaks > 0 {
			page.Matches = append(page.Matches, res)
		}
	}
	r.leaks--
	return page, nil
}

func (r *repo) Search(ctx context.Context, q fhir.Query) (fhir.Page, error) {
	r.queries = append(r.queries, q)
	if err := r.call("search"); err != nil {
		return fhir.Page{}, err
	}
	var all []fhir.Resource
	for _, list := range r.versions {
		all = append(all, list[len(list)-1])
	}
	slices.SortFunc(all, func(a, b fhir.Resource) int { return strings.Compare(a.String(), b.String()) })
	return r.page(ctx, q.Within, all)
}

func (r *repo) History(ctx context.Context, q fhir.HistoryQuery) (fhir.Page, error) {
	if err := r.call("history"); err != nil {
		return fhir.Page{}, err
	}
	var all []fhir.Resource
	for key, list := range r.versions {
		if q.Type == key.Type && (q.ID == "" || q.ID == key.ID) {
			all = append(all, list...)
		}
	}
	return r.page(ctx, q.Within, all)
}

func (r *repo) Commit(_ context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	if err := r.call("commit"); err != nil {
		return nil, err
	}
	if r.between != nil {
		r.between(r)
	}
	var results []fhir.Resource
	var writes []func()
	for _, c := range changes {
		var before *fhir.Resource
		if list := r.versions[c.Key.Current()]; len(list) > 0 {
			before = &list[len(list)-1]
		}
		if c.Method == fhir.Delete && before == nil {
			results = append(results, fhir.Resource{Key: c.Key, Effect: fhir.Unchanged, Facts: fhir.Facts{Key: c.Key}})
			continue
		}
		facts := fhir.Facts{Key: c.Key, Contributor: c.Contributor, Patients: strings.Fields(string(c.Body))} // the bodies of the tests list patients
		after := fhir.Resource{Key: c.Key, Effect: fhir.Updated, Body: c.Body, Facts: facts}
		if c.Method == fhir.Delete {
			after.Effect, after.Body = fhir.Deleted, nil
		}
		if !r.unjudged {
			if err := c.Permit(nil, before, &after); err != nil {
				return nil, err
			}
		}
		results = append(results, after)
		writes = append(writes, func() { r.put(c.Key.Type, c.Key.ID, after.Effect, after.Facts.Patients) })
	}
	for _, write := range writes {
		write()
	}
	return results, nil
}

// A point is a decision point that withholds what is labelled secret.
type point struct {
	fail    error // of the view
	refuse  error // of View
	wrong   bool  // answers of the wrong length
	writes  []string
	flicker int // so many answers say no to everything
}

func (p *point) View(context.Context, auth.Principal, string) (fhir.View, error) {
	if p.refuse != nil {
		return nil, p.refuse
	}
	return p, nil
}

func (p *point) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	answers := make([]bool, len(facts))
	for i := range facts {
		answers[i] = p.flicker <= 0 && !slices.Contains(facts[i].Labels, secret)
	}
	p.flicker--
	if p.wrong {
		answers = nil
	}
	return answers, p.fail
}

func (p *point) Fingerprint() []byte { return []byte("point") }

func (p *point) Explain(context.Context, fhir.Snapshot, fhir.Facts) auth.Reason {
	return auth.Reason{Rule: "test.care-team", Policies: []string{"CareTeam/ct/_history/2"}}
}

func (p *point) Write(_ context.Context, _ auth.Principal, _ fhir.Snapshot, before, after *fhir.Resource) (auth.Reason, error) {
	p.writes = append(p.writes, fmt.Sprint(before != nil, after.Effect))
	if before != nil && slices.Contains(before.Facts.Labels, secret) {
		return auth.Reason{}, fhir.Errorf(fhir.Forbidden, "point.Write", "test.refused", fhir.CodeForbidden, "", fhir.T("no", "non"), fhir.T("", ""))
	}
	return auth.Reason{Rule: "test.own"}, nil
}

// noSnapshot is a Snapshot that the fake view does not look at.
type noSnapshot struct{}

func (noSnapshot) Epochs(context.Context, []string) ([]uint64, error) {
	return nil, errors.New("unused")
}
func (noSnapshot) Policy(context.Context, string) ([]fhir.Resource, error) {
	return nil, errors.New("unused")
}

// A trail keeps records in memory, or fails.
type trail struct {
	mu      sync.Mutex
	records []audit.Record
	fail    error
}

func (tr *trail) Record(_ context.Context, r audit.Record) error {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.fail != nil {
		return tr.fail
	}
	tr.records = append(tr.records, r)
	return nil
}

func (tr *trail) take() []audit.Record {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	records := tr.records
	tr.records = nil
	return records
}

// A gate is a guard around fakes.
type gate struct {
	*auth.Guard
	repo  *repo
	point *point
	trail *trail
}

func newGate() *gate {
	g := &gate{repo: newRepo(), point: &point{}, trail: &trail{}}
	g.Guard = &auth.Guard{Repo: g.repo, Snapshot: noSnapshot{}, Decide: g.point, Trail: g.trail}
	return g
}

// as is a context in which a principal with the scopes asks.
func as(t testing.TB, scopes string, change ...func(*auth.Principal)) context.Context {
	parsed, err := auth.ParseScopes(scopes)
	if err != nil {
		t.Fatal(err)
	}
	p := auth.Principal{Client: "app", ClientName: "Logiciel", Organization: "Organization/msp", Purpose: auth.PurposeTreatment,
		Scopes: parsed, TokenID: "t1", Expires: time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, f := range change {
		f(&p)
	}
	return auth.WithPrincipal(context.Background(), p)
}

// watch shows the changes that reach a repository.
type watch struct {
	*repo
	see func(fhir.Change)
}

func (w watch) Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	for _, c := range changes {
		w.see(c)
	}
	return w.repo.Commit(ctx, changes)
}
