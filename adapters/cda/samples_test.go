package cda_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// page is where the table of samples stands that the counts are compared with;
// -update writes it.
const page = "../../docs/formats/cda.md"

// TestSamples converts published documents, where they are, and the look-alikes
// of the project: all come through, every run of text is mapped or narrative, at
// least nine in ten coded values of entries are in an element or extension made
// for them, and docs/formats/cda.md says how many.
func TestSamples(t *testing.T) {
	rows := tableOf(t)
	for _, pattern := range []string{"samples/cda/*/*", ""} {
		t.Run(path.Join("shared", pattern), func(t *testing.T) {
			names, _ := filepath.Glob("testdata/*.golden.json")
			if pattern != "" {
				names = adaptertest.Shared(t, pattern)
			}
			for _, name := range names {
				name = strings.TrimSuffix(name, ".golden.json")
				if pattern == "" {
					name += ".xml"
				}
				t.Run(filepath.Base(name), func(t *testing.T) { sample(t, name, rows) })
			}
		})
	}
	if updating() {
		writeTable(t, rows)
	}
}

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

func sample(t *testing.T, name string, rows map[string]string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := adaptertest.Check(t, cda.Adapter{}, adaptertest.Input(data)); err != nil {
		if filepath.Base(name) == "care-team-organizer.xml" { // a fragment, with a prefix that it does not declare
			return
		}
		t.Fatal(err)
	}
	c := nothingIsLost(t, name)
	n := count(t, c)
	if n.lost > 0 {
		t.Errorf("%d runs of text are in the original only", n.lost)
	}
	if n.codes*10 < n.coded*9 {
		t.Errorf("%d of %d coded values of entries are mapped", n.codes, n.coded)
	}
	if row := n.row(filepath.Base(name)); updating() {
		rows[filepath.Base(name)] = row
	} else if rows[filepath.Base(name)] != row {
		t.Errorf("docs/formats/cda.md says\n%s\nwant\n%s\nsee with -update", rows[filepath.Base(name)], row)
	}
}

// counts are what became of one document.
type counts struct {
	adapters.Counts
	resources int
	coded     int // coded values in entries
	codes     int // of them in an element or extension made for them
	asIs      int // items that are in an extension as they stand
	lost      int // runs of text that are in the original only
}

func (n counts) row(name string) string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d/%d | %d |", name, n.resources, n.Mapped, n.Narrative, n.NotUnderstood, n.codes, n.coded, n.asIs)
}

var (
	inEntry = regexp.MustCompile(`/entry(\[\d+\])?/`)
	isText  = regexp.MustCompile(`/text\(\)(\[\d+\])?$`)
	ofRoot  = regexp.MustCompile(`^\w+\.extension\[(\d+)\]\.`)
)

func count(t *testing.T, c adapters.Conversion) counts {
	n := counts{Counts: c.Report.Counts(), resources: len(c.Changes)}
	asIs := extensionsAsIs(t, c)
	for _, item := range c.Report.Items {
		at := ofRoot.FindString(item.Path)
		kept := at != "" && asIs[item.Resource+" "+at]
		if kept {
			n.asIs++
		}
		if isText.MatchString(item.Source) && item.Kind != adapters.KindMedia && item.Fate == adapters.NotUnderstood {
			n.lost++
		}
		if inEntry.MatchString(item.Source) && item.Kind == adapters.KindCode {
			n.coded++
			if item.Fate == adapters.Mapped && !kept {
				n.codes++
			}
		}
	}
	return n
}

// extensionsAsIs are the paths of the extensions that hold what has no place of
// its own, by resource.
func extensionsAsIs(t *testing.T, c adapters.Conversion) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, change := range c.Changes {
		i := 0
		for e := range parse(t, change).Root().Get("extension").Items() {
			if e.Get("url").Text() == adapters.Canonical+"/StructureDefinition/cda-element" {
				found[fmt.Sprintf("%s %s.extension[%d].", change.FullURL, change.Key.Type, i)] = true
			}
			i++
		}
	}
	return found
}

// tableOf reads the rows of the table by document.
func tableOf(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if cells := strings.Split(line, "|"); len(cells) == 9 && strings.Contains(cells[6], "/") {
			rows[strings.TrimSpace(cells[1])] = strings.TrimSpace(line)
		}
	}
	return rows
}

// writeTable puts the rows in the place of those that are there.
func writeTable(t *testing.T, rows map[string]string) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(data), "<!-- samples -->\n")
	old, tail, ended := strings.Cut(rest, "\n\n")
	if !found || !ended {
		t.Fatalf("no table of samples in %s", page)
	}
	lines := strings.SplitN(old, "\n", 3)[:2]
	names := slices.SortedFunc(maps.Keys(rows), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for _, name := range names {
		lines = append(lines, rows[name])
	}
	if err := os.WriteFile(page, []byte(head+"<!-- samples -->\n"+strings.Join(lines, "\n")+"\n\n"+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// divs returns the narrative of every section.
func divs(t *testing.T, c adapters.Conversion) []string {
	t.Helper()
	var list []string
	for _, change := range c.Changes {
		if change.Key.Type != "Composition" {
			continue
		}
		doc := parse(t, change)
		var walk func(n fhirjson.Node)
		walk = func(n fhirjson.Node) {
			for s := range n.Get("section").Items() {
				if div := s.Get("text").Get("div"); div.Exists() {
					list = append(list, div.Text())
				}
				walk(s)
			}
		}
		walk(doc.Root())
	}
	return list
}

func parse(t *testing.T, change fhir.Change) *fhirjson.Doc {
	t.Helper()
	doc, err := fhirjson.ParseLimits(fhir.Whole(change.Body, change.Content), fhirjson.Limits{Bytes: 100 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
