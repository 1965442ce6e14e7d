package badger

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRun: whatever stands around base64, whole, cut or not quite canonical, the
// value comes back as it was.
func TestRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := bytes.Repeat([]byte("<a b='c'/>\xff"), rapid.IntRange(1, 400).Draw(t, "length"))
		run := base64.StdEncoding.EncodeToString(content[rapid.IntRange(0, 3).Draw(t, "phase"):])
		run = run[:len(run)-rapid.IntRange(0, 5).Draw(t, "cut")] + rapid.SampledFrom([]string{"", "=", "==", "===", "A", "AB==", "AAA=", "AAB="}).Draw(t, "end")
		value := []byte(rapid.StringN(0, 2000, -1).Draw(t, "before") + run + rapid.StringN(0, 40, -1).Draw(t, "after"))
		if bytes := decodeRun(value); bytes != nil {
			if got, err := encodeRun(bytes); err != nil || string(got) != string(value) {
				t.Fatalf("%q became %q: %v", value, got, err)
			}
		}
		if got, err := pack(nil, value).unpack(nil); err != nil || !bytes.Equal(got, value) {
			t.Fatalf("%q became %q: %v", value, got, err)
		}
	})
}

// TestRunIsFound: a document in a Binary takes less room than the document.
func TestRunIsFound(t *testing.T) {
	document, err := os.ReadFile("../../../adapters/cda/testdata/vsm-complet.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{document, document[1:], document[2:]} {
		binary := fmt.Appendf(nil, `{"resourceType":"Binary","id":"b","contentType":"text/xml","data":"%s","language":"fr"}`, base64.StdEncoding.EncodeToString(data))
		e := pack(nil, binary)
		if e.form != decoded|compressed || len(e.value) > len(document)/4 {
			t.Errorf("form %d, %d bytes for %d", e.form, len(e.value), len(document))
		}
		if got, err := e.unpack(make([]byte, 0, 100)); err != nil || !bytes.Equal(got, binary) {
			t.Errorf("%d bytes of %d: %v", len(got), len(binary), err)
		}
	}
	for name, text := range map[string]string{
		"short":  strings.Repeat("QUJD", minRun/4-1),
		"parted": strings.Repeat("QUJDREVG\n", 500),
		"bits":   strings.Repeat("QUJD", 500) + "QUJ=",
	} {
		if bytes := decodeRun([]byte(`{"data":"` + text + `"}`)); bytes != nil {
			t.Errorf("%s is taken for a run", name)
		}
	}
}

// FuzzEncodeRun: damage is an error, never more memory than a value may take.
func FuzzEncodeRun(f *testing.F) {
	f.Add(decodeRun([]byte(`{"data":"` + strings.Repeat("QUJD", 500) + `"}`)))
	f.Add([]byte{})
	f.Add([]byte{0x80})
	f.Add([]byte{5, 9, 1, 2})
	f.Add(bytes.Repeat([]byte{0xff}, 24))
	f.Fuzz(func(t *testing.T, packed []byte) {
		if value, err := encodeRun(packed); err == nil && len(value) > 2*len(packed)+4 {
			t.Errorf("%d bytes of %d", len(value), len(packed))
		}
	})
}

// TestRunOfAPiece: of base64 that was cut anywhere the whole groups are found, with
// the padding or without.
func TestRunOfAPiece(t *testing.T) {
	run := base64.StdEncoding.EncodeToString(incompressible(3001))
	for cut := range 8 {
		for name, value := range map[string]string{"begin": run[:2000+cut], "end": run[cut:], "middle": run[cut : 3000-cut]} {
			e := pack(nil, []byte(value))
			if got, err := e.unpack(nil); e.form != decoded || len(e.value) > len(value)*3/4+10 || err != nil || string(got) != value {
				t.Errorf("%s, %d cut off: form %d, %d bytes for %d, %v", name, cut, e.form, len(e.value), len(value), err)
			}
		}
	}
}
