package store

import (
	"encoding/binary"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// Facts are written as three lists of strings, each string with its length in
// front: contributor (0 or 1), patients, labels. The Key is not repeated: it is
// in the key of whatever holds the facts. Records and histories have them so;
// rows and postings say contributor and labels by number (names.go), and patients
// in fewer bytes (ids.go).

func appendFacts(b []byte, f *fhir.Facts) []byte {
	if f.Contributor == "" {
		b = append(b, 0)
	} else {
		b = appendString(append(b, 1), f.Contributor)
	}
	b = appendStrings(b, f.Patients)
	return appendStrings(b, f.Labels)
}

func appendStrings(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// factsReader decodes facts. Neighbours mostly share contributor and often the
// patient: it hands out the strings of the facts before when they are the same, so
// that a long scan allocates little. The zero factsReader works.
type factsReader struct {
	contributor string
	patients    []string
	labels      [4][]string // those before: neighbours have the codes of a few categories
	oldest      int         // of labels
}

func (fr *factsReader) read(d *decoder) fhir.Facts {
	var f fhir.Facts
	if d.uvarint() > 0 {
		if s := d.bytes(); string(s) == fr.contributor {
			f.Contributor = fr.contributor
		} else {
			f.Contributor = string(s)
			fr.contributor = f.Contributor
		}
	}
	fr.patients = d.strings(fr.patients)
	f.Patients, f.Labels = fr.patients, fr.readLabels(d)
	return f
}

func (fr *factsReader) readLabels(d *decoder) []string {
	for _, before := range fr.labels {
		if own := *d; own.same(before) {
			*d = own
			return before
		}
	}
	list := d.strings(nil)
	fr.labels[fr.oldest] = list
	fr.oldest = (fr.oldest + 1) % len(fr.labels)
	return list
}

// decoder reads what the append functions wrote. The first thing that does not
// fit sets bad, and everything after reads as zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uvarint() uint64 {
	n, k := binary.Uvarint(d.b)
	if k <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[k:]
	return n
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) uint64() uint64 {
	if len(d.b) < 8 {
		d.bad, d.b = true, nil
		return 0
	}
	n := binary.BigEndian.Uint64(d.b)
	d.b = d.b[8:]
	return n
}

func (d *decoder) uint32() uint32 {
	if len(d.b) < 4 {
		d.bad, d.b = true, nil
		return 0
	}
	n := binary.BigEndian.Uint32(d.b)
	d.b = d.b[4:]
	return n
}

// bytes reads a string without copying it.
func (d *decoder) bytes() []byte { return d.take(d.uvarint()) }

// take reads so many bytes without copying them.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return nil
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

// strings reads a list, and returns before itself when it holds the same.
func (d *decoder) strings(before []string) []string {
	if own := *d; own.same(before) {
		*d = own
		return before
	}
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return nil
	}
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = string(d.bytes())
	}
	return list
}

// same reads a list and reports whether it holds the same as before.
func (d *decoder) same(before []string) bool {
	if d.uvarint() != uint64(len(before)) || d.bad {
		return false
	}
	for _, s := range before {
		if string(d.bytes()) != s || d.bad {
			return false
		}
	}
	return true
}

// sameFacts reports whether two versions would carry the same facts.
func sameFacts(a, b *fhir.Facts) bool {
	return a.Contributor == b.Contributor && slices.Equal(a.Patients, b.Patients) && slices.Equal(a.Labels, b.Labels)
}
