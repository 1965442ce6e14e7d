package demo

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
)

//go:embed doc.go
var documentation string

// table reads the table of the package comment: by patient, by client.
func table(t *testing.T) map[string]map[string]string {
	t.Helper()
	rows := map[string]map[string]string{}
	var head []string
	for line := range strings.Lines(documentation) {
		line, found := strings.CutPrefix(line, "//\t")
		if !found {
			continue
		}
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if head == nil {
			head = cells
			continue
		}
		row := map[string]string{}
		for i := 1; i < len(cells)-1; i++ {
			row[head[i]] = cells[i]
		}
		rows[cells[0]] = row
	}
	return rows
}

// standing is what the client sees of the patient, in the words of the table.
func standing(t *testing.T, m *memory, who auth.Principal, patient string) string {
	t.Helper()
	v, err := m.point().View(t.Context(), who, "Observation")
	if err != nil {
		t.Fatal(err)
	}
	strange := fhir.Facts{Key: fhir.Key{Type: "CarePlan", ID: "x"}, Patients: []string{patient}, Contributor: "Organization/elsewhere"}
	switch v.(auth.Explainer).Explain(t.Context(), m, strange).Rule {
	case consent.CareTeam:
		return "team"
	case consent.Permitted:
		return "consent"
	}
	for _, r := range m.resources {
		if slices.Contains(r.Facts.Patients, patient) {
			seen, err := v.Sees(t.Context(), m, []fhir.Facts{r.Facts})
			if err != nil {
				t.Fatal(err)
			}
			if seen[0] {
				return "own"
			}
		}
	}
	return "-"
}

func TestWhoSeesWhom(t *testing.T) {
	m, want := loaded(t), table(t)
	patients := 0
	for _, r := range m.resources {
		if r.Type != "Patient" {
			continue
		}
		patients++
		for _, c := range Clients() {
			if got := standing(t, m, client(t, c.Name), r.ID); got != want[r.ID][c.Name] {
				t.Errorf("%s sees of %s: %s; documented: %q", c.Name, r.ID, got, want[r.ID][c.Name])
			}
		}
	}
	if patients != len(want) || patients < 12 {
		t.Errorf("%d patients, %d documented", patients, len(want))
	}
}

// Masked records are seen by their contributor alone.
func TestMaskedRecords(t *testing.T) {
	m := loaded(t)
	masked := 0
	for _, r := range m.resources {
		if len(r.Facts.Labels) == 0 {
			continue
		}
		masked++
		for _, c := range Clients() {
			v, err := m.point().View(t.Context(), client(t, c.Name), r.Type)
			if err != nil {
				t.Fatal(err)
			}
			seen, err := v.Sees(t.Context(), m, []fhir.Facts{r.Facts})
			if err != nil || seen[0] != (c.Organization == r.Facts.Contributor) {
				t.Errorf("%s sees %s: %v, %v", c.Name, r.Current(), seen, err)
			}
		}
	}
	if masked != 3 {
		t.Errorf("%d masked records", masked)
	}
}

// The tour: the outsider sees nothing of Jeanne Durand until her consent is
// recorded, which only her care team can do.
func TestOutsideConsent(t *testing.T) {
	m := loaded(t)
	outsider, practice := client(t, "outsider"), client(t, "practice")
	if got := standing(t, m, outsider, "jeanne-durand"); got != "-" {
		t.Fatalf("before: %s", got)
	}
	own := m.image(parse(t, OutsideConsent()).Root(), outsider.Organization)
	if _, err := m.point().Write(t.Context(), outsider, m, nil, &own); fhir.KindOf(err) != fhir.Forbidden {
		t.Errorf("A24: the outsider records the consent to itself: %v", err)
	}
	theirs := m.image(parse(t, OutsideConsent()).Root(), practice.Organization)
	if _, err := m.point().Write(t.Context(), practice, m, nil, &theirs); err != nil {
		t.Fatal(err)
	}
	m.put(theirs)
	if got := standing(t, m, outsider, "jeanne-durand"); got != "consent" {
		t.Errorf("after: %s", got)
	}
	if got := standing(t, m, outsider, "marcel-prud-homme"); got != "-" {
		t.Errorf("another patient: %s", got)
	}
}
