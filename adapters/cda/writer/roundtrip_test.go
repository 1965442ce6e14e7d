package writer_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/adapters/cda/writer"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// read converts a CDA document.
func read(t testing.TB, data []byte) adapters.Conversion {
	t.Helper()
	c, err := cda.Adapter{}.Convert(t.Context(), adaptertest.Input(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return c
}

// bundle is the document of a conversion: what $document would answer with.
func bundle(t testing.TB, c adapters.Conversion) *document.Bundle {
	t.Helper()
	b := &document.Bundle{Timestamp: adaptertest.Now}
	for _, change := range c.Changes {
		switch change.Key.Type {
		case "Binary", "Provenance":
			continue
		}
		doc, err := fhirjson.ParseLimits(change.Body, fhirjson.Limits{Bytes: 100 << 20})
		if err != nil {
			t.Fatal(err)
		}
		entry := document.Entry{FullURL: change.FullURL, Doc: doc}
		if change.Key.Type == "Composition" {
			b.Entries = append([]document.Entry{entry}, b.Entries...)
		} else {
			b.Entries = append(b.Entries, entry)
		}
	}
	return b
}

func write(t testing.TB, b *document.Bundle) []byte {
	t.Helper()
	return writeWith(t, b, nil)
}

// writeWith writes a document whose files are those of a conversion.
func writeWith(t testing.TB, b *document.Bundle, of []fhir.Change) []byte {
	t.Helper()
	out, err := writer.Write(b, writer.Sources{File: func(url string) ([]byte, bool) {
		for _, change := range of {
			if change.Key.Type == "Binary" && (url == change.FullURL || url == change.Key.Type+"/"+change.Key.ID) {
				return change.Content, len(change.Content) > 0
			}
		}
		return nil, false
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// resources are those of a conversion as Go values, by label. A label is the
// same for the same resource of two conversions: its id where that is derived
// from an id in the document, its first identifier, or else its place among
// those of its type.
func resources(t testing.TB, c adapters.Conversion, same map[string]bool) map[string]any {
	t.Helper()
	label, count := map[string]string{}, map[string]int{}
	for _, change := range c.Changes {
		typ := change.Key.Type
		var body struct {
			Identifier []struct{ System, Value string }
		}
		json.Unmarshal(change.Body, &body)
		switch {
		case typ == "Composition":
			label[change.FullURL] = typ
		case same[change.FullURL]:
			label[change.FullURL] = change.FullURL
		case len(body.Identifier) > 0 && change.IfNoneExist != nil:
			label[change.FullURL] = typ + " " + body.Identifier[0].System + "|" + body.Identifier[0].Value
		default:
			count[typ]++
			label[change.FullURL] = fmt.Sprintf("%s %d", typ, count[typ])
		}
	}
	all := map[string]any{}
	for _, change := range c.Changes {
		switch change.Key.Type {
		case "Binary", "Provenance":
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(change.Body, &v); err != nil {
			t.Fatal(err)
		}
		delete(v, "id")
		if meta, ok := v["meta"].(map[string]any); ok {
			delete(meta, "source")
		}
		if !isUnwritten(label[change.FullURL]) {
			all[label[change.FullURL]] = prune(relabel(v, label))
		}
	}
	return all
}

// relabel puts labels into the references of a value.
func relabel(v any, label map[string]string) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if s, ok := member.(string); ok && name == "reference" && label[s] != "" {
				v[name] = label[s]
				continue
			}
			v[name] = relabel(member, label)
		}
	case []any:
		for i := range v {
			v[i] = relabel(v[i], label)
		}
		sort.SliceStable(v, func(i, j int) bool { return order(v[i]) < order(v[j]) })
	}
	return v
}

// order is what extensions and labels are put in order by: theirs means nothing.
func order(v any) string {
	m, _ := v.(map[string]any)
	if url, ok := m["url"].(string); ok {
		return url + text(v)
	}
	return ""
}

// differences lists what is in one value and not in the other, by path without
// indices.
func differences(path string, a, b any, add func(path, a, b string)) {
	switch a := a.(type) {
	case map[string]any:
		m, ok := b.(map[string]any)
		if !ok {
			break
		}
		names := map[string]bool{}
		for name := range a {
			names[name] = true
		}
		for name := range m {
			names[name] = true
		}
		for name := range names {
			differences(path+"."+name, a[name], m[name], add)
		}
		return
	case []any:
		list, ok := b.([]any)
		if !ok {
			break
		}
		for i := range max(len(a), len(list)) {
			var x, y any
			if i < len(a) {
				x = a[i]
			}
			if i < len(list) {
				y = list[i]
			}
			differences(path, x, y, add)
		}
		return
	}
	x, y := text(a), text(b)
	if x != y {
		add(path, x, y)
	}
}

func text(v any) string {
	if v == nil {
		return ""
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// permitted are the differences that a round trip may make, as a difference
// prints, each with its reason. Everything else is a loss.
var permitted = []struct {
	line *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`^DocumentReference\.(masterIdentifier|content\.attachment\.(size|hash|url))`), "it is another document, with an id and bytes of its own"},
	{regexp.MustCompile(`^(DocumentReference\.identifier|Composition\.extension):  → .*(urn:ietf:rfc:3986|extension-Composition\.version)`), "the CI-SIS wants setId and versionNumber of all documents"},
	{regexp.MustCompile(`^Composition(\.section)+\.id:  → `), "the CI-SIS wants an id of all sections"},
	{regexp.MustCompile(`^Composition(\.section)+\.text:  → .*"generated"`), "a section without text or entries shows its title"},
	{regexp.MustCompile(`^\w+\.identifier:  → .*"urn:uuid:`), "entries, and acts of concern, want an id"},
	{regexp.MustCompile(`\.(security|securityLabel\.coding)\.display: `), "labels have their name in French"},
	{regexp.MustCompile(`^(Condition|AllergyIntolerance)\.extension:  → .*concern-status`), "an act of concern has a state"},
	{regexp.MustCompile(`^(CarePlan\.careTeam: .* → $|CareTeam is gone)`), "a VSM is no plan as a whole"},
	{regexp.MustCompile(`^Organization\.type: .* → $`), "an organisation is of one class"},
	{regexp.MustCompile(`^AllergyIntolerance\._type.*:  → .*source-coding`), "the type of an allergy has a code of SNOMED CT"},
	{regexp.MustCompile(`_priority.*:  → .*source-coding`), "a priority has a code of ActPriority"},
	{regexp.MustCompile(`^AllergyIntolerance\.reaction\._severity.*:  → .*source-coding`), "a severity has a code of SNOMED CT"},
	{regexp.MustCompile(`^DocumentReference\.category:  → .*"55107-7"`), "an attached document wants a code"},
	{regexp.MustCompile(`^Immunization\.extension:  → .*"IMMUNIZ"`), "a vaccination wants a code"},
}

func isPermitted(line string) bool {
	for _, p := range permitted {
		if p.line.MatchString(line) {
			return true
		}
	}
	return false
}

// unwritten are the types that have no entry here, and stay in the narrative
// (docs/formats/cda-out.md). They, and what is only there for them, are not
// compared.
var unwritten = []string{"QuestionnaireResponse", "Media"}

// prune takes out of a value the references to what is not written, what R4 has
// no element for, and the traces of pictures in a narrative. It returns nil for
// what is empty then.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v["url"] == adapters.Canonical+"/StructureDefinition/cda-element" || v["valueString"] == "1" && v["url"] == "http://hl7.org/fhir/5.0/StructureDefinition/extension-Composition.version" {
			return nil
		}
		if list, ok := v["entry"].([]any); ok { // what a goal holds comes behind it
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		}
		if s, ok := v["reference"].(string); ok && isUnwritten(s) {
			return nil
		}
		for name, member := range v {
			if div, ok := member.(string); ok && name == "div" {
				v[name] = strings.Join(strings.Fields(strings.NewReplacer(` class="media"`, "", "> ", ">", " <", "<", ">\n", ">", "\n<", "<").Replace(div)), " ")
				continue
			}
			if v[name] = prune(member); v[name] == nil {
				delete(v, name)
			}
		}
		if url, ok := v["url"]; len(v) == 0 || ok && url != nil && len(v) == 1 {
			return nil
		}
		return v
	case []any:
		kept := v[:0:0]
		for _, item := range v {
			if item = prune(item); item != nil {
				kept = append(kept, item)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	}
	return v
}

func isUnwritten(label string) bool {
	typ, _, _ := strings.Cut(strings.ReplaceAll(label, "/", " "), " ")
	return slices.Contains(unwritten, typ)
}

// reachable are the labels of what the Composition refers to, and so on.
func reachable(all map[string]any) map[string]bool {
	seen, wave := map[string]bool{"Composition": true}, []string{"Composition"}
	for len(wave) > 0 {
		var walk func(any)
		next := wave[:0:0]
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if s, ok := v["reference"].(string); ok && !seen[s] {
					seen[s] = true
					next = append(next, s)
				}
				for _, m := range v {
					walk(m)
				}
			case []any:
				for _, m := range v {
					walk(m)
				}
			}
		}
		for _, name := range wave {
			walk(all[name])
		}
		wave = next
	}
	return seen
}

// roundTrip reads, writes and reads again, and returns what differs.
func roundTrip(t *testing.T, data []byte) (out []byte, lost []string) {
	t.Helper()
	first := read(t, data)
	out = writeWith(t, bundle(t, first), first.Changes)
	inOrder(t, out, false)
	second := read(t, out)
	same := map[string]bool{}
	for _, x := range first.Changes {
		same[x.FullURL] = contains(second, x.FullURL)
	}
	a, b := resources(t, first, same), resources(t, second, same)
	in := reachable(a)
	for name := range a {
		if !in[name] {
			continue
		}
		typ, _, _ := strings.Cut(strings.ReplaceAll(name, "/", " "), " ")
		if b[name] == nil {
			if line := typ + " is gone: " + name; !isPermitted(line) {
				lost = append(lost, line)
			}
			continue
		}
		differences(typ, a[name], b[name], func(path, x, y string) {
			if line := fmt.Sprintf("%s: %.400s → %.400s", path, x, y); !isPermitted(line) {
				lost = append(lost, line)
			}
		})
	}
	for name := range b {
		if a[name] == nil {
			lost = append(lost, "new: "+name)
		}
	}
	sort.Strings(lost)
	return out, lost
}

func contains(c adapters.Conversion, url string) bool {
	for _, change := range c.Changes {
		if change.FullURL == url {
			return true
		}
	}
	return false
}

func TestRoundTrip(t *testing.T) {
	own, err := filepath.Glob("../testdata/*.xml")
	if err != nil || len(own) == 0 {
		t.Fatal("no documents", err)
	}
	for _, name := range own {
		if strings.HasPrefix(filepath.Base(name), "refused") {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) { checkRoundTrip(t, name) })
	}
}

func checkRoundTrip(t *testing.T, name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out, lost := roundTrip(t, data)
	if dir := os.Getenv("CDA_OUT"); dir != "" {
		os.WriteFile(filepath.Join(dir, filepath.Base(name)), out, 0o600)
	}
	for _, l := range lost {
		t.Error(l)
	}
}

// TestRoundTripOfSamples does the same with the published documents.
func TestRoundTripOfSamples(t *testing.T) {
	for _, name := range adaptertest.Shared(t, "samples/cda/fr/*.xml") {
		t.Run(filepath.Base(name), func(t *testing.T) { checkRoundTrip(t, name) })
	}
}
