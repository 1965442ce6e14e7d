package interference

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// run plays the script on the pair. An error is what the caller could learn of
// what it must not see, or that gateway and oracle disagree.
func (p *pair) run(s *script) error {
	scopes, err := auth.ParseScopes(s.caller.Scopes)
	if err != nil {
		return err
	}
	*p.caller = s.caller.principal(scopes)
	if s.caller.Purpose == auth.PurposeBreakTheGlass { // a session of its own, of which nobody was told yet
		p.sessions++
		p.caller.Emergency = auth.Emergency{ID: fmt.Sprint("session-", p.sessions), Start: noon.Add(-time.Minute)}
	}
	c := &playing{pair: p, script: s, territory: s.countable()}
	if err := c.build(p.full, c.territory, nil); err != nil {
		return err
	}
	if err := c.rebuild(); err != nil {
		return err
	}
	if err := c.agree(); err != nil {
		return err
	}
	for i := range s.requests {
		if !c.excluded(&s.requests[i]) {
			p.clock.now = noon.Add(time.Duration(i+1) * time.Minute)
			if err := c.ask(&s.requests[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *caller) principal(scopes auth.Scopes) auth.Principal {
	return auth.Principal{Client: "caller", Organization: c.Organization, Practitioner: c.Practitioner, Role: c.Role, Profession: c.Profession, Purpose: c.Purpose,
		Scopes: scopes, Patient: c.Patient, Related: c.Related, Roles: []string{c.Kind}, Expires: noon.AddDate(100, 0, 0)}
}

// playing is a case under way.
type playing struct {
	*pair
	script    *script
	territory []write
	oracle    oracle
	shadow    *shadowed // of the second gateway; nil where it decides by what it holds itself
}

// countable is the territory without the versions that would make the two
// gateways count differently: those before the last of a record that may be
// seen, while they themselves may not.
func (s *script) countable() []write {
	o := oracle{makeWorld(s.territory), s.caller}
	drop := map[int]bool{}
	for _, r := range o.world {
		for i, v := range r.versions[:len(r.versions)-1] {
			if !o.seesVersion(r, v) || s.changes(r.key()) {
				drop[r.writes[i]] = true
			}
		}
	}
	var kept []write
	for i, w := range s.territory {
		if !drop[i] {
			kept = append(kept, w)
		}
	}
	return kept
}

// changes reports whether the record changes while the case is played.
func (s *script) changes(key string) bool {
	for _, q := range s.requests {
		if slices.ContainsFunc(q.meanwhile, func(w write) bool { return w.key == key }) {
			return true
		}
	}
	return false
}

// build fills a side with those of the writes that keep holds.
func (c *playing) build(s *side, writes []write, keep func(int) bool) error {
	if s.prefer = ""; keep == nil { // what the one reads first must not show beside the other
		s.prefer = []fhir.Access{"", fhir.AccessView, fhir.AccessView, fhir.AccessFeed}[len(writes)%4]
	}
	if err := s.open(c.pair); err != nil {
		return err
	}
	for i, w := range writes {
		if keep == nil || keep(i) {
			at := w.at
			if at.IsZero() {
				at = noon.Add(time.Duration(i-1000) * time.Second)
			}
			if err := s.load(w, at); err != nil {
				return fmt.Errorf("the territory does not load: %s %s: %w", w.key, w.body, err)
			}
		}
	}
	c.clock.now = noon
	return nil
}

// rebuild gives the second gateway what the oracle lets the caller see.
func (c *playing) rebuild() error {
	c.oracle = oracle{makeWorld(c.territory), c.script.caller}
	kept := map[int]bool{}
	for _, r := range c.oracle.world {
		if !c.oracle.sees(r) {
			continue
		}
		for _, i := range r.writes {
			kept[i] = true
		}
		for _, v := range r.versions { // root
			if v.of != nil {
				for _, i := range v.of.writes {
					kept[i] = true
				}
			}
		}
	}
	if err := c.build(c.bare, c.territory, func(i int) bool { return kept[i] }); err != nil {
		return err
	}
	if c.shadow = nil; c.needsShadow() {
		c.shadow = &shadowed{Decider: c.bare.Decider, of: c.full.Store, own: c.bare.Store}
		c.bare.Decider = c.shadow
	}
	return nil
}

// needsShadow: what decides about a patient is there for the caller in part, or
// is withheld while the caller is let in, wrote or sees something of the patient,
// may feed it (dmp-alimentation) or is let to some of it by what narrows a consent; or the
// directory that says who the caller and others are.
func (c *playing) needsShadow() bool {
	for _, patient := range patients {
		seen, unseen, special := 0, 0, false
		for _, r := range c.oracle.policies(c.oracle.same(patient)...) {
			if c.oracle.sees(r) {
				seen++
				continue
			}
			unseen++
			special = special || r.current().body.mentions("dmp-alimentation", "securityLabel", `"data"`, "Group/")
		}
		own := func(r *record) bool {
			return slices.Contains(r.current().rooted().patients, patient) && (r.current().by == c.script.caller.Organization || c.oracle.sees(r))
		}
		letIn := len(c.oracle.grounds(patient, subject{})) > 0
		if special || unseen > 0 && (seen > 0 || letIn || anyOf(c.oracle.world, own)) {
			return true
		}
	}
	return anyOf(c.oracle.world, func(r *record) bool {
		return (r.typ == "PractitionerRole" || r.typ == "Group" || r.key() == c.script.caller.Related) && !c.oracle.sees(r)
	})
}

func anyOf(w world, f func(*record) bool) bool {
	for _, r := range w {
		if f(r) {
			return true
		}
	}
	return false
}

// agree holds the oracle against what the full gateway gives to read. In an
// emergency the first of it has the patient told, so both are asked.
func (c *playing) agree() error {
	for _, r := range c.oracle.world {
		q := request{method: "GET"}
		if r.typ == "Binary" { // not by its content type
			q.header = [][2]string{{"Accept", "application/fhir+json"}}
		}
		status := c.full.send(q, base+"/"+r.key()).Code
		want := http.StatusOK
		switch {
		case !c.readable(r.typ):
			want = http.StatusForbidden
		case !c.oracle.sees(r):
			want = http.StatusNotFound
		case r.current().deleted:
			want = http.StatusGone
		}
		if status != want {
			return fmt.Errorf("gateway and oracle disagree: GET %s gives %d, the oracle says %d", r.key(), status, want)
		}
		if c.caller.Emergency.ID == "" {
			continue
		}
		if again := c.bare.send(q, base+"/"+r.key()).Code; again != status {
			return fmt.Errorf("GET %s gives %d with what is withheld and %d without it", r.key(), status, again)
		}
	}
	return c.noticed()
}

// noticed makes the notice of an emergency part of the territory, for when the
// second gateway is built anew.
func (c *playing) noticed() error {
	if c.caller.Emergency.ID == "" {
		return nil
	}
	r, err := c.full.Store.Read(context.Background(), fhir.Key{Type: "Communication", ID: c.caller.Emergency.ID})
	if fhir.KindOf(err) == fhir.NotFound {
		return nil
	}
	if err == nil {
		c.territory = append(slices.Clip(c.territory), write{key: r.Current().String(), body: string(r.Body), at: r.LastUpdated})
	}
	return err
}

// readable: the scopes have r for the type.
func (c *playing) readable(typ string) bool {
	narrowed := c.script.caller
	var list []string
	for _, s := range strings.Fields(narrowed.Scopes) {
		if _, perms, _ := strings.Cut(s, "."); strings.Contains(perms, "r") {
			list = append(list, s)
		}
	}
	narrowed.Scopes = strings.Join(list, " ")
	o := oracle{c.oracle.world, narrowed}
	return o.inScope(typ, []string{narrowed.Patient}) // of patient/ too
}

// excluded are the requests that may tell the gateways apart; see doc.go.
func (c *playing) excluded(q *request) bool {
	type change struct{ method, url, body string }
	changes := []change{{q.method, q.path, q.body}}
	if q.path == "" && q.method == "POST" {
		var b struct {
			Entry []struct {
				Resource json.RawMessage
				Request  struct{ Method, URL string }
			}
		}
		json.Unmarshal([]byte(q.body), &b)
		for _, e := range b.Entry {
			changes = append(changes, change{e.Request.Method, e.Request.URL, string(e.Resource)})
		}
	}
	if strings.Contains(q.path, "$consent-decision") && c.answerable(q.path) {
		return true // custodian
	}
	for _, ch := range changes {
		target, _, conditional := strings.Cut(ch.url, "?")
		typ, _, _ := strings.Cut(target, "/")
		if conditional && ch.method == "PUT" {
			var r struct{ ID string }
			json.Unmarshal([]byte(ch.body), &r)
			target = typ + "/" + r.ID
		}
		if r := c.oracle.world[target]; ch.method == "PUT" && r != nil && !c.oracle.sees(r) {
			return true // taken
		}
		if slices.Contains([]string{"Patient", "CareTeam", "Consent"}, typ) && ch.method != "GET" && ch.method != "HEAD" && !strings.HasSuffix(target, "/_search") && c.alone(target, ch.body) {
			return true // alone
		}
	}
	return false
}

// alone: what changes is about a patient of whom the caller's organisation
// contributed all that decides, while there are records that it does not see.
func (c *playing) alone(key, body string) bool {
	own := func(r *record) bool { return r.current().by == c.script.caller.Organization }
	for _, p := range patients {
		r := c.oracle.world[key]
		if !strings.Contains(key+body, "Patient/"+p) && (r == nil || !slices.Contains(r.current().patients, p)) {
			continue
		}
		policies := c.oracle.policies(c.oracle.same(p)...)
		unseen := func(r *record) bool { return slices.Contains(r.current().rooted().patients, p) && !c.oracle.sees(r) }
		if !slices.ContainsFunc(policies, func(r *record) bool { return !own(r) }) && anyOf(c.oracle.world, unseen) {
			return true
		}
	}
	return false
}

// answerable: the caller answers for a patient whom it may not see, or asks
// about a function that is masked.
func (c *playing) answerable(path string) bool {
	patient, actor, _ := strings.Cut(path, "/$consent-decision?actor=")
	actor, _, _ = strings.Cut(actor, "&")
	p, f := c.oracle.world[patient], c.oracle.world[actor]
	return p != nil && !c.oracle.sees(p) && slices.Contains([]string{p.current().by, p.current().body.at("managingOrganization.reference").text()}, c.script.caller.Organization) ||
		f != nil && f.typ == "PractitionerRole" && !c.oracle.sees(f)
}

// pages is how far an answer is followed.
const pages = 12

// ask sends the request to both, and follows the pages of the answers.
func (c *playing) ask(q *request) error {
	url := [2]string{base + "/" + q.path, base + "/" + q.path}
	if q.path == "" {
		url = [2]string{base, base}
	}
	for page := range pages {
		if c.shadow != nil {
			if err := c.shadow.begin(context.Background(), q.method != "GET" && q.method != "HEAD"); err != nil {
				return err
			}
		}
		bare := c.bare.send(*q, url[1])
		full := c.full.send(*q, url[0])
		if got, want := told(full), told(bare); got != want {
			return fmt.Errorf("%s %s, page %d\n--- with what is withheld\n%s\n--- without it\n%s", q.method, q.path, page+1, got, want)
		}
		if page == 0 && len(q.meanwhile) > 0 {
			if err := c.happen(q.meanwhile); err != nil {
				return err
			}
		}
		url = [2]string{next(full), next(bare)}
		if url[0] == "" || q.method != "GET" {
			return nil
		}
	}
	return nil
}

// happen writes into the full store what others do, and builds the other anew.
func (c *playing) happen(writes []write) error {
	now := c.clock.now
	defer func() { c.clock.now = now.Add(30 * time.Second) }()
	writes = slices.Clone(writes)
	for i := range writes {
		writes[i].at = now.Add(time.Duration(i+1) * time.Second)
		if err := c.full.load(writes[i], writes[i].at); err != nil {
			return err
		}
	}
	c.territory = append(slices.Clip(c.territory), writes...)
	return c.rebuild()
}

var cursor = regexp.MustCompile(`_cursor=[\w%-]+`)

// told is all that an answer tells.
func told(w *httptest.ResponseRecorder) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", w.Code)
	names := []string{}
	for name := range w.Header() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(w.Header()[name], ", "))
	}
	return b.String() + "\n" + cursor.ReplaceAllString(w.Body.String(), "_cursor=-")
}

// next is the link to the next page.
func next(w *httptest.ResponseRecorder) string {
	if !strings.Contains(w.Body.String(), `"next"`) {
		return ""
	}
	var b struct {
		Link []struct{ Relation, URL string }
	}
	json.Unmarshal(w.Body.Bytes(), &b)
	for _, l := range b.Link {
		if l.Relation == "next" {
			return l.URL
		}
	}
	return ""
}
