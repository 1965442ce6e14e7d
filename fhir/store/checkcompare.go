package store

import (
	"bytes"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// An expected is a key that the records imply, with its value.
type expected struct {
	part       string // as in Finding
	key, value []byte
	of         fhir.Key // the resource that implies it
	param      uint32   // of a posting
	rows       []row    // of the rows that are read: what there should be
}

// expect notes what is to be compared, many at once.
func (c *checker) expect(list ...expected) error {
	c.pending = append(c.pending, list...)
	if len(c.pending) < checkKeys {
		return nil
	}
	return c.compare()
}

// compare reads what is expected and notes what is missing or wrong.
func (c *checker) compare() error {
	if err := c.ctx.Err(); err != nil || len(c.pending) == 0 {
		return err
	}
	keys := make([][]byte, len(c.pending))
	for i, e := range c.pending {
		keys[i] = e.key
	}
	values, err := c.r.Get(c.ctx, keys...)
	if err != nil {
		return err
	}
	for i := range c.pending {
		if err := c.judge(&c.pending[i], values[i]); err != nil {
			return err
		}
	}
	c.pending = c.pending[:0]
	return nil
}

func (c *checker) judge(e *expected, value []byte) error {
	if value != nil {
		switch e.part {
		case "rows":
			c.rowsPresent++
		case "posting":
			c.present[e.param]++
		case "history":
			c.feedPresent++
		}
	}
	w := write{key: e.key, value: e.value}
	if e.part == "epoch" && bytes.Compare(w.value, c.given) < 0 {
		w.value = c.given // greater than any: several resources imply one epoch
	}
	switch {
	case value == nil:
		return c.fault(e.part, "missing", e.of.Type, e.of.ID, w)
	case bytes.Equal(value, e.value), e.part == "epoch" && bytes.Compare(value, e.value) > 0:
		return nil
	case !c.anew && c.says(e, value):
		return nil
	case e.rows != nil:
		if err := c.formerPostings(e, value); err != nil {
			return err
		}
	}
	return c.fault(e.part, "wrong", e.of.Type, e.of.ID, w)
}

// says reports whether rows or a posting say what is expected in other bytes:
// names by number or written out, and rows of parameters that are being indexed.
func (c *checker) says(e *expected, value []byte) bool {
	switch e.part {
	case "rows":
		is, want := c.store.rowsReader(), c.store.rowsReader()
		a, err := is.read(e.of.Type, e.of.ID, value)
		if err != nil {
			return false
		}
		b, err := want.read(e.of.Type, e.of.ID, e.value)
		if err != nil || a.seq != b.seq || a.lastUpdated != b.lastUpdated || !sameFacts(&a.facts, &b.facts) {
			return false
		}
		list := slices.DeleteFunc(a.all(), func(r row) bool { return c.unsettled[r.param] })
		return slices.EqualFunc(list, b.all(), func(a, b row) bool { return compareRows(a, b) == 0 })
	case "posting":
		is, want := decoder{b: value}, decoder{b: e.value}
		a, b := c.store.namedReader(), c.store.namedReader()
		f, g := a.read(&is), b.read(&want)
		return !is.bad && !want.bad && sameFacts(&f, &g) && bytes.Equal(is.b, want.b)
	}
	return false
}

// name gives numbers to the names of facts when all rows and postings are made
// anew: they are put before what is written with them.
func (c *checker) name(f *fhir.Facts) error {
	if !c.anew {
		return nil
	}
	texts := c.store.names.fresh(nil, f)
	for _, w := range c.store.names.writes(texts) {
		if err := c.mend(w); err != nil {
			return err
		}
	}
	c.store.names.publish(texts)
	return nil
}

// formerPostings looks for the postings of rows that a resource had and should
// not have: an index of another version is stale in this way all over.
func (c *checker) formerPostings(e *expected, value []byte) error {
	was, ok := c.formerRows(e, value)
	if !ok {
		return nil // wrong it is; the counts will tell of the postings
	}
	var keys [][]byte
	var params []uint32
	j := 0
	for _, r := range was {
		for j < len(e.rows) && compareRows(e.rows[j], r) < 0 {
			j++
		}
		if j == len(e.rows) || compareRows(e.rows[j], r) != 0 {
			keys, params = append(keys, postingKey(r.param, r.value, e.of.ID)), append(params, r.param)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	values, err := c.r.Get(c.ctx, keys...)
	if err != nil {
		return err
	}
	for i, v := range values {
		if v == nil {
			continue
		}
		c.known[params[i]]++
		if err := c.fault("posting", "stale", e.of.Type, e.of.ID, write{key: keys[i]}); err != nil {
			return err
		}
	}
	return nil
}

// formerRows reads rows as the layout of the index has them.
func (c *checker) formerRows(e *expected, value []byte) (list []row, ok bool) {
	if c.layout >= packedLayout {
		rr := c.store.rowsReader()
		was, err := rr.read(e.of.Type, e.of.ID, value)
		if err != nil {
			return nil, false
		}
		return was.all(), true
	}
	d := decoder{b: value}
	d.take(16)
	skipName(&d)
	d.strings(nil)
	for n := d.uvarint(); n > 0 && !d.bad; n-- {
		skipName(&d)
	}
	for len(d.b) > 0 && !d.bad {
		list = append(list, row{d.uint32(), d.bytes()})
	}
	return list, !d.bad
}
