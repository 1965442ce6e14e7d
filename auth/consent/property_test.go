package consent

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// The world of the properties: two patients, four organisations, and policies
// drawn from everything that a Consent or CareTeam may say.
var (
	someone  = rapid.SampledFrom([]string{msp, pharmacy, outsider, "Practitioner/x", "PractitionerRole/x-msp", "CareTeam/t0", "Group/g", "#x"})
	purposes = rapid.SampledFrom([]string{"", `"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]`, `"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HRESCH"}]`})
	periods  = rapid.SampledFrom([]string{"", `"period":{"end":"2026-01-14"}`, `"period":{"start":"2026-01-01"}`, `"period":{"start":"2026-01-16"}`, `"period":{"end":"?"}`})
	narrower = rapid.SampledFrom([]string{"", "", "", `"dataPeriod":{"start":"2025"}`, `"class":[{"code":"x"}]`})
)

// drawProvision draws one of the kinds, with provisions of them inside.
func drawProvision(t *rapid.T, depth int, kinds ...string) string {
	members := ""
	add := func(s string) {
		if s != "" && members != "" {
			members += ","
		}
		members += s
	}
	add(purposes.Draw(t, "purpose"))
	add(periods.Draw(t, "period"))
	add(narrower.Draw(t, "narrower"))
	if depth < 2 && rapid.IntRange(0, 2).Draw(t, "nested") == 0 {
		add(`"provision":[` + drawProvision(t, depth+1, kinds...) + `]`)
	}
	return provision(rapid.SampledFrom(kinds).Draw(t, "type"), members, rapid.SliceOfN(someone, 0, 2).Draw(t, "actors")...)
}

// drawPolicies fills a memory with policies of the patients a and b.
func drawPolicies(t *rapid.T) *memory {
	m := &memory{}
	m.put(functionOf("x-msp", "Practitioner/x", msp, profession("10")))
	for _, of := range []string{"a", "b"} {
		m.put(patient(of, rapid.SampledFrom([]string{msp, pharmacy, outsider}).Draw(t, "owner")))
		for i := range rapid.IntRange(0, 2).Draw(t, "teams") {
			m.put(careTeam(fmt.Sprint("t", i, of), of, msp, admitting(rapid.SliceOfN(someone, 1, 3).Draw(t, "members")...)))
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "consents") {
			m.put(privacy(fmt.Sprint("c", i, of), of, msp, drawProvision(t, 0, "permit", "deny")))
		}
	}
	return m
}

func drawPrincipal(t *rapid.T) auth.Principal {
	who := care(rapid.SampledFrom([]string{msp, pharmacy, outsider}).Draw(t, "organisation"))
	who.Practitioner = rapid.SampledFrom([]string{"", "Practitioner/x"}).Draw(t, "practitioner")
	if who.Organization == msp {
		who.Role = rapid.SampledFrom([]string{"", "PractitionerRole/x-msp"}).Draw(t, "role")
	}
	who.Profession = rapid.SampledFrom([]string{"10", "21"}).Draw(t, "profession")
	who.Purpose = rapid.SampledFrom([]string{"TREAT", "ETREAT", "HRESCH"}).Draw(t, "purpose of use")
	return who
}

// visible asks about the records of each patient, of both and of none.
func visible(t *rapid.T, m *memory, who auth.Principal, moment time.Time) []bool {
	v, err := at(moment).View(t.Context(), who, "Observation")
	if err != nil {
		t.Fatal(err)
	}
	own := record("a")
	own.Contributor = who.Organization
	got, err := v.Sees(t.Context(), m, []fhir.Facts{record("a"), record("b"), record("a", "b"), record(), own})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Adding a deny, or a Consent that cannot be read, never makes anything more
// visible to anybody.
func TestPropertyDenyNeverOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, who := drawPolicies(t), drawPrincipal(t)
		before := visible(t, m, who, now)
		of := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "patient")
		deny := privacy("deny", of, outsider, drawProvision(t, 0, "deny"))
		if rapid.IntRange(0, 4).Draw(t, "damaged") == 0 {
			deny.Body = deny.Body[:rapid.IntRange(0, len(deny.Body)-1).Draw(t, "cut")]
		}
		m.put(deny)
		for i, after := range visible(t, m, who, now) {
			if after && !before[i] {
				t.Fatalf("record %d became visible by %s", i, deny.Body)
			}
		}
	})
}

// A record of two patients is visible exactly where both are, and one's own
// always is.
func TestPropertyStrictestOfBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, who := drawPolicies(t), drawPrincipal(t)
		got := visible(t, m, who, now.AddDate(0, 0, rapid.IntRange(-2, 2).Draw(t, "day")))
		if got[2] != (got[0] && got[1]) || got[3] || !got[4] {
			t.Fatalf("a %v, b %v, both %v, none %v, own %v", got[0], got[1], got[2], got[3], got[4])
		}
	})
}

// No write that is permitted lets the writer see a patient whom it may not see,
// unless all that is known of the patient is its own (A24).
func TestPropertyA24WritesDoNotOpen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, who := drawPolicies(t), drawPrincipal(t)
		before := visible(t, m, who, now)
		p := at(now)
		for range rapid.IntRange(1, 4).Draw(t, "writes") {
			after := privacy("w", "a", who.Organization, drawProvision(t, 0, "permit", "deny"))
			if rapid.Bool().Draw(t, "team") {
				after = careTeam("w", "a", who.Organization, admitting(rapid.SliceOfN(someone, 1, 2).Draw(t, "members")...))
			}
			var old *fhir.Resource
			for i, r := range m.resources {
				if r.Current() == after.Current() {
					old = &m.resources[i]
				}
			}
			if _, err := p.Write(t.Context(), who, m, old, &after); err == nil {
				m.put(after)
			}
		}
		resources, err := m.Policy(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if after := visible(t, m, who, now); after[0] && !before[0] && !p.compile("a", resources).solely(who.Organization) {
			t.Fatalf("%s opened the patient to itself", who.Organization)
		}
	})
}
