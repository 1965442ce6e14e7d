package search

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// examples calls f with every published example, where they have been unpacked.
func examples(t *testing.T, f func(name, typ string, root fhirjson.Node)) {
	dir := os.Getenv("FHIR_R4_PACKAGE")
	if dir == "" {
		t.Skip("FHIR_R4_PACKAGE does not name the unpacked npm package hl7.fhir.r4.examples 4.0.1 (see fhir/r4/gen/README.md)")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhirjson.Parse(text)
		if err != nil {
			continue // package.json and the like are not FHIR
		}
		if typ := doc.Root().Get("resourceType").Text(); tables.IsResource(typ) {
			f(filepath.Base(name), typ, doc.Root())
		}
	}
}

// Every published example has index rows that keep what the package promises a
// store: sorted, single, short, without a zero byte.
func TestExamplesExtract(t *testing.T) {
	r, resources, total, longest := registry(t), 0, 0, 0
	examples(t, func(name, typ string, root fhirjson.Node) {
		entries, err := r.Extract(typ, root)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		resources, total = resources+1, total+len(entries)
		for i, e := range entries {
			longest = max(longest, len(e.Value))
			if e.Param == ContainedParam() {
				continue // come last, in the order of what is contained
			}
			if len(e.Value) > MaxValue || bytes.IndexByte(e.Value, 0) >= 0 || len(e.Value) < 2 && e.Value[0] != wordMore {
				t.Errorf("%s: %s: %q", name, e.Param.Code, e.Value)
			}
			if i > 0 && (entries[i-1].Param.Code > e.Param.Code || entries[i-1].Param == e.Param && bytes.Compare(entries[i-1].Value, e.Value) >= 0) {
				t.Errorf("%s: %s is not after %s", name, e.Param.Code, entries[i-1].Param.Code)
			}
		}
	})
	t.Logf("%d resources, %d rows, longest %d bytes", resources, total, longest)
}

// Every value that was indexed is found by a search for it.
func TestExamplesFindThemselves(t *testing.T) {
	r, searches := registry(t), 0
	examples(t, func(name, typ string, root fhirjson.Node) {
		entries, _ := r.Extract(typ, root)
		for _, e := range entries {
			if e.Param.Type == Special {
				continue
			}
			modifier, value := query(e.Value)
			if value == "" {
				continue
			}
			searches++
			p, err := r.Compile(typ, fhir.Param{Code: e.Param.Code, Modifier: modifier, Values: []string{value}})
			if err != nil || !p.Matches(entries) {
				t.Errorf("%s: %s:%s=%s: %v", name, e.Param.Code, modifier, value, err)
			}
		}
	})
	t.Logf("%d searches", searches)
}

var escaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `,`, `\,`, `$`, `\$`)

// query is a search for the row, or nothing.
func query(v []byte) (modifier, value string) {
	parts := strings.Split(string(v[1:]), "\x01")
	for i := range parts {
		if strings.Contains(parts[i], "\xff") || strings.Contains(parts[i], "\x02") {
			return "", ""
		}
		parts[i] = escaper.Replace(parts[i])
	}
	switch v[0] {
	case tokenCode, refKey, refVersion, uriWhole:
		return "", parts[0]
	case tokenPair, tokenPlain:
		return "", parts[1] + "|" + parts[0]
	case tokenOfType:
		return "of-type", parts[0] + "|" + parts[1] + "|" + parts[2]
	case tokenText:
		return "text", parts[0]
	case refIdentifier:
		return "identifier", parts[0]
	case refPair:
		return "identifier", parts[0] + "|" + parts[1]
	case uriVersion:
		return "", strings.ReplaceAll(parts[0], `\|`, "|") + "|" + parts[1]
	case stringWhole:
		if parts[1] != "" {
			return "exact", parts[1]
		}
		return "", parts[0]
	case dateShort:
		return "", "ge" + showInstant(v[1:10])
	case numberPoint:
		return "", showNumber(v[1:])
	}
	return "", ""
}
