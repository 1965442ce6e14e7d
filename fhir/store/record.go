package store

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A record is one version as it lies in the store:
//
//	format(1) effect(1) version(uvarint) lastUpdated(8, ms since 1970) seq(8) facts body
//
// The body is the JSON text as it is served, to the end of the value. Of a Binary
// whose content came beside its body there is, in a format of its own,
//
//	… facts length(uvarint) body content
//
// or, in a third, where that content stands in another Binary (excerpt.go).
const (
	recordFormat  = 1
	contentFormat = 2
	excerptFormat = 3
)

// record is a decoded version. Its body is part of the value it was read from.
type record struct {
	effect      fhir.Effect
	version     uint64
	lastUpdated int64
	seq         uint64
	facts       fhir.Facts
	body        []byte
	content     []byte   // of a Binary, when it is not in the body
	excerpt     *excerpt // where the content is stored, when that is elsewhere; content is nil until it was read
	value       []byte   // encoded; nil when nothing has needed it
}

func (r *record) encode() []byte {
	if r.value != nil {
		return r.value
	}
	b := append(r.head(len(r.body)), r.body...)
	if r.excerpt != nil {
		return r.excerpt.append(b)
	}
	return append(b, r.content...)
}

// write makes the body, and what is stored of the version with it: a long body
// is copied once, and content beside the body not at all.
func (r *record) write(doc *fhirjson.Doc, content []byte) {
	const meta = 256 // what is put into the text
	version, updated := strconv.FormatUint(r.version, 10), time.UnixMilli(r.lastUpdated).UTC()
	if r.content = content; len(content) > 0 {
		r.body = fhirjson.SetMeta(doc, r.facts.Key.ID, version, updated)
		return
	}
	r.value = r.head(len(doc.Text()) + meta)
	head := len(r.value)
	r.value = fhirjson.AppendMeta(r.value, doc, r.facts.Key.ID, version, updated)
	r.body = r.value[head:]
}

// head encodes what stands before the body, and makes room for one of that size.
func (r *record) head(body int) []byte {
	b := make([]byte, 0, 128+len(r.facts.Contributor)+body)
	format := byte(recordFormat)
	switch {
	case r.excerpt != nil:
		format = excerptFormat
	case len(r.content) > 0:
		format = contentFormat
	}
	b = binary.AppendUvarint(append(b, format, byte(r.effect)), r.version)
	b = binary.BigEndian.AppendUint64(b, uint64(r.lastUpdated))
	b = binary.BigEndian.AppendUint64(b, r.seq)
	b = appendFacts(b, &r.facts)
	if format != recordFormat {
		b = binary.AppendUvarint(b, uint64(body))
	}
	return b
}

// decodeRecord reads the record of a resource. The body is not copied.
func decodeRecord(typ, id string, value []byte) (*record, error) {
	var facts factsReader
	r := new(record)
	if err := r.decode(&facts, typ, id, value); err != nil {
		return nil, err
	}
	return r, nil
}

// recordReader decodes records, and shares between them the facts that they
// have in common. The zero recordReader works.
type recordReader struct {
	facts  factsReader
	record record
}

// decode reads a record, which is valid until the next. The body is not copied.
func (rr *recordReader) decode(typ, id string, value []byte) (*record, error) {
	if err := rr.record.decode(&rr.facts, typ, id, value); err != nil {
		return nil, err
	}
	return &rr.record, nil
}

func (r *record) decode(facts *factsReader, typ, id string, value []byte) error {
	d := decoder{b: value}
	format := d.byte()
	if format < recordFormat || format > excerptFormat {
		return corrupt("record format %d of a %s", format, typ)
	}
	*r = record{effect: fhir.Effect(d.byte()), version: d.uvarint(), lastUpdated: int64(d.uint64()), seq: d.uint64()}
	r.facts = facts.read(&d)
	r.facts.Key = fhir.Key{Type: typ, ID: id}
	if d.bad {
		return corrupt("record of a %s cut short", typ)
	}
	switch format {
	case recordFormat:
		r.body = d.b
	case contentFormat:
		r.body = d.bytes()
		r.content = d.b
	case excerptFormat:
		r.body = d.bytes()
		r.excerpt = readExcerpt(&d)
	}
	if d.bad {
		return corrupt("content of a %s cut short", typ)
	}
	return nil
}

// parted returns the version with its content beside the body, if it came so. An
// excerpt is to be filled before.
func (r *record) parted() fhir.Resource {
	res := fhir.Resource{
		Key:         fhir.Key{Type: r.facts.Key.Type, ID: r.facts.Key.ID, Version: strconv.FormatUint(r.version, 10)},
		LastUpdated: time.UnixMilli(r.lastUpdated).UTC(),
		Effect:      r.effect,
		Facts:       r.facts,
	}
	if r.effect != fhir.Deleted {
		res.Body, res.Content = r.body, r.content
	}
	return res
}

// corrupt builds the error of a value that cannot be what the store wrote. It
// names the type and never the id.
func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{kv.ErrCorrupt}, args...)...)
}
