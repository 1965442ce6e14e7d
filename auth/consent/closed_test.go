package consent

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// versioned is a memory with a version of all policies.
type versioned struct {
	*memory
	version uint64
}

func (v *versioned) Version(context.Context) (uint64, bool, error) { return v.version, true, nil }

// What is remembered as closed is withheld, whoever asks, whenever, and whatever
// was changed since it was noted.
func TestPropertyClosedIsWithheld(t *testing.T) {
	asked, held, again := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		moment := now
		p := New(Config{Clock: func() time.Time { return moment }, Base: "https://gw.example/fhir", Defaults: rules})
		snap := &versioned{memory: drawPolicies(t), version: 1}
		drawAnybody := drawPrincipal
		if rapid.Bool().Draw(t, "functions") {
			w := drawWorld(t)
			snap.memory = w.render()
			drawAnybody = func(t *rapid.T) auth.Principal { return drawAsker(t, w) }
		}
		var facts []fhir.Facts
		for _, of := range [][]string{{"a"}, {"b"}, {"a", "b"}, nil} {
			for _, by := range []string{"Organization/labo", msp, pharmacy} {
				facts = append(facts, fhir.Facts{Key: fhir.Key{Type: rapid.SampledFrom([]string{"CarePlan", "Patient", "Observation"}).Draw(t, "type"), ID: "o"}, Patients: of, Contributor: by})
			}
		}
		kept := map[string]time.Time{} // what was ever closed, by key, version, contributor and patient, from when on
		people := make([]auth.Principal, 3)
		for i := range people {
			people[i] = drawAnybody(t)
		}
		for i := range 30 {
			moment = now.AddDate(0, 0, rapid.IntRange(-2, 2).Draw(t, "day"))
			who := rapid.SampledFrom(people).Draw(t, "who")
			if rapid.IntRange(0, 4).Draw(t, "change") == 0 {
				of := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "of")
				snap.put(careTeam(fmt.Sprint("later", i), of, msp, admitting(someone.Draw(t, "member"))))
				snap.version++
			}
			fresh, err := at(moment).View(t.Context(), who, "CarePlan")
			if err != nil {
				t.Fatal(err)
			}
			seen, err := fresh.Sees(t.Context(), snap.memory, facts)
			if err != nil {
				t.Fatal(err)
			}
			v, err := p.View(t.Context(), who, "CarePlan")
			if err != nil {
				t.Fatal(err)
			}
			closed, err := v.(fhir.Closing).Closed(t.Context(), snap)
			if err != nil {
				t.Fatal(err)
			}
			for k := range facts {
				for _, patient := range facts[k].Patients {
					if asked++; closed.Closes == nil || !closed.Closes(facts[k].Contributor, []byte(patient)) {
						continue
					}
					if held++; seen[k] {
						t.Fatalf("%+v sees %+v at %s, and %s is closed", who, facts[k], moment, patient)
					}
					name := fmt.Sprint(closed.Key, snap.version, facts[k].Contributor, patient)
					if since, known := kept[name]; !known || closed.At.Before(since) {
						kept[name] = closed.At
					}
				}
				for _, patient := range facts[k].Patients {
					since, known := kept[fmt.Sprint(closed.Key, snap.version, facts[k].Contributor, patient)]
					if known = known && closed.Key != "" && !moment.Before(since); known && seen[k] {
						t.Fatalf("%+v sees %+v at %s, and %s was closed to the same key at %s", who, facts[k], moment, patient, since)
					} else if known && !moment.Equal(since) {
						again++
					}
				}
			}
			if _, err := v.Sees(t.Context(), snap, facts); err != nil {
				t.Fatal(err)
			}
		}
	})
	if held*30 < asked || again < 100 {
		t.Errorf("only %d of %d are closed, %d at another time: the draw proves little", held, asked, again)
	}
}

