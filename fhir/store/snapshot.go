package store

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// snapshot gives a View what it may read, on the Reader that answers the query.
type snapshot struct{ r kv.Reader }

var _ fhir.Snapshot = snapshot{}

// directoryTypes are those whose resources a View may read by "Type/id": who
// acts in a function, belongs to a group, represents a patient.
var directoryTypes = []string{"CareTeam", "Group", "Organization", "Practitioner", "PractitionerRole", "RelatedPerson"}

// directoryEntry takes the "Type/id" of a resource of the directory apart; ok is
// false for the id of a patient, and for every other type.
func directoryEntry(name string) (key fhir.Key, ok bool) {
	typ, id, found := strings.Cut(name, "/")
	return fhir.Key{Type: typ, ID: id}, found && fhir.ValidID(id) && slices.Contains(directoryTypes, typ)
}

// Epochs costs one batched read. That of a resource of the directory is the
// sequence number of its current version.
func (sn snapshot) Epochs(ctx context.Context, patients []string) ([]uint64, error) {
	keys := make([][]byte, len(patients))
	for i, p := range patients {
		keys[i] = keyOfEpoch(p)
	}
	values, err := sn.r.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	epochs := make([]uint64, len(patients))
	for i, v := range values {
		if epochs[i], err = epochOf(patients[i], v); err != nil {
			return nil, err
		}
	}
	return epochs, nil
}

// keyOfEpoch is where the epoch of a patient, or of a resource of the
// directory, is found.
func keyOfEpoch(name string) []byte {
	if key, ok := directoryEntry(name); ok {
		return currentKey(key.Type, key.ID)
	}
	return epochKey(name)
}

// epochOf reads the epoch from what was found there.
func epochOf(name string, value []byte) (uint64, error) {
	if value == nil {
		return 0, nil
	}
	if _, ok := directoryEntry(name); ok {
		rec, err := decodeRecord("", "", value)
		if err != nil {
			return 0, err
		}
		return rec.seq, nil
	}
	if len(value) != 8 {
		return 0, nil
	}
	return binary.BigEndian.Uint64(value), nil
}

// Policy costs one scan and one batched read, one read for the directory.
func (sn snapshot) Policy(ctx context.Context, patient string) ([]fhir.Resource, error) {
	if key, ok := directoryEntry(patient); ok {
		return readAll(ctx, sn.r, []fhir.Key{key})
	}
	types := []string{"CareTeam", "Consent", "Patient"}
	var ranges []kv.Range
	for _, typ := range types {
		r := kv.Prefix(rowsPrefix(patient, typ))
		r.KeysOnly = true
		ranges = append(ranges, r)
	}
	var keys []fhir.Key
	for e, err := range sn.r.Scan(ctx, ranges...) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, fhir.Key{Type: types[e.Range], ID: lastName(e.Key)})
	}
	return readAll(ctx, sn.r, keys)
}

// readAll reads current versions in one batch; what is absent or deleted is
// left out.
func readAll(ctx context.Context, r kv.Reader, keys []fhir.Key) ([]fhir.Resource, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	raw := make([][]byte, len(keys))
	for i, k := range keys {
		raw[i] = currentKey(k.Type, k.ID)
	}
	values, err := r.Get(ctx, raw...)
	if err != nil {
		return nil, err
	}
	list := make([]fhir.Resource, 0, len(keys))
	for i, v := range values {
		if v == nil {
			continue
		}
		rec, err := decodeRecord(keys[i].Type, keys[i].ID, v)
		if err != nil {
			return nil, err
		}
		if rec.effect != fhir.Deleted {
			res, err := rec.whole(ctx, r)
			if err != nil {
				return nil, err
			}
			list = append(list, res)
		}
	}
	return list, nil
}

// Epochs answers for the latest state of the store.
func (s *Store) Epochs(ctx context.Context, patients []string) (epochs []uint64, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		epochs, err = snapshot{r}.Epochs(ctx, patients)
		return err
	})
	return epochs, err
}

// Policy answers for the latest state of the store.
func (s *Store) Policy(ctx context.Context, patient string) (list []fhir.Resource, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		list, err = snapshot{r}.Policy(ctx, patient)
		return err
	})
	return list, err
}

// A readable is a Snapshot with the Reader that it reads.
type readable interface {
	fhir.Snapshot
	reader() kv.Reader
}

func (sn snapshot) reader() kv.Reader { return sn.r }

// sees asks the view about stored facts, and insists on an answer for each.
func sees(ctx context.Context, snap readable, view fhir.View, facts []fhir.Facts) ([]bool, error) {
	if view == nil {
		return nil, errNoView("store.Search")
	}
	if len(facts) == 0 {
		return nil, nil
	}
	facts, err := rooted(ctx, snap.reader(), facts)
	if err != nil {
		return nil, err
	}
	visible, err := view.Sees(ctx, snap, facts)
	if err == nil && len(visible) != len(facts) {
		err = errNoView("store.Search")
	}
	return visible, err
}

func errNoView(op string) error {
	return fhir.Errorf(fhir.Forbidden, op, "view.missing", fhir.CodeForbidden, "",
		fhir.T("The request carries no view of what may be seen.", "La requête ne porte aucune vue de ce qui peut être vu."), fhir.Text{})
}
