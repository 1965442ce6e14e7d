package consent

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

var _ fhir.Naming = (*memory)(nil)

// Naming finds the name anywhere in the text.
func (m *memory) Naming(_ context.Context, typ string, targets []string) (list []string, ok bool, err error) {
	for _, r := range m.resources {
		if r.Type == typ && mentions(&r, targets) {
			list = append(list, r.Current().String())
		}
	}
	return list, true, nil
}

func mentions(r *fhir.Resource, targets []string) bool {
	return slices.ContainsFunc(targets, func(t string) bool { return strings.Contains(string(r.Body), `"`+t+`"`) })
}

// holds says of one record whether it lies within bounds, as fhir.Bounds says it.
func (m *memory) holds(b *fhir.Bounds, f *fhir.Facts) bool {
	return slices.Contains(b.Contributors, f.Contributor) ||
		slices.ContainsFunc(f.Patients, func(p string) bool { return slices.Contains(b.Patients, p) }) ||
		slices.ContainsFunc(m.resources, func(r fhir.Resource) bool {
			return decides(r.Type) && r.Type != "Patient" && mentions(&r, b.Named) &&
				slices.ContainsFunc(r.Facts.Patients, func(p string) bool { return slices.Contains(f.Patients, p) })
		})
}

// Everything that a view shows lies within its bounds, whoever asks and whatever
// the policies say.
func TestPropertyBoundsHoldWhatIsSeen(t *testing.T) {
	bounded, shown := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w, p := drawWorld(t), at(now)
		m := w.render()
		var facts []fhir.Facts
		for _, r := range drawRecords(t) {
			facts = append(facts, fhir.Facts{Key: fhir.Key{Type: r.typ, ID: r.id}, Contributor: r.contributor, Patients: r.patients, Labels: r.labels})
		}
		facts = append(facts, fhir.Facts{Key: fhir.Key{Type: "Organization", ID: "o"}}, fhir.Facts{Key: fhir.Key{Type: "AuditEvent", ID: "e"}})
		for range 40 {
			who := drawAsker(t, w)
			switch rapid.IntRange(0, 9).Draw(t, "exception") {
			case 0:
				who.Purpose, who.Patient = auth.PurposeBreakTheGlass, rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "emergency of")
			case 1:
				who.Roles = []string{auth.RoleOfficer}
			}
			v, err := p.View(t.Context(), who, "Observation")
			if err != nil {
				t.Fatal(err)
			}
			seen, err := v.Sees(t.Context(), m, facts)
			if err != nil {
				t.Fatal(err)
			}
			for i := range facts {
				b, err := v.(fhir.Bounding).Bounds(t.Context(), m, facts[i].Key.Type)
				if err != nil {
					t.Fatal(err)
				}
				if b == nil {
					continue
				}
				if bounded++; seen[i] {
					shown++
				}
				if seen[i] && !m.holds(b, &facts[i]) {
					t.Fatalf("%+v sees %+v, which lies outside %+v", who, facts[i], b)
				}
			}
		}
	})
	if shown*20 < bounded {
		t.Errorf("only %d of %d bounded records are shown: the draw proves little", shown, bounded)
	}
}

// A view has no bounds where it cannot tell.
func TestNoBounds(t *testing.T) {
	who := care(msp)
	who.Practitioner = "Practitioner/x"
	for _, c := range []struct {
		name, typ string
		snap      fhir.Snapshot
	}{
		{"the directory is open to all", "Practitioner", &memory{}},
		{"a snapshot that does not tell who names whom", "Observation", struct{ fhir.Snapshot }{&memory{}}},
	} {
		v, err := at(now).View(t.Context(), who, c.typ)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := v.(fhir.Bounding).Bounds(t.Context(), c.snap, c.typ); b != nil || err != nil {
			t.Errorf("%s: %+v %v", c.name, b, err)
		}
	}
}
