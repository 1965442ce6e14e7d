package ledger

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/cordee-sante/cordee/fhir"
)

// damaged takes a frame whose checksum or header is wrong and whose length is
// right: it stands in the place of the next record.
func (v *verifier) damaged(e Entry, payload []byte, err error) {
	f := Finding{Class: Altered, ID: "record-altered", File: v.place, Offset: v.offset, First: v.want, Last: v.want, After: v.last,
		Text: fhir.T("Record %d was altered: its checksum does not match.",
			"L'enregistrement %d a été altéré : sa somme de contrôle ne correspond pas.", v.want)}
	leaf := tlog.RecordHash(payload)
	if kept, ok := v.keptLeaf(v.want); ok && kept == leaf {
		f.ID = "checksum-altered"
		f.Text = fhir.T("The checksum of record %d was altered; the record itself is the one that was written.",
			"La somme de contrôle de l'enregistrement %d a été altérée ; l'enregistrement est bien celui qui a été écrit.", v.want)
		v.report.Records++
		v.last, v.report.Last = e.Time, e.Time
	}
	v.report.Add(f)
	if f.ID == "checksum-altered" {
		v.slot(&leaf)
	} else {
		v.slot(nil)
	}
}

// unreadable takes bytes that are no frame, up to the next readable frame of
// the segment. It returns their length, and false when there is no such frame.
func (v *verifier) unreadable(b []byte, isLast bool) (int, bool) {
	i, next, ok := resync(b[1:], v.want)
	if isLast && v.torn(next, ok) {
		v.report.Add(Finding{Class: Notice, ID: "write-unfinished", File: v.place, Offset: v.offset, First: v.want, Last: v.want, After: v.last,
			Text: fhir.T("%d bytes of a write that was interrupted; nobody was told that it had succeeded.",
				"%d octets d'une écriture interrompue ; personne n'a été informé de sa réussite.", len(b))})
		return 0, false
	}
	f := Finding{Class: Altered, File: v.place, Offset: v.offset, First: v.want, Last: v.want, After: v.last, Before: next.Time}
	switch {
	case ok && next.Seq == v.want:
		f.ID = "bytes-inserted"
		f.Text = fhir.T("%d bytes that are no record stand before record %d.",
			"%d octets qui ne sont pas un enregistrement précèdent l'enregistrement %d.", i+1, v.want)
	case ok:
		f.ID, f.Last = "record-altered", next.Seq-1
		f.Text = plural(f.First, f.Last,
			fhir.Text{EN: "Record %d was altered and cannot be read.", FR: "L'enregistrement %d a été altéré et ne peut être lu."},
			fhir.Text{EN: "Records %d to %d were altered and cannot be read.", FR: "Les enregistrements %d à %d ont été altérés et ne peuvent être lus."})
	default:
		f.ID = "record-altered"
		f.Text = fhir.T("From record %d on, the last %d bytes of the segment were altered and cannot be read.",
			"À partir de l'enregistrement %d, les %d derniers octets du segment ont été altérés et ne peuvent être lus.", v.want, len(b))
	}
	v.report.Add(f)
	if ok && next.Seq > v.want {
		v.skip(next.Seq - 1)
	}
	return i + 1, ok
}

// torn reports whether unreadable bytes at the end of the last segment are what
// an interrupted write leaves: nothing promises the records that stood there,
// and no frame after them was written once they were durable.
func (v *verifier) torn(next Entry, ok bool) bool {
	return v.want >= v.promised && v.want >= v.latest && (!ok || next.durable() <= v.want)
}

// fill takes a number out of the gaps, and reports whether it was in one.
func (v *verifier) fill(seq uint64) bool {
	i := slices.IndexFunc(v.gaps, func(g gap) bool { return g.first <= seq && seq <= g.last })
	if i < 0 {
		return false
	}
	before, after := v.gaps[i], v.gaps[i]
	v.gaps = slices.Delete(v.gaps, i, i+1)
	if before.first < seq {
		before.last = seq - 1
		v.gaps = append(v.gaps, before)
	}
	if seq < after.last {
		after.first = seq + 1
		v.gaps = append(v.gaps, after)
	}
	return true
}
