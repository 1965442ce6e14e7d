package store

import (
	"context"
	"crypto/sha256"
	"strconv"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// Read returns the version that the key names, or the current one (R4
// http.html#read, #vread). It costs one read of the engine, two for an earlier
// version.
func (s *Store) Read(ctx context.Context, key fhir.Key) (res fhir.Resource, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		rec, err := readCurrent(ctx, r, key.Type, key.ID)
		if err != nil {
			return err
		}
		if rec != nil && key.Version != "" {
			if rec, err = readVersion(ctx, r, key, rec); err != nil {
				return err
			}
		}
		if rec == nil {
			return errNotFound(key)
		}
		whole, err := rec.whole(ctx, r)
		if err != nil {
			return err
		}
		list := []fhir.Resource{whole}
		if err := reveal(ctx, r, list); err != nil {
			return err
		}
		if res = list[0]; rec.effect == fhir.Deleted {
			return errGone(key)
		}
		return nil
	})
	return res, err
}

func readCurrent(ctx context.Context, r kv.Reader, typ, id string) (*record, error) {
	v, err := r.Get(ctx, currentKey(typ, id))
	if err != nil || v[0] == nil {
		return nil, err
	}
	return decodeRecord(typ, id, v[0])
}

// readVersion finds a version, given the current one; nil when there is none.
func readVersion(ctx context.Context, r kv.Reader, key fhir.Key, cur *record) (*record, error) {
	n, err := strconv.ParseUint(key.Version, 10, 64)
	if err != nil || n == 0 || n > cur.version || strconv.FormatUint(n, 10) != key.Version {
		return nil, nil
	}
	if n == cur.version {
		return cur, nil
	}
	v, err := r.Get(ctx, versionKey(key.Type, key.ID, n))
	if err != nil || v[0] == nil {
		return nil, err
	}
	return decodeRecord(key.Type, key.ID, v[0])
}

// errNotFound is the one error for what is absent and what is withheld: it says
// nothing that differs between the two.
func errNotFound(key fhir.Key) error {
	return fhir.Errorf(fhir.NotFound, "store.Read", "resource.not-found", fhir.CodeNotFound, "",
		fhir.T("There is no such %s.", "Cette ressource %s n'existe pas.", key.Type),
		fhir.T("Check the id and the version.", "Vérifiez l'identifiant et la version."))
}

func errGone(key fhir.Key) error {
	return fhir.Errorf(fhir.Gone, "store.Read", "resource.deleted", fhir.CodeDeleted, "",
		fhir.T("This %s has been deleted.", "Cette ressource %s a été supprimée.", key.Type),
		fhir.T("Earlier versions are in its history.", "Ses versions antérieures sont dans son historique."))
}

// Holds reports whether the store holds that version with a body of that
// SHA-256, zero for a tombstone. The audit trail asks it at start-up about
// changes whose outcome it does not know.
func (s *Store) Holds(ctx context.Context, key fhir.Key, sum [sha256.Size]byte) (bool, error) {
	r, err := s.Read(ctx, key)
	switch fhir.KindOf(err) {
	case 0:
		return r.Sum() == sum, nil
	case fhir.Gone:
		return sum == [sha256.Size]byte{}, nil
	case fhir.NotFound:
		return false, nil
	}
	return false, err
}
