package badger

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// The benchmarks read a store of 50,000 documents of 2 KB with 20 index keys
// each: 1.05 million keys, 10 of which share a prefix.
const (
	benchDocuments = 50_000
	benchIndexes   = 20
)

func documentKey(i int) []byte { return binary.BigEndian.AppendUint64([]byte("d/"), mix(i)) }

// mix spreads the numbers of documents, as identifiers are.
func mix(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 }

// indexKey is "i/", a parameter, a value that 10 documents share, the document.
func indexKey(parameter, i int) []byte {
	k := append(indexPrefix(parameter, i), 0)
	return binary.BigEndian.AppendUint64(k, mix(i))
}

func indexPrefix(parameter, i int) []byte {
	k := append([]byte("i/"), 0, 0, 0, byte(parameter))
	return fmt.Appendf(k, "http://example.org/system|%08d", i/10)
}

// document is JSON of 2 KB. S2 halves it, as it does the examples of FHIR.
func document(i int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	b := fmt.Appendf(nil, `{"resourceType":"Observation","id":"%016x","component":[`, mix(i))
	for len(b) < 1850 {
		b = fmt.Appendf(b, `{"code":{"coding":[{"system":"http://loinc.org","code":"%d-%d","display":"%x"}],"text":"%x"},"valueQuantity":{"value":%d.%d,"unit":"%s"}},`,
			r.IntN(90000), r.IntN(10), r.Uint64(), r.Uint64(), r.IntN(500), r.IntN(100), []string{"mmol/L", "g/L", "%", "10*9/L"}[r.IntN(4)])
	}
	return append(b[:len(b)-1], "]}"...)
}

func putDocument(w kv.Writer, i int, body []byte) error {
	if err := w.Put(documentKey(i), body); err != nil {
		return err
	}
	for p := range benchIndexes {
		if err := w.Put(indexKey(p, i), []byte{1}); err != nil {
			return err
		}
	}
	return nil
}
