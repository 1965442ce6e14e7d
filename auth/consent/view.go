package consent

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// view is what one principal may see.
type view struct {
	point   *Point
	who     auth.Principal
	officer bool
}

var (
	_ fhir.View      = (*view)(nil)
	_ auth.Explainer = (*view)(nil)
)

// Sees implements fhir.View.
func (v *view) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	visible := make([]bool, len(facts))
	var open []int // records that the policies of their patients decide
	for i := range facts {
		rule, decided := v.first(&facts[i])
		visible[i] = opens(rule)
		if !decided {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return visible, nil
	}
	patients := distinct(facts, open)
	policies, err := v.point.policies(ctx, snap, patients)
	if err != nil {
		return nil, err
	}
	id := identify(v.who, v.point.Clock())
	may := make([]bool, len(patients))
	for i, p := range policies {
		_, may[i] = p.access(&id)
	}
	for _, i := range open {
		visible[i] = all(facts[i].Patients, patients, may) && v.matrix(&facts[i])
	}
	return visible, nil
}

// first applies the rules that need no policy. decided is false for a record
// that the policies of its patients decide.
func (v *view) first(f *fhir.Facts) (rule string, decided bool) {
	kind := classes[f.Key.Type]
	switch {
	case v.officer:
		if kind == trail {
			return Officer, true
		}
		return "", true
	case kind == trail:
		return Unclassified, true
	case f.Contributor == v.who.Organization:
		return OwnContribution, true
	case masked(f.Labels):
		return Masked, true
	case len(f.Patients) > 0:
		return "", false
	case kind == directory || kind == knowledge:
		return Directory, true
	}
	return Unclassified, true
}

// opens reports whether a rule of first lets the record be seen.
func opens(rule string) bool {
	return rule == OwnContribution || rule == Directory || rule == Officer
}

// masks are the codes of TRE_A07-StatutVisibiliteDocument and their HL7 v2
// forms, whatever system they come with. All are as hard as the hardest until
// the author, the patient and the legal representative are told apart.
var masks = []string{"CONNEXION_SECRETE", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_REP_LEGAUX", "MASQUE_PS"}

func masked(labels []string) bool {
	for _, label := range labels {
		if slices.Contains(masks, label) {
			return true
		}
	}
	return false
}

// matrix asks the default rules, if there are any.
func (v *view) matrix(f *fhir.Facts) bool {
	return v.point.Matrix == nil || v.point.Matrix(v.who, *f)
}

// distinct returns the patients of the open records, sorted, each once.
func distinct(facts []fhir.Facts, open []int) []string {
	patients := make([]string, 0, len(open))
	for _, i := range open {
		if own := facts[i].Patients; len(own) != 1 || len(patients) == 0 || patients[len(patients)-1] != own[0] {
			patients = append(patients, own...)
		}
	}
	slices.Sort(patients)
	return slices.Compact(patients)
}

// all reports whether each of a record's patients lets it be seen.
func all(own, patients []string, may []bool) bool {
	for _, patient := range own {
		i, found := slices.BinarySearch(patients, patient)
		if !found || !may[i] {
			return false
		}
	}
	return true
}

// Explain implements auth.Explainer: the rule that decides, with the policies
// it rests on. Of several patients the first that refuses decides.
func (v *view) Explain(ctx context.Context, snap fhir.Snapshot, facts fhir.Facts) auth.Reason {
	if rule, decided := v.first(&facts); decided {
		if rule == "" {
			rule = Officer
		}
		return reason(rule)
	}
	policies, err := v.point.policies(ctx, snap, facts.Patients)
	if err != nil {
		return reason(Unavailable)
	}
	id := identify(v.who, v.point.Clock())
	why := auth.Reason{}
	for _, p := range policies {
		rule, ok := p.access(&id)
		if !ok {
			return reason(rule, p.sources(rule, &id)...)
		}
		why = reason(rule, append(why.Policies, p.sources(rule, &id)...)...)
	}
	if !v.matrix(&facts) {
		return reason(Matrix)
	}
	return why
}

// Fingerprint implements fhir.View.
func (v *view) Fingerprint() []byte {
	roles := slices.Sorted(slices.Values(v.who.Roles))
	h := sha256.New()
	for _, part := range append([]string{Version, v.who.Client, v.who.Organization, v.who.Practitioner, v.who.Role, v.who.Purpose}, roles...) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}
