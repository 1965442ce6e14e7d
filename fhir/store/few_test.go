package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// A code without its system is found in each system that has it, in the order of
// ids: in one, in two, and in more than are looked for.
func TestCodeWithoutSystem(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	var want = map[string][]string{}
	for i := range 60 {
		id := fmt.Sprintf("o%02d", (i*37)%60)
		codings := ""
		add := func(code string, systems int) {
			if codings != "" {
				codings += ","
			}
			codings += fmt.Sprintf(`{"system":"urn:s%d","code":"%s"}`, i%systems, code)
			want[code] = append(want[code], id)
		}
		add("one", 1)
		add("two", 2)
		add("many", 30)
		if i%2 == 0 {
			add("half", 40)
		}
		body := fmt.Appendf(nil, `{"resourceType":"Observation","id":"%s","status":"final","code":{"coding":[%s]}}`, id, codings)
		if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: id}, Body: body, Contributor: "Organization/o"}}); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(query string, want []string) {
		t.Helper()
		var got []string
		for _, page := range walkPages(t, s, parse(t, reg, "Observation?"+query), 20) {
			for _, m := range page.Matches {
				got = append(got, m.ID)
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
		if page := walkPages(t, s, parse(t, reg, "Observation?"+query+"&_summary=count"), 1)[0]; page.Total != len(want) {
			t.Errorf("%s: counts %d, want %d", query, page.Total, len(want))
		}
	}
	for code, ids := range want {
		ask("code="+code+"&_count=7", ids)
		ask("combo-code="+code+"&_count=7", ids)
		ask("code="+code+"&status=final&_count=7", ids)
		ask("code="+code+",two&_count=7", want["two"])
		ask("code="+code+"&code=half&_count=7", want["half"])
	}
	ask("code=none", nil)
	ask("code=on", nil)
	ask("code=urn:s0|one&_count=9", want["one"])
	ask("code=urn:s0|&_count=9", want["one"])
	ask("code=urn:s29|&_count=9", []string{"o23", "o53"})
}

// A bare id is looked for with each type, whichever resources refer to.
func TestBareIDs(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	for i, target := range []string{"Patient/a", "Observation/a", "Task/b", "Patient/c", "Patient/c/_history/2"} {
		body := fmt.Appendf(nil, `{"resourceType":"Provenance","id":"v%d","target":[{"reference":"%s"}],"recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"display":"x"}}]}`, i, target)
		if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Provenance", ID: fmt.Sprint("v", i)}, Body: body, Contributor: "Organization/o"}}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"target=a": "v0 v1", "target=b": "v2", "target=a,c": "v0 v1 v3 v4", "target=d": "", "target=Task/b": "v2", "target=Patient/b": "", "target=a&target=a,b": "v0 v1",
	} {
		got := ""
		for _, m := range walkPages(t, s, parse(t, reg, "Provenance?"+query), 1)[0].Matches {
			got = strings.TrimSpace(got + " " + m.ID)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
