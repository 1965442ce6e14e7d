package auth

import (
	"context"

	"github.com/cordee-sante/cordee/fhir"
)

// A judgement is the policies as they stood when the hits of an answer were
// judged: the reasons that the trail gets are told by the epochs that the view
// read then, in one batch for all hits, and not by others for each.
type judgement struct {
	fhir.Snapshot
	epochs map[string]uint64
}

func newJudgement(snap fhir.Snapshot) *judgement {
	return &judgement{snap, map[string]uint64{}}
}

// Epochs asks for those that were not asked for yet.
func (j *judgement) Epochs(ctx context.Context, names []string) ([]uint64, error) {
	var lacking []string
	for _, name := range names {
		if _, known := j.epochs[name]; !known {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) > 0 {
		epochs, err := j.Snapshot.Epochs(ctx, lacking)
		if err != nil {
			return nil, err
		}
		if len(epochs) != len(lacking) {
			return nil, broken(opEnter, "epochs of others than were asked for", nil)
		}
		for i, name := range lacking {
			j.epochs[name] = epochs[i]
		}
	}
	list := make([]uint64, len(names))
	for i, name := range names {
		list[i] = j.epochs[name]
	}
	return list, nil
}
