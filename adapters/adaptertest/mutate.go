package adaptertest

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
)

// Mutate checks the rules on n damaged copies of the documents that match the
// pattern: attribute values replaced, elements moved, dropped and renamed, text
// inserted. It knows that documents are marked up, so that most copies are
// still read and reach the mapping, which a fuzzer of bytes seldom does. The
// same seed gives the same copies.
func Mutate(t *testing.T, a adapters.Adapter, pattern string, n int, seed uint64) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no document matches %s: %v", pattern, err)
	}
	var documents [][]byte
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, data)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		data := bytes.Clone(documents[r.IntN(len(documents))])
		for k := 1 + r.IntN(8); k > 0 && len(data) > 1; k-- {
			data = mutation(r, data)
		}
		if Check(t, a, Input(data)); t.Failed() {
			name := filepath.Join(os.TempDir(), "mutation.xml")
			os.WriteFile(name, data, 0o600)
			t.Fatalf("copy %d of seed %d breaks a rule; it is in %s", i, seed, name)
		}
	}
}

// values stand in for those of attributes: empty, malformed, of another type.
var values = []string{"", " ", "x y", "é", "\u00a0", "&#9;", "1.2.3", "-1", "+", "1.5.", "0", "999", "99999999999", "true", "20260101", "20261340",
	"a|b,c$d\\", "urn:x", "#", "#x", "text/html; x", "fr FR", "NaN", "Patient/1"}

// mutation returns data with one damage.
func mutation(r *rand.Rand, data []byte) []byte {
	switch r.IntN(6) {
	case 0: // an attribute value
		i := next(r, data, '"')
		if end := bytes.IndexByte(data[i+1:], '"'); end >= 0 {
			return splice(data, i+1, i+1+end, values[r.IntN(len(values))])
		}
	case 1: // a byte
		data[r.IntN(len(data))] = byte(r.IntN(128))
	case 2: // some tags are gone
		i := next(r, data, '<')
		return splice(data, i, tags(r, data, i), "")
	case 3: // some tags come twice
		i := next(r, data, '<')
		end := tags(r, data, i)
		return splice(data, end, end, string(data[i:end]))
	case 4: // a name
		if i := next(r, data, '<'); i+1 < len(data) {
			data[i+1] = "abceilnopst"[r.IntN(11)]
		}
	case 5: // text where there was none
		i := next(r, data, '>')
		return splice(data, i+1, i+1, []string{"x", "<br/>", "&amp;", "<!-- -->", "  "}[r.IntN(5)])
	}
	return data
}

// next returns the place of a byte after a random one, or len(data)-1.
func next(r *rand.Rand, data []byte, c byte) int {
	start := r.IntN(len(data))
	if i := bytes.IndexByte(data[start:], c); i >= 0 {
		return start + i
	}
	return len(data) - 1
}

// tags returns where a few tags from i on end.
func tags(r *rand.Rand, data []byte, i int) int {
	for range 1 + r.IntN(6) {
		next := bytes.IndexByte(data[min(i+1, len(data)):], '<')
		if next < 0 {
			return len(data)
		}
		i += 1 + next
	}
	return i
}

func splice(data []byte, from, to int, with string) []byte {
	out := make([]byte, 0, len(data)+len(with))
	return append(append(append(out, data[:from]...), with...), data[max(from, to):]...)
}
