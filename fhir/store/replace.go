package store

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// replace lists the keys that turn version cur of a resource into next: the
// record, the version before, exactly the postings that differ, the history
// and, where the resource decides who may see a patient, the epoch.
func (tx *transaction) replace(ctx context.Context, writes []write, c *change, cur, next *record) ([]write, error) {
	typ, id := c.Key.Type, c.Key.ID
	writes = append(writes, write{key: currentKey(typ, id), record: next})
	var old rows
	if cur != nil {
		writes = append(writes, write{key: versionKey(typ, id, cur.version), value: tx.known[string(currentKey(typ, id))]})
		if cur.effect != fhir.Deleted {
			value, err := tx.get(ctx, rowsKey(scope(&cur.facts), typ, id))
			if err != nil {
				return nil, err
			}
			rr := tx.store.rowsReader()
			was, err := rr.read(typ, id, value)
			if err != nil {
				return nil, err
			}
			old = rows{facts: was.facts, list: was.all()}
		}
	}
	var now rows
	if next.effect != fhir.Deleted {
		now = rows{lastUpdated: next.lastUpdated, seq: next.seq, facts: next.facts, list: c.rows}
	}
	writes = tx.store.appendRowWrites(writes, typ, id, cur, &now, next)
	writes = tx.store.appendPostings(writes, c.Key, &old, &now)
	writes = appendChanges(writes, c.Key, cur, next)
	switch {
	case decidesAccess(typ):
		writes = appendEpochs(writes, cur, next)
	case slices.Contains(directoryTypes, typ):
		writes = append(writes, policiesChanged(next))
	}
	return writes, nil
}

// appendChanges puts the change among the last changes of what is, or among the
// others for a deletion, to which the change before goes.
func appendChanges(writes []write, key fhir.Key, cur, next *record) []write {
	if cur != nil && cur.effect != fhir.Deleted {
		writes = append(writes, write{key: feedKey(key.Type, cur.seq, key.ID)},
			write{key: pastKey(key.Type, cur.seq, key.ID), value: encodeFeed(cur)})
	}
	place := feedKey
	if next.effect == fhir.Deleted {
		place = pastKey
	}
	return append(writes, write{key: place(key.Type, next.seq, key.ID), value: encodeFeed(next)})
}

// appendRowWrites puts the rows under every scope the resource lies in now and
// removes them from those it has left.
func (s *Store) appendRowWrites(writes []write, typ, id string, cur *record, now *rows, next *record) []write {
	var into []string
	if next.effect != fhir.Deleted {
		into = scopes(&next.facts)
		value := now.encode(s.names)
		for _, scope := range into {
			writes = append(writes, write{key: rowsKey(scope, typ, id), value: value})
		}
	}
	if cur != nil && cur.effect != fhir.Deleted {
		for _, scope := range scopes(&cur.facts) {
			if !slices.Contains(into, scope) {
				writes = append(writes, write{key: rowsKey(scope, typ, id)})
			}
		}
	}
	return writes
}

// scope is the first of scopes: where rows are read.
func scope(f *fhir.Facts) string {
	if len(f.Patients) == 0 {
		return ""
	}
	return f.Patients[0]
}

// scopes are the patients under whom the rows of a resource lie; one empty
// scope for a resource that lies under none.
func scopes(f *fhir.Facts) []string {
	if len(f.Patients) == 0 {
		return []string{""}
	}
	return f.Patients
}

// decidesAccess names the types that a View reads through Snapshot.Policy.
func decidesAccess(typ string) bool {
	return typ == "Patient" || typ == "CareTeam" || typ == "Consent"
}

// policiesChanged tells epochCache that nothing it holds is current any more.
func policiesChanged(next *record) write {
	return write{key: metaPolicies, value: binary.BigEndian.AppendUint64(nil, next.seq)}
}

func appendEpochs(writes []write, cur, next *record) []write {
	value := binary.BigEndian.AppendUint64(nil, next.seq)
	patients := slices.Clone(next.facts.Patients)
	if cur != nil {
		patients = append(patients, cur.facts.Patients...)
	}
	slices.Sort(patients)
	for _, p := range slices.Compact(patients) {
		writes = append(writes, write{key: epochKey(p), value: value})
	}
	return append(writes, policiesChanged(next))
}
