package writer_test

import (
	"crypto/sha256"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda/writer"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// files are the bytes that a conversion took out of a document, with how often.
func files(c adapters.Conversion, original []byte) map[[32]byte]int {
	list := map[[32]byte]int{}
	for _, change := range c.Changes {
		if change.Key.Type == "Binary" && string(change.Content) != string(original) {
			list[sha256.Sum256(change.Content)]++
		}
	}
	return list
}

// TestFilesStay: every file in a document, the whole of one that is a scan as well, is
// in the one that is written, byte for byte.
func TestFilesStay(t *testing.T) {
	own, _ := filepath.Glob("../testdata/*.golden.json")
	for i := range own {
		own[i] = strings.TrimSuffix(own[i], ".golden.json") + ".xml"
	}
	seen := 0
	check := func(t *testing.T, names []string) {
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			first := read(t, data)
			out := writeWith(t, bundle(t, first), first.Changes)
			inOrder(t, out, false)
			before, after := files(first, data), files(read(t, out), out)
			seen += len(before)
			if !maps.Equal(before, after) {
				t.Errorf("%s: %d files became %d others", name, len(before), len(after))
			}
		}
	}
	t.Run("own", func(t *testing.T) { check(t, own) })
	if seen < 6 {
		t.Errorf("only %d files were compared", seen)
	}
	t.Run("published", func(t *testing.T) { check(t, adaptertest.Shared(t, "samples/cda/fr/*.xml")) })
}

// TestFilesOfRecords: $cda embeds the files that the caller may read, and says nothing
// of the others.
func TestFilesOfRecords(t *testing.T) {
	reference := func(id string) string {
		return `{"resourceType":"DocumentReference","id":"` + id + `","status":"current","subject":{"reference":"Patient/p"},"content":[{"attachment":{"contentType":"image/png","url":"Binary/` + id + `"}}]}`
	}
	repo := adaptertest.NewRecords(t,
		`{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"247050001203496"}]}`,
		`{"resourceType":"Composition","id":"d","status":"final","subject":{"reference":"Patient/p"},"date":"2026-03-02T11:20:00+01:00","title":"Lettre","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},
			"section":[{"title":"Pièces","entry":[{"reference":"DocumentReference/open"},{"reference":"DocumentReference/closed"}]}]}`,
		reference("open"), reference("closed"),
		`{"resourceType":"Binary","id":"open","contentType":"image/png","data":"iVBORw0KGgo="}`,
		`{"resourceType":"Binary","id":"closed","contentType":"image/png","data":"U0VDUkVU"}`)
	repo.Withheld = map[fhir.Key]bool{{Type: "Binary", ID: "closed"}: true}
	answer, err := export(repo).Operation().Handle(t.Context(), rest.Call{Key: fhir.Key{Type: "Composition", ID: "d"}})
	if err != nil {
		t.Fatal(err)
	}
	out := xmlOf(t, answer.Resource)
	if !strings.Contains(out, "iVBORw0KGgo=") || strings.Contains(out, "U0VDUkVU") || strings.Contains(out, "Binary/") {
		t.Errorf("%s", out)
	}
}

// TestTeamOfPlan: who is in the care team of a plan, and named nowhere else, is a
// participant of the header; a team that is an entry is one.
func TestTeamOfPlan(t *testing.T) {
	practitioner := func(id, name string) string {
		return `{"resourceType":"Practitioner","id":"` + id + `","identifier":[{"system":"https://rpps.esante.gouv.fr","value":"8999000000` + id + `"}],"name":[{"family":"` + name + `"}]}`
	}
	team := func(id string) string {
		return `{"resourceType":"CareTeam","id":"` + id + `","status":"active","subject":{"reference":"Patient/p"},"participant":[{"member":{"reference":"Practitioner/1"},"period":{"start":"2026-01-05"}},
			{"role":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction","code":"PCP"}]}],"member":{"reference":"Practitioner/2"}}]}`
	}
	plan := `{"resourceType":"CarePlan","id":"c","status":"active","intent":"plan","subject":{"reference":"Patient/p"},"careTeam":[{"reference":"CareTeam/t"}]}`
	out, err := writer.Write(recorded(t, practitioner("1", "INFIRMIER"), practitioner("2", "MÉDECIN"), team("t"), plan), writer.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	inOrder(t, out, false)
	for _, want := range []string{`<participant typeCode="PRF">`, `code="353"`, `<low value="20260105"/>`, `functionCode code="PCP"`, "INFIRMIER", "MÉDECIN"} {
		if strings.Count(string(out), want) == 0 {
			t.Errorf("without %s\n%s", want, out)
		}
	}
	out, err = writer.Write(recorded(t, practitioner("1", "INFIRMIER"), practitioner("2", "MÉDECIN"), team("team")), writer.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), `<participant`) || strings.Count(string(out), "INFIRMIER") != 1 {
		t.Errorf("%s", out)
	}
	var types []string
	for _, change := range read(t, out).Changes {
		types = append(types, change.Key.Type)
		if change.Key.Type == "CareTeam" && strings.Count(string(change.Body), `"member"`) != 2 {
			t.Errorf("%s", change.Body)
		}
	}
	if !slices.Contains(types, "CareTeam") {
		t.Errorf("%v", types)
	}
}
