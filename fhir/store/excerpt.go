package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// An excerpt is where the content of a Binary stands as base64 in that of
// another, so that a PDF and the document which it came in are stored once
// (docs/adr/0023). It names a version, which nothing changes or removes: what
// becomes of the other Binary, an update, a deletion, a label, is nothing to the
// excerpt, and who may see either is decided as if both were whole.
//
//	id version(uvarint) offset(uvarint) length(uvarint) size(uvarint)
type excerpt struct {
	id             string // of the other Binary
	version        uint64
	offset, length int // of the base64, white space and all
	size           int // of what it stands for
}

func (e *excerpt) append(b []byte) []byte {
	b = binary.AppendUvarint(appendString(b, e.id), e.version)
	for _, n := range []int{e.offset, e.length, e.size} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func readExcerpt(d *decoder) *excerpt {
	e := &excerpt{id: string(d.bytes()), version: d.uvarint()}
	for _, n := range []*int{&e.offset, &e.length, &e.size} {
		v := d.uvarint()
		if d.bad = d.bad || v > kv.MaxValue; d.bad {
			return nil
		}
		*n = int(v)
	}
	d.bad = d.bad || len(d.b) > 0 || e.size > e.length
	return e
}

// minExcerpt is from where on a content is looked for in another. To read a
// shorter one would cost more than to store it.
const minExcerpt = 64 << 10

// findExcerpts looks for the contents of a commit in the longest of them.
func findExcerpts(changes []*change) {
	var longest *change
	for _, c := range changes {
		if longest == nil || len(c.Content) > len(longest.Content) {
			longest = c
		}
	}
	for _, c := range changes {
		if c == longest || len(c.Content) < minExcerpt {
			continue
		}
		if offset, length := findBase64(longest.Content, c.Content); length > 0 {
			c.excerpt, c.from = &excerpt{offset: offset, length: length, size: len(c.Content)}, longest.index
		}
	}
}

// findBase64 returns where base64 of the data stands in a text, in one piece or in
// lines; a length of zero means nowhere.
func findBase64(text, data []byte) (offset, length int) {
	const first = 36 // bytes: 48 digits, fewer than any line has
	begins := base64.StdEncoding.AppendEncode(nil, data[:min(first, len(data)/3*3)])
	for try := 0; try < 4; try++ { // what begins alike as often as that is no PDF
		at := bytes.Index(text[offset:], begins)
		if at < 0 {
			break
		}
		offset += at
		if n := lengthOf(text[offset:], base64.StdEncoding.EncodedLen(len(data))); n > 0 && standsFor(text[offset:offset+n], data) {
			return offset, n
		}
		offset++
	}
	return 0, 0
}

// lengthOf is how much of a text so many characters other than white space take;
// zero when it has fewer.
func lengthOf(text []byte, digits int) int {
	for i, c := range text {
		if !blank(c) {
			digits--
		}
		if digits == 0 {
			return i + 1
		}
	}
	return 0
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// standsFor reports whether base64 decodes to the data.
func standsFor(text, data []byte) bool {
	r, buf := decoded(text), make([]byte, 32<<10)
	for len(data) > 0 {
		part := buf[:min(len(buf), len(data))]
		if _, err := io.ReadFull(r, part); err != nil || !bytes.Equal(part, data[:len(part)]) {
			return false
		}
		data = data[len(part):]
	}
	return true
}

func decoded(text []byte) io.Reader {
	return base64.NewDecoder(base64.StdEncoding, &unspaced{bytes.NewReader(text)})
}

// unspaced leaves white space out of what it reads.
type unspaced struct{ from io.Reader }

func (u *unspaced) Read(p []byte) (int, error) {
	n, err := u.from.Read(p)
	kept := p[:0]
	for _, c := range p[:n] {
		if !blank(c) {
			kept = append(kept, c)
		}
	}
	return len(kept), err
}

// share has what a step writes stored as an excerpt of what the other Binary
// of the commit holds from now on, where that is stored whole.
func (tx *transaction) share(s *step, all []step) {
	c := s.change
	if c.excerpt == nil || s.next == nil || all[c.from].next == nil {
		return
	}
	other := &all[c.from]
	held := other.next
	if other.live() && other.cur.same(other.change) {
		held = other.cur
	}
	if len(held.content) == 0 || held.excerpt != nil {
		return
	}
	e := *c.excerpt
	e.id, e.version = held.facts.Key.ID, held.version
	s.next.excerpt = &e
}

// fill reads the content of an excerpt.
func (r *record) fill(ctx context.Context, from kv.Reader) error {
	e := r.excerpt
	if e == nil || r.content != nil {
		return nil
	}
	values, err := from.Get(ctx, currentKey("Binary", e.id), versionKey("Binary", e.id, e.version))
	if err != nil {
		return err
	}
	for _, value := range values {
		if value == nil {
			continue
		}
		other, err := decodeRecord("Binary", e.id, value)
		if err != nil {
			return err
		}
		if other.version != e.version || other.excerpt != nil || len(other.content) < e.offset+e.length {
			continue
		}
		r.content = make([]byte, e.size)
		if _, err := io.ReadFull(decoded(other.content[e.offset:e.offset+e.length]), r.content); err != nil {
			return corrupt("excerpt of a Binary")
		}
		return nil
	}
	return corrupt("excerpt of a Binary that is not there")
}

// whole is the resource with all of its content in its body, as it is read.
func (r *record) whole(ctx context.Context, from kv.Reader) (fhir.Resource, error) {
	if err := r.fill(ctx, from); err != nil {
		return fhir.Resource{}, err
	}
	res := r.parted()
	res.Body, res.Content = fhir.Whole(res.Body, res.Content), nil
	return res, nil
}
