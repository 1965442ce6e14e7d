package auth

import (
	"context"
	"slices"
	"sync"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/google/uuid"
)

// decoys let absence cost what withholding costs, so that the time of an answer
// does not tell the two apart (A23). Whoever asks in vain makes the gateway look
// up one thing that is there and one that is not, judge one record and find the
// reason: of what is withheld, the record itself and an id that was never used;
// of what is absent, that id and a decoy, a record of the same type that was
// withheld before, or given when none was. Nothing of a decoy reaches the answer
// or the trail.
//
// What it does not level is the size of the record, and how many records a
// search finds withheld; a search that names neither patient nor id takes the
// time that its matches take.
type decoys struct {
	known sync.Map // resource type → decoy; of patients that searches name, under ""
}

type decoy struct {
	key      fhir.Key
	withheld bool
}

// note remembers a record as a decoy of its type. One that was withheld takes
// the place of one that was given.
func (d *decoys) note(key fhir.Key, withheld bool) {
	d.put(key.Type, decoy{key.Current(), withheld})
}

func (d *decoys) put(under string, new decoy) {
	if old, found := d.known.Load(under); found && (old.(decoy).withheld || !new.withheld) {
		return
	}
	d.known.Store(under, new)
}

func (d *decoys) of(typ string) (fhir.Key, bool) {
	v, found := d.known.Load(typ)
	if !found {
		return fhir.Key{}, false
	}
	return v.(decoy).key, true
}

// never is an id that nothing has.
func never() string { return uuid.NewString() }

// pretend does for an absent resource what is done for a withheld one.
func (g *Guard) pretend(ctx context.Context, e *entry, typ string) {
	key, ok := g.decoys.of(typ)
	if !ok || e.view == nil {
		return
	}
	r, err := g.Repo.Read(ctx, key)
	if err != nil && fhir.KindOf(err) != fhir.Gone {
		return
	}
	if _, err := g.sees(ctx, e.view, &r); err == nil {
		e.view.Explain(ctx, g.Snapshot, r.Facts)
	}
}

// miss does for a withheld resource what is done for an absent one, and keeps it
// as a decoy.
func (g *Guard) miss(ctx context.Context, key fhir.Key) {
	g.decoys.note(key, true)
	_, _ = g.Repo.Read(ctx, fhir.Key{Type: key.Type, ID: never()})
}

// level searches once more when a search named patients of whom the page says
// nothing: in place of those who are not there for a decoy, in place of all
// others for nobody. Both searches together find as much whoever was named.
func (g *Guard) level(ctx context.Context, q *fhir.Query, page *fhir.Page) {
	if q.Cursor != "" {
		return // a later page of an answer that was given
	}
	unseen := unmentioned(patientsNamed(q), page)
	if len(unseen) == 0 {
		return
	}
	epochs, err := g.Snapshot.Epochs(ctx, unseen)
	if err != nil {
		return // who would be absent is not known; the answer stands
	}
	absent := make(map[string]bool, len(unseen))
	for i, patient := range unseen {
		if absent[patient] = i < len(epochs) && epochs[i] == 0; !absent[patient] {
			g.decoys.put("", decoy{fhir.Key{Type: "Patient", ID: patient}, true})
		}
	}
	other, ok := g.decoys.of("")
	if !ok {
		other, ok = g.decoys.of("Patient")
	}
	again := renamed(*q, func(id string) string {
		if absent[id] && ok {
			return other.ID
		}
		return never()
	})
	_, _ = g.Repo.Search(ctx, again)
}

// unmentioned returns those of the patients in whose compartment no hit lies.
func unmentioned(patients []string, page *fhir.Page) []string {
	return slices.DeleteFunc(patients, func(id string) bool {
		about := func(r fhir.Resource) bool {
			return slices.Contains(r.Facts.Patients, id) || r.Type == "Patient" && r.ID == id
		}
		return slices.ContainsFunc(page.Matches, about)
	})
}

// renamed returns the query with other patients in the place of those that it
// names.
func renamed(q fhir.Query, rename func(id string) string) fhir.Query {
	if q.Compartment.Type == "Patient" && q.Compartment.ID != "" {
		q.Compartment.ID = rename(q.Compartment.ID)
	}
	q.Params = slices.Clone(q.Params)
	for i := range q.Params {
		p := &q.Params[i]
		p.Values = slices.Clone(p.Values)
		for j, v := range p.Values {
			if id, typed := patientNamed(&q, p, v); id != "" {
				p.Values[j] = rename(id)
				if typed {
					p.Values[j] = "Patient/" + p.Values[j]
				}
			}
		}
	}
	return q
}
