package adaptertest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// Golden checks every document that matches the pattern and compares what it
// becomes with the files beside it: NAME.golden.json, the transaction, with
// NAME.mapping.txt, a line for each item, or else NAME.refused.txt. With -update
// it writes them; the diff is the review.
func Golden(t *testing.T, a adapters.Adapter, pattern string) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no document matches %s: %v", pattern, err)
	}
	for _, name := range names {
		stem := strings.TrimSuffix(name, filepath.Ext(name))
		t.Run(filepath.Base(stem), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Check(t, a, Input(data))
			if err != nil {
				compare(t, stem+".refused.txt", refusal(err))
				return
			}
			compare(t, stem+".golden.json", bundle(t, c))
			compare(t, stem+".mapping.txt", mapping(&c.Report))
		})
	}
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs at line %d; see with -update and git diff", name, firstDifference(got, want))
	}
}

func firstDifference(a, b []byte) int {
	line := 1
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '\n' {
			line++
		}
	}
	return line
}

// bundle renders the transaction as a Bundle, with the bytes of a Binary as
// their SHA-256.
func bundle(t *testing.T, c adapters.Conversion) []byte {
	type request struct {
		Method      string `json:"method"`
		URL         string `json:"url"`
		IfNoneExist string `json:"ifNoneExist,omitempty"`
	}
	type entry struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
		Request  request         `json:"request"`
	}
	b := struct {
		ResourceType string  `json:"resourceType"`
		Type         string  `json:"type"`
		Entry        []entry `json:"entry"`
	}{"Bundle", "transaction", nil}
	for _, change := range c.Changes {
		e := entry{change.FullURL, change.Body, request{Method: change.Method.String(), URL: change.Key.Type}}
		if change.Method == fhir.Update {
			e.Request.URL = change.Key.String()
		}
		if q := change.IfNoneExist; q != nil {
			e.Request.IfNoneExist = q.Params[0].Code + "=" + strings.Join(q.Params[0].Values, ",")
		}
		if change.Key.Type == "Binary" {
			e.Resource = shortened(fhir.Whole(change.Body, change.Content))
		}
		b.Entry = append(b.Entry, e)
	}
	return indent(t, b)
}

// shortened replaces the data of a Binary by their hash.
func shortened(body []byte) []byte {
	head, data, found := bytes.Cut(body, []byte(`"data":"`))
	if !found {
		return body
	}
	data, tail, _ := bytes.Cut(data, []byte(`"`))
	sum := sha256.Sum256(data)
	return fmt.Appendf(nil, `%s"data":"sha256 of the base64: %s"%s`, head, hex.EncodeToString(sum[:]), tail)
}

func indent(t *testing.T, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// mapping lists what became of every item.
func mapping(r *adapters.Report) []byte {
	var b bytes.Buffer
	n := r.Counts()
	fmt.Fprintf(&b, "%s\n%d items: %d mapped, %d narrative, %d not understood\n\n", r.Document, len(r.Items), n.Mapped, n.Narrative, n.NotUnderstood)
	for _, i := range r.Items {
		target := i.Path
		if i.Fate == adapters.NotUnderstood {
			target = strings.TrimSpace("- " + i.Reason)
		}
		fmt.Fprintf(&b, "%d %s %s\n    %s %s\n", i.Line, i.Kind, i.Source, i.Fate, target)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "warning %s %s\n", w.ID, w.At)
	}
	return b.Bytes()
}

// refusal renders why a document is refused.
func refusal(err error) []byte {
	var b bytes.Buffer
	if e, ok := err.(*fhir.Error); ok {
		for _, i := range e.Issues {
			fmt.Fprintf(&b, "%s %s\n%s\n%s\n", i.ID, i.At, i.Text.EN, i.Text.FR)
		}
	}
	return b.Bytes()
}
