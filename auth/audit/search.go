package audit

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

var _ fhir.Repository = (*Trail)(nil)

const (
	defaultCount  = 50
	maxCount      = 1000
	estimateLimit = 10_000 // where _total=estimate stops to count
)

// Search returns AuditEvents, newest first unless _sort=date, of those that the
// view lets be seen (ITI-81). At least one date parameter is required. What was
// recorded before the call is found: the search waits a moment for the index,
// and the page carries a warning when that did not suffice.
func (t *Trail) Search(ctx context.Context, q fhir.Query) (fhir.Page, error) {
	if q.Within == nil {
		return fhir.Page{}, errNoView()
	}
	if q.Type != "AuditEvent" && (q.Type != "" || len(q.Types) > 0 && !slices.Contains(q.Types, "AuditEvent")) {
		return fhir.Page{Total: -1}, nil
	}
	ascending, err := order(q)
	if err != nil {
		return fhir.Page{}, err
	}
	c, err := t.understand(ctx, q)
	if err != nil {
		return fhir.Page{}, err
	}
	s := &finder{trail: t, query: q, criteria: c, ascending: ascending, count: defaultCount}
	if q.Count > 0 {
		s.count = min(q.Count, maxCount)
	}
	s.from, s.to = window(q.Params)
	if q.Cursor != "" {
		after, err := t.sealer.open(q.Cursor, q)
		if err != nil {
			return fhir.Page{}, err
		}
		s.after = &after
	}
	fresh := t.index.catchUp(ctx)
	page, err := s.page(ctx)
	if err == nil && !fresh {
		page.Issues = append(page.Issues, behindIssue())
	}
	return page, err
}

// order reads _sort: by date, down or up, and nothing else.
func order(q fhir.Query) (ascending bool, err error) {
	if len(q.Includes) > 0 {
		return false, errUnsupported("trail.include", "http._include",
			fhir.T("AuditEvents are found without includes.", "Les AuditEvent se cherchent sans inclusion."),
			fhir.T("Leave _include and _revinclude out.", "Retirez _include et _revinclude."))
	}
	if len(q.Sort) == 0 {
		return false, nil
	}
	if code := q.Sort[0].Code; len(q.Sort) > 1 || code != "date" && code != "_lastUpdated" {
		return false, errUnsupported("trail.sort", "http._sort",
			fhir.T("AuditEvents are sorted by date only.", "Les AuditEvent ne se trient que par date."),
			fhir.T("Write _sort=date or _sort=-date.", "Écrivez _sort=date ou _sort=-date."))
	}
	return !q.Sort[0].Desc, nil
}

// finder runs one search.
type finder struct {
	trail     *Trail
	query     fhir.Query
	criteria  *criteria
	ascending bool
	count     int
	from, to  moment
	after     *spot          // the last event of the page before
	log       *ledger.Reader // newest first stays in one segment for long
	held      holding
}

// page returns the page after s.after. It and the total are of one snapshot.
func (s *finder) page(ctx context.Context) (page fhir.Page, err error) {
	page = fhir.Page{Total: -1, Count: s.count}
	s.log = s.trail.log.Reader()
	defer s.log.Close()
	s.held = s.trail.index.hold(s.criteria.terms)
	err = s.trail.index.engine.View(ctx, func(r kv.Reader) error {
		if s.query.Summary != "count" {
			if err := s.matches(ctx, r, &page); err != nil {
				return err
			}
		}
		if s.query.Total != fhir.TotalNone || s.query.Summary == "count" {
			page.Total, err = s.total(ctx, r)
		}
		return err
	})
	if err != nil {
		return fhir.Page{}, err
	}
	return page, nil
}

// matches fills the page, and looks one event further for the next one.
func (s *finder) matches(ctx context.Context, r kv.Reader, page *fhir.Page) error {
	g := s.trail.gateway()
	var last event
	return s.walk(ctx, r, s.after, s.count+1, func(e event) (bool, error) {
		if len(page.Matches) == s.count {
			page.Next = s.trail.sealer.seal(spot{moment{last.Time, last.Seq}, last.n}, s.query)
			return false, nil
		}
		resource, err := g.render(e)
		if err != nil {
			return false, err
		}
		page.Matches, last = append(page.Matches, resource), e
		return true, nil
	})
}

// total counts the events that the view lets be seen: all of them, or with
// _total=estimate as many as are worth counting.
func (s *finder) total(ctx context.Context, r kv.Reader) (n int, err error) {
	err = s.walk(ctx, r, nil, maxCount, func(event) (bool, error) {
		n++
		return n < estimateLimit || s.query.Total != fhir.TotalEstimate, nil
	})
	return n, err
}

// walk yields the events that match and that the view lets be seen, from after
// on, until yield wants no more. It asks the view about batch events at once.
func (s *finder) walk(ctx context.Context, r kv.Reader, after *spot, batch int, yield func(event) (bool, error)) error {
	from, to := s.from, s.to
	if after != nil && s.ascending {
		from = after.moment
	} else if after != nil {
		to = after.moment
	}
	records := newStream(r, s.held, s.criteria.terms, from, to, !s.ascending)
	var found []event
	for {
		p, more, err := records.next(ctx)
		if err != nil {
			return err
		}
		if more {
			if found, err = s.collect(found, p, after); err != nil {
				return err
			}
		}
		if len(found) >= batch || !more {
			goOn, err := s.seen(ctx, found, yield)
			if err != nil || !goOn || !more {
				return err
			}
			found = found[:0]
		}
	}
}

// collect adds the events of one record that match and lie after the position.
func (s *finder) collect(found []event, p posting, after *spot) ([]event, error) {
	h, err := recall(s.log, p.where)
	if err != nil {
		return nil, err
	}
	for _, e := range h.events() {
		if after != nil && after.compare(p.moment) == 0 && e.n <= after.n {
			continue
		}
		ok, err := s.criteria.matches(s.trail.gateway(), e)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, e)
		}
	}
	return found, nil
}

// seen yields those of the events that the view lets be seen.
func (s *finder) seen(ctx context.Context, found []event, yield func(event) (bool, error)) (bool, error) {
	if len(found) == 0 {
		return true, nil
	}
	facts := make([]fhir.Facts, len(found))
	for i, e := range found {
		facts[i] = e.facts()
	}
	visible, err := s.query.Within.Sees(ctx, s.trail.cfg.Snapshot, facts)
	if err != nil {
		return false, err
	}
	if len(visible) != len(found) {
		return false, errNoView()
	}
	for i, e := range found {
		if !visible[i] {
			continue
		}
		if goOn, err := yield(e); err != nil || !goOn {
			return false, err
		}
	}
	return true, nil
}
