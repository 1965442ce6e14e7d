package auth

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// scopedView is what a decision point lets be seen, less the types that the
// token does not reach and, for scopes of patient/, the records of others. It
// holds for what is matched, included and passed through by a chain alike
// (A07–A09).
type scopedView struct {
	principal *Principal
	inner     fhir.View
	searching bool // what may be read and not searched for is not seen either
}

var (
	_ fhir.View      = (*scopedView)(nil)
	_ Reasoner       = (*scopedView)(nil)
	_ fhir.Standing  = (*scopedView)(nil)
	_ fhir.Closing   = (*scopedView)(nil)
	_ fhir.Searching = (*scopedView)(nil)
)

// Sees asks the inner view about what the scopes reach, and about nothing else.
func (v *scopedView) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	within, all := v.reached(facts)
	if all {
		return v.ask(ctx, snap, facts)
	}
	var asked []fhir.Facts
	for i := range facts {
		if within[i] {
			asked = append(asked, facts[i])
		}
	}
	if len(asked) == 0 {
		return within, nil
	}
	answers, err := v.ask(ctx, snap, asked)
	if err != nil {
		return nil, err
	}
	for i := range within {
		if within[i] {
			within[i], answers = answers[0], answers[1:]
		}
	}
	return within, nil
}

// ask refuses an answer of the wrong length: it says nothing of anything.
func (v *scopedView) ask(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	answers, err := v.inner.Sees(ctx, snap, facts)
	if err == nil && len(answers) != len(facts) {
		return nil, broken("auth.scopedView", "view-length", nil)
	}
	return answers, err
}

// reached says for each of the facts whether the token reaches it; all spares
// the slice in the common case.
func (v *scopedView) reached(facts []fhir.Facts) (within []bool, all bool) {
	var typ string
	var reach Reach
	for i := range facts {
		if i == 0 || facts[i].Key.Type != typ {
			typ = facts[i].Key.Type
			if reach = v.principal.Reach(typ, 's'); !v.searching {
				reach = max(v.principal.Reach(typ, 'r'), reach)
			}
		}
		ok := reach == ReachAll || reach == ReachPatient && ownRecord(&facts[i], v.principal.Patient)
		if !ok && within == nil {
			within = make([]bool, len(facts))
			for j := range i {
				within[j] = true
			}
		}
		if within != nil {
			within[i] = ok
		}
	}
	return within, within == nil
}

// ownRecord: a record of the patient, or of no patient at all, such as an
// Organization. What is about others besides is not.
func ownRecord(f *fhir.Facts, patient string) bool {
	return len(f.Patients) == 0 || slices.Equal(f.Patients, []string{patient})
}

// Fingerprint binds a cursor to the client, person and purpose, the scopes and
// the rules of the inner view (A11).
func (v *scopedView) Fingerprint() []byte {
	p, h := v.principal, sha256.New()
	for _, s := range []string{p.Client, p.Organization, p.Practitioner, p.Role, p.Identifier, p.Profession, p.Purpose, p.Patient, p.Scopes.String()} {
		h.Write([]byte{byte(len(s) >> 8), byte(len(s))})
		h.Write([]byte(s))
	}
	if v.searching {
		h.Write([]byte("searching"))
	}
	h.Write(v.inner.Fingerprint())
	return h.Sum(nil)
}

// Searching implements fhir.Searching: a condition needs the permission to search,
// wherever it is written (A03, A14).
func (v *scopedView) Searching() fhir.View {
	return &scopedView{principal: v.principal, inner: v.inner, searching: true}
}

// Alike implements fhir.Grouping: scopes look at types and patients alone.
func (v *scopedView) Alike(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	g, ok := v.inner.(fhir.Grouping)
	if !ok {
		return make([]bool, len(facts)), nil
	}
	alike, err := g.Alike(ctx, snap, facts)
	if err == nil && len(alike) != len(facts) {
		return nil, broken("auth.scopedView", "view-length", nil)
	}
	return alike, err
}

// Closed is what is closed of the inner view: scopes only close more.
func (v *scopedView) Closed(ctx context.Context, snap fhir.Snapshot) (fhir.Closure, error) {
	if c, ok := v.inner.(fhir.Closing); ok {
		return c.Closed(ctx, snap)
	}
	return fhir.Closure{}, nil
}

// Judge implements fhir.Standing. What the scopes do not reach is not seen, whatever
// changes; what an inner view says that is no Standing stands for nothing.
func (v *scopedView) Judge(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) (j fhir.Judgement, err error) {
	if inner, ok := v.inner.(fhir.Standing); !ok {
		if j.Alike, err = v.Alike(ctx, snap, facts); err == nil {
			j.Visible, err = v.ask(ctx, snap, facts)
		}
		j.Since = time.Now()
		j.Until = j.Since
	} else {
		j, err = inner.Judge(ctx, snap, facts)
	}
	if err == nil && (len(j.Visible) != len(facts) || len(j.Alike) != len(facts)) {
		err = broken("auth.scopedView", "view-length", nil)
	}
	if err != nil {
		return fhir.Judgement{}, err
	}
	if within, all := v.reached(facts); !all {
		for i := range within {
			j.Visible[i] = j.Visible[i] && within[i]
		}
	}
	return j, nil
}

// Now implements fhir.Standing.
func (v *scopedView) Now() time.Time {
	if inner, ok := v.inner.(fhir.Standing); ok {
		return inner.Now()
	}
	return time.Now()
}

// Explain gives the reason of the inner view.
func (v *scopedView) Explain(ctx context.Context, snap fhir.Snapshot, facts fhir.Facts) Reason {
	if e, ok := v.inner.(Explainer); ok {
		return e.Explain(ctx, snap, facts)
	}
	return Reason{}
}

// Reasons gives those of the inner view.
func (v *scopedView) Reasons(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) []Reason {
	if r, ok := v.inner.(Reasoner); ok {
		return r.Reasons(ctx, snap, facts)
	}
	list := make([]Reason, len(facts))
	for i := range facts {
		list[i] = v.Explain(ctx, snap, facts[i])
	}
	return list
}
