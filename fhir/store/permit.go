package store

import (
	"context"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// permit asks who guards the change, with both images. What it may look up is
// the transaction with the Patients and the directory that other changes of the
// commit bring, so that a patient and what is said about them can come together.
func (tx *transaction) permit(ctx context.Context, s *step, all []step, snap arriving) error {
	if s.change.Permit == nil {
		return nil
	}
	snap.judged = s.next
	after, err := tx.image(ctx, s.next, all...)
	if err != nil {
		return err
	}
	if s.cur == nil {
		if s.change.Method == fhir.Delete {
			return nil // nothing is there and nothing comes of it
		}
		return s.change.Permit(snap, nil, &after)
	}
	before, err := tx.image(ctx, s.cur)
	if err != nil {
		return err
	}
	return s.change.Permit(snap, &before, &after)
}

// arriving is a snapshot with Patients and a directory that a commit is about
// to write, but for the version that is judged.
type arriving struct {
	snapshot
	epoch     uint64 // of what arrives: the commit's own
	patients  []*record
	directory []*record
	judged    *record
}

func (tx *transaction) arriving(steps []step, seq uint64) arriving {
	snap := arriving{snapshot: snapshot{tx.w}, epoch: fhir.Passing + seq}
	for _, s := range steps {
		if s.next == nil || s.next.effect == fhir.Deleted {
			continue
		}
		switch typ := s.change.Key.Type; {
		case typ == "Patient":
			snap.patients = append(snap.patients, s.next)
		case typ != "CareTeam" && slices.Contains(directoryTypes, typ):
			snap.directory = append(snap.directory, s.next)
		}
	}
	return snap
}

// Epochs tells not to remember what is read of a patient who arrives longer than
// the commit is judged: all of its changes but that of the patient are shown the
// same.
func (a arriving) Epochs(ctx context.Context, patients []string) ([]uint64, error) {
	epochs, err := a.snapshot.Epochs(ctx, patients)
	if err != nil {
		return nil, err
	}
	for i, name := range patients {
		if a.patient(name) != nil || a.entry(name) != nil {
			epochs[i] = a.epoch
		}
	}
	return epochs, nil
}

// patient finds a Patient that arrives.
func (a arriving) patient(id string) *record {
	for _, p := range a.patients {
		if p != a.judged && p.facts.Key.ID == id {
			return p
		}
	}
	return nil
}

// entry finds a resource of the directory that arrives, by "Type/id".
func (a arriving) entry(name string) *record {
	typ, id, _ := strings.Cut(name, "/")
	for _, e := range a.directory {
		if e != a.judged && e.facts.Key.ID == id && e.facts.Key.Type == typ {
			return e
		}
	}
	return nil
}

// Policy replaces the Patient, or adds it, and likewise what is of the directory.
func (a arriving) Policy(ctx context.Context, patient string) ([]fhir.Resource, error) {
	if e := a.entry(patient); e != nil {
		return []fhir.Resource{e.parted()}, nil
	}
	list, err := a.snapshot.Policy(ctx, patient)
	if p := a.patient(patient); p != nil && err == nil {
		list = slices.DeleteFunc(list, func(r fhir.Resource) bool { return r.Type == "Patient" && r.ID == patient })
		list = append(list, p.parted())
	}
	return list, err
}
