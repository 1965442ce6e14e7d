package ledger

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/cordee-sante/cordee/fhir"
)

// segment reads one segment, over whatever in it cannot be read.
func (v *verifier) segment(first uint64, isLast bool) error {
	b, err := os.ReadFile(filepath.Join(v.dir, segmentName(first)))
	if err != nil {
		return err
	}
	v.place, v.offset = segmentName(first), 0
	if first > v.want {
		next, _, _ := cut(b) // for its time
		v.missing(v.want, first-1, next, "segment-missing")
	}
	for at := 0; at < len(b); {
		v.offset = int64(at)
		e, payload, err := cut(b[at:])
		switch {
		case err == nil:
			e.At = Place{Segment: first, Offset: v.offset}
			v.record(e, payload)
			at += e.size
		case v.lengthHolds(b, at, e, err):
			v.damaged(e, payload, err)
			at += e.size
		default:
			skipped, ok := v.unreadable(b[at:], isLast)
			if !ok {
				return nil
			}
			at += skipped
		}
	}
	return nil
}

// lengthHolds reports whether the length of a damaged frame can be trusted:
// what follows it is a readable frame, or the end.
func (v *verifier) lengthHolds(b []byte, at int, e Entry, err error) bool {
	if e.size == 0 || errors.Is(err, errShort) || errors.Is(err, errLength) {
		return false
	}
	if at+e.size == len(b) {
		return true
	}
	_, _, err = cut(b[at+e.size:])
	return err == nil
}

// record takes a readable frame.
func (v *verifier) record(e Entry, payload []byte) {
	leaf := tlog.RecordHash(payload)
	if e.Seq < v.want {
		v.misplaced(e, leaf)
		return
	}
	if e.Seq > v.want {
		v.missing(v.want, e.Seq-1, e, "record-missing")
	}
	if e.Time.Before(v.last) {
		v.report.Add(Finding{Class: Notice, ID: "clock-back", File: v.place, Offset: v.offset, First: e.Seq, Last: e.Seq, After: v.last, Before: e.Time,
			Text: fhir.T("The clock went back by %s before record %d.", "L'horloge a reculé de %s avant l'enregistrement %d.", v.last.Sub(e.Time), e.Seq)})
	}
	if v.report.Records == 0 {
		v.report.First = e.Time
	}
	v.report.Records++
	v.report.Last, v.last = e.Time, e.Time
	if v.each != nil {
		v.each(e, &v.report)
	}
	v.slot(&leaf)
}

// missing takes the place of records that are not where they belong. next is
// the readable record after them, if there is one.
func (v *verifier) missing(first, last uint64, next Entry, id string) {
	v.gaps = append(v.gaps, gap{id: id, first: first, last: last, file: v.place, offset: v.offset, after: v.last, before: next.Time})
	v.skip(last)
}

// misplaced takes a frame whose number belongs before what was read already.
func (v *verifier) misplaced(e Entry, leaf tlog.Hash) {
	f := Finding{Class: Altered, File: v.place, Offset: v.offset, First: e.Seq, Last: e.Seq, After: v.last, Before: e.Time}
	if v.fill(e.Seq) {
		f.ID = "record-moved"
		f.Text = fhir.T("Record %d stands after record %d: somebody changed the order.",
			"L'enregistrement %d se trouve après l'enregistrement %d : l'ordre a été changé.", e.Seq, v.want-1)
		v.report.Records++
	} else {
		f.ID = "record-inserted"
		f.Text = fhir.T("A second record with the number %d stands after record %d: one of the two was inserted.",
			"Un second enregistrement porte le numéro %d, après l'enregistrement %d : l'un des deux a été inséré.", e.Seq, v.want-1)
	}
	v.report.Add(f)
	if kept, ok := v.keptLeaf(e.Seq); ok && kept != leaf {
		v.report.Add(Finding{Class: Altered, ID: "record-altered", File: v.place, Offset: v.offset, First: e.Seq, Last: e.Seq,
			Text: fhir.T("The record at this place with the number %d is not the one that was written.",
				"L'enregistrement à cet endroit, numéro %d, n'est pas celui qui a été écrit.", e.Seq)})
	}
}
