package consent

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// Most of a large store is closed to whoever sees little of it. Which patients
// an identity was found to see nothing of is remembered, all of it as of one
// version of all policies: the next change of any policy drops it. Sees does not
// look here. What is remembered can hide and never show, and what it may hide is
// told when it is noted.

// closedMost is how many patients are remembered, over all identities: some 20 MB.
const closedMost = 1 << 18

// closings are the patients closed to each identity.
type closings struct {
	most int

	mu   sync.Mutex
	held map[string]*closing
	size int
}

// A closing is of one identity. What it knows is copied when as much as a quarter
// of it was noted besides, so that whoever asks it does so without a lock.
type closing struct {
	version uint64    // of all policies
	settled time.Time // no period of a policy begins or ends from then on
	known   map[string]struct{}
	fresh   map[string]struct{} // and not in known yet
	noted   int                 // how often those were, together
}

func (h *closing) size() int {
	if h == nil {
		return 0
	}
	return 1 + len(h.known) + len(h.fresh)
}

// get returns the patients that are closed to an identity as of a version of the
// policies; nil when none is known.
func (c *closings) get(identity string, version uint64, now time.Time) map[string]struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.held[identity]; h != nil && h.version == version && !now.Before(h.settled) {
		return h.known
	}
	return nil
}

// put notes patients that are closed as of a version, from a moment on. Those of
// an older version come from a search that has taken long.
func (c *closings) put(identity string, version uint64, settled time.Time, patients []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.held[identity]
	if h != nil && h.version > version {
		return
	}
	if c.size+1+len(patients) > c.most || c.held == nil {
		c.held, c.size = map[string]*closing{}, 0
		h = nil
	}
	c.size -= h.size()
	if h == nil || h.version < version {
		h = &closing{version: version}
		c.held[identity] = h
	}
	h.settled = later(h.settled, settled)
	h.add(patients)
	c.size += h.size()
}

func (h *closing) add(patients []string) {
	if h.fresh == nil {
		h.fresh = make(map[string]struct{}, len(patients))
	}
	for _, p := range patients {
		if _, known := h.known[p]; known {
			continue
		}
		if _, noted := h.fresh[p]; !noted {
			h.fresh[strings.Clone(p)] = struct{}{} // what it is part of is not kept
		}
		h.noted++
	}
	if 4*h.noted < len(h.known) {
		return
	}
	grown := make(map[string]struct{}, len(h.known)+len(h.fresh))
	maps.Copy(grown, h.known)
	maps.Copy(grown, h.fresh)
	h.known, h.fresh, h.noted = grown, nil, 0
}

var _ fhir.Closing = (*view)(nil)

// Closed implements fhir.Closing: nothing that others brought in is shown of a
// patient whose policies open nothing to the identity.
func (v *view) Closed(ctx context.Context, snap fhir.Snapshot) (fhir.Closure, error) {
	version, ok, err := versionOf(ctx, snap)
	if err != nil || !ok || v.officer {
		return fhir.Closure{}, err
	}
	id, err := v.point.identify(ctx, snap, &v.who)
	if err != nil || !id.remembers() {
		return fhir.Closure{}, err
	}
	key := id.key()
	known := v.point.closed.get(key, version, id.now)
	if len(known) == 0 {
		return fhir.Closure{}, nil
	}
	own := v.who.Organization
	return fhir.Closure{Key: v.point.Defaults.version + "\x00" + key, At: id.now, Closes: func(contributor string, patient []byte) bool {
		if contributor == own {
			return false
		}
		_, closed := known[string(patient)]
		return closed
	}}, nil
}

// note remembers which of the patients are closed to the identity.
func (v *view) note(ctx context.Context, snap fhir.Snapshot, q *inquiry, list []dossier, general []outcome) error {
	if !q.remembers() {
		return nil
	}
	var closed []string
	var settled time.Time
	for i := range list {
		if d := &list[i]; general[i].rule != "" && !general[i].ok() && d.stands(q) {
			if t := d.own.settles(); !q.now.Before(t) {
				closed = append(closed, d.patient)
				settled = later(settled, t)
			}
		}
	}
	if len(closed) == 0 {
		return nil
	}
	version, ok, err := versionOf(ctx, snap)
	if err == nil && ok {
		v.point.closed.put(q.key(), version, settled, closed)
	}
	return err
}

func versionOf(ctx context.Context, snap fhir.Snapshot) (version uint64, ok bool, err error) {
	versioned, ok := snap.(fhir.Versioned)
	if !ok {
		return 0, false, nil
	}
	return versioned.Version(ctx)
}

// remembers reports whether it pays to remember what is closed to the identity:
// the others ask about one patient.
func (id *identity) remembers() bool {
	return id.kind == auth.KindProfessional && id.purpose != auth.PurposeBreakTheGlass && id.barred == ""
}

// key is everything of an identity that a policy looks at but the time, which
// settles tells.
func (id *identity) key() string {
	parts := append([]string{id.organization, id.practitioner, id.role, id.related, id.patient, id.purpose, id.profession, id.holder}, id.behalf...)
	return strings.Join(parts, "\x00")
}

// stands reports whether the outcome, which rests on no record, rests on the
// policies of the patient alone.
func (d *dossier) stands(q *inquiry) bool {
	return !d.tangled && len(d.linked) == 0 && len(appendTargets(nil, q.identity, d.own)) == 0
}

// settles is the last moment at which a period of the policy begins or ends.
func (p *policy) settles() (last time.Time) {
	for i := range p.teams {
		t := &p.teams[i]
		last = t.valid.latest(last)
		for k := range t.members {
			last = t.members[k].valid.latest(last)
		}
	}
	for i := range p.statements {
		last = p.statements[i].rule.settles(last)
	}
	return last
}

func (u *rule) settles(last time.Time) time.Time {
	last = u.valid.latest(last)
	for i := range u.exceptions {
		last = u.exceptions[i].settles(last)
	}
	return last
}

// latest is the latest of a moment and the bounds of the span.
func (s span) latest(t time.Time) time.Time { return later(later(t, s.from), s.until) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