// C05: what was closed opens with the next request after a change, and where the
// store cannot tell of changes nothing is closed.
func TestClosedUntilTheNextChange(t *testing.T) {
	snap := &versioned{memory: &memory{}, version: 1}
	snap.put(patient("a", "Organization/hopital"))
	p, who := at(now), physician(msp)
	ask := func(s fhir.Snapshot) bool {
		v, err := p.View(t.Context(), who, "CarePlan")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Sees(t.Context(), s, []fhir.Facts{record("a")}); err != nil {
			t.Fatal(err)
		}
		closed, err := v.(fhir.Closing).Closed(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return closed.Closes != nil && closed.Closes("Organization/labo", []byte("a"))
	}
	if ask(snap.memory) || !ask(snap) || ask(snap.memory) {
		t.Error("closed without a version, or open with one")
	}
	snap.put(careTeam("t", "a", "Organization/hopital", admitting(msp)))
	if snap.version++; ask(snap) {
		t.Error("closed to a member")
	}
}

// What opens a record without a change of any policy: another profession of the
// same person, a function that begins, a period.
func TestClosedToNobodyElse(t *testing.T) {
	person := care(msp)
	person.Practitioner, person.Profession = "Practitioner/x", "10"
	for name, tt := range map[string]struct {
		policies []fhir.Resource
		then     func(*auth.Principal)
		days     int
	}{
		"profession": {[]fhir.Resource{privacy("c", "a", "Organization/hopital", provision("permit", `"actor":[{"role":`+`{"coding":[{"code":"IRCP"},{"system":"`+professionSystems[0]+`","code":"10"}]}`+`,"reference":{"reference":"Organization/msp"}}]`))},
			func(p *auth.Principal) { p.Profession = "10" }, 0},
		"function": {[]fhir.Resource{functionOf("f", "Practitioner/x", msp, `"period":{"start":"2026-01-16"},`+profession("10")), careTeam("t", "a", "Organization/hopital", admitting("PractitionerRole/f"))}, nil, 1},
		"period":   {[]fhir.Resource{careTeam("t", "a", "Organization/hopital", `"period":{"start":"2026-01-16"},`+admitting(msp))}, nil, 1},
		"purpose":  {[]fhir.Resource{careTeam("t", "a", "Organization/hopital", admitting(msp))}, nil, 0},
	} {
		moment, who := now, person
		switch name {
		case "profession":
			who.Profession = "21"
		case "purpose":
			who.Purpose = auth.PurposeBreakTheGlass
			tt.then = func(p *auth.Principal) { p.Purpose = auth.PurposeTreatment }
		}
		p := New(Config{Clock: func() time.Time { return moment }, Base: "https://gw.example/fhir", Defaults: rules})
		snap := &versioned{memory: &memory{}, version: 1}
		snap.put(patient("a", "Organization/hopital"))
		for _, r := range tt.policies {
			snap.put(r)
		}
		ask := func() (seen, closed bool) {
			v, err := p.View(t.Context(), who, "CarePlan")
			if err != nil {
				t.Fatal(err)
			}
			all, err := v.Sees(t.Context(), snap, []fhir.Facts{record("a")})
			if err != nil {
				t.Fatal(err)
			}
			f, err := v.(fhir.Closing).Closed(t.Context(), snap)
			if err != nil {
				t.Fatal(err)
			}
			return all[0], f.Closes != nil && f.Closes("Organization/labo", []byte("a"))
		}
		if seen, _ := ask(); seen {
			t.Errorf("%s: seen at first", name)
		}
		if moment = moment.AddDate(0, 0, tt.days); tt.then != nil {
			tt.then(&who)
		}
		if seen, closed := ask(); !seen || closed {
			t.Errorf("%s: seen %v, closed %v", name, seen, closed)
		}
	}
}

// What is remembered is bounded over all identities.
func TestClosingsAreBounded(t *testing.T) {
	c := closings{most: 1000}
	for i := range 10_000 {
		c.put(fmt.Sprint("identity", i%7), 1, time.Time{}, []string{fmt.Sprint(i), fmt.Sprint(i + 1)})
		n := len(c.held)
		for _, h := range c.held {
			n += len(h.known) + len(h.fresh)
		}
		if n > 1000 {
			t.Fatalf("%d are remembered", n)
		}
	}
	if len(c.get("identity3", 1, now)) == 0 {
		t.Error("nothing is remembered")
	}
}

// What is noted again and again is known before long, takes its room once, and
// gives it back with its version.
func TestClosingsSettle(t *testing.T) {
	c := closings{most: 1000}
	many := make([]string, 400)
	for i := range many {
		many[i] = fmt.Sprint("many", i)
	}
	c.put("somebody", 1, time.Time{}, many)
	for i := range 200 {
		if c.put("somebody", 1, time.Time{}, []string{"late"}); len(c.get("somebody", 1, now)) == 401 {
			break
		} else if i == 199 {
			t.Error("what is asked for again is not known")
		}
	}
	for version := range uint64(50) {
		c.put("somebody", version, time.Time{}, many)
	}
	if c.size != 401 || len(c.held) != 1 {
		t.Errorf("%d, of %d identities", c.size, len(c.held))
	}
	c.put("somebody", 3, time.Time{}, []string{"of a search that has taken long"})
	if c.size != 401 || c.held["somebody"].version != 49 {
		t.Errorf("%d, of version %d", c.size, c.held["somebody"].version)
	}
}

// A Closure holds from the moment on at which it was asked for: who was a member
// until then saw the record before.
func TestClosedFromThenOn(t *testing.T) {
	moment := now
	p := New(Config{Clock: func() time.Time { return moment }, Base: "https://gw.example/fhir", Defaults: rules})
	snap, who := &versioned{memory: &memory{}, version: 1}, physician(msp)
	snap.put(patient("a", "Organization/hopital"))
	snap.put(careTeam("t", "a", "Organization/hopital", `"period":{"end":"2026-01-14"},`+admitting(msp)))
	for days, want := range map[int]bool{-2: true, 0: false} {
		moment = now.AddDate(0, 0, days)
		v, err := p.View(t.Context(), who, "CarePlan")
		if err != nil {
			t.Fatal(err)
		}
		if seen, err := v.Sees(t.Context(), snap, []fhir.Facts{record("a")}); err != nil || seen[0] != want {
			t.Fatalf("at %s: %v, %v", moment, seen, err)
		}
	}
	moment = now
	v, err := p.View(t.Context(), who, "CarePlan")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := v.(fhir.Closing).Closed(t.Context(), snap); err != nil || c.Key == "" || !c.Closes("Organization/labo", []byte("a")) || !c.At.Equal(now) {
		t.Errorf("%+v, %v", c, err)
	}
}
