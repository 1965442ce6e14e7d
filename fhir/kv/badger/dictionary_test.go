package badger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// TestDictionaryIsForGood fails when the dictionary changes: values that were
// written with this one could no longer be read.
func TestDictionaryIsForGood(t *testing.T) {
	const want = "d466029bb08a649b27c945fe525d15b3882bc47af2aeecd8dac5adc23bb5f8b4"
	sum := sha256.Sum256(phrases)
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("the dictionary is %s", got)
	}
	const written = "8b0215001c006f2e6a087566d2f50014383836372d34329f0220486561727420726174edb07a9f02007076a00200353e7b025e3a01043632213c0500182f6d696e227d7d"
	b, err := hex.DecodeString(written)
	if err != nil {
		t.Fatal(err)
	}
	value, err := entry{value: b, form: compressed | phrased}.unpack(nil)
	if err != nil || !bytes.Equal(value, sample) {
		t.Errorf("%q, %v", value, err)
	}
}

var sample = []byte(`{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-05-01T10:00:00Z","valueQuantity":{"value":62,"unit":"/min"}}`)

// TestPack: every form gives back the value; what was compressed without the
// dictionary, as values were before there was one, too.
func TestPack(t *testing.T) {
	long := bytes.Repeat(sample, 100)
	random := []byte(strings.Repeat("x", 300))
	for i := range random {
		random[i] = byte(i*i*7 + i>>3*31)
	}
	for name, e := range map[string]entry{
		"short":   pack(nil, sample[:minCompressed-1]),
		"phrased": pack(nil, sample),
		"long":    pack(nil, long),
		"random":  pack(nil, random),
		"before":  {value: s2.Encode(nil, sample), form: compressed},
	} {
		want := map[string][]byte{"short": sample[:minCompressed-1], "phrased": sample, "long": long, "random": random, "before": sample}[name]
		for _, buf := range [][]byte{nil, make([]byte, 10), make([]byte, 0, 1<<16)} {
			if got, err := e.unpack(buf); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if e := pack(nil, sample); e.form != compressed|phrased || len(e.value) > len(sample)/2 {
		t.Errorf("form %d, %d bytes of %d", e.form, len(e.value), len(sample))
	}
	for cut := range 40 {
		e := pack(nil, sample)
		e.value = e.value[:cut]
		if got, err := e.unpack(nil); err == nil && bytes.Equal(got, sample) {
			t.Errorf("cut to %d", cut)
		}
	}
}

// TestFormOfLaterIsRefused: a value in a form that is not known here is no value.
func TestFormOfLaterIsRefused(t *testing.T) {
	db, err := openDB(Config{Dir: t.TempDir(), Profile: Standard(), Log: slog.New(slog.DiscardHandler)}.options())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for later := forms + 1; later != 0; later <<= 1 {
		txn := db.NewTransactionAt(1, true)
		defer txn.Discard()
		if err := (entry{key: []byte("k"), value: sample, form: later}).apply(txn); err != nil {
			t.Fatal(err)
		}
		if _, err := find(txn, []byte("k")); !errors.Is(err, kv.ErrCorrupt) {
			t.Errorf("form %d: %v", later, err)
		}
	}
}
