package ledger

import (
	"bytes"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/cordee-sante/cordee/fhir"
)

// slot advances both trees by the next record. Leaf is nil when the record is
// gone or unreadable: the hash that was stored for it then takes its place.
func (v *verifier) slot(leaf *tlog.Hash) {
	kept, nodes := v.nextKept()
	if leaf == nil {
		if kept == nil {
			v.actualLost = true
		}
		leaf = kept
	}
	if leaf != nil && !v.actualLost {
		if computed := v.actual.add(*leaf, nil); kept != nil {
			switch {
			case *leaf != *kept:
				v.suspects = append(v.suspects, suspect{v.want, v.place, v.offset, v.last})
			case !bytes.Equal(computed, nodes) && len(v.suspects) == 0:
				v.strayHashes++
			}
		}
	}
	v.want++
	v.compare()
}

// skip advances over the records up to last, none of which can be read.
func (v *verifier) skip(last uint64) {
	for v.want <= last && v.want < v.promised {
		v.slot(nil)
	}
	if v.want <= last { // no hashes for them: do not count to a number that somebody made up
		v.actualLost, v.keptLost = true, true
		v.want = last + 1
	}
}

// nextKept reads the hashes that were stored for the next record, and adds its
// leaf to the tree of kept hashes.
func (v *verifier) nextKept() (leaf *tlog.Hash, nodes []byte) {
	if v.keptLost || v.want >= v.promised {
		v.keptLost = true
		return nil, nil
	}
	count := tlog.StoredHashCount(int64(v.want)+1) - tlog.StoredHashCount(int64(v.want))
	nodes = make([]byte, count*tlog.HashSize)
	if _, err := io.ReadFull(v.stored, nodes); err != nil {
		v.keptLost = true
		return nil, nil
	}
	h := tlog.Hash(nodes[:tlog.HashSize])
	v.kept.add(h, nil)
	return &h, nodes
}

// keptLeaf returns the hash that was stored for a record.
func (v *verifier) keptLeaf(seq uint64) (tlog.Hash, bool) {
	if v.hashes == nil || seq >= v.promised {
		return tlog.Hash{}, false
	}
	h, err := storedHashes{v.hashes}.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(seq))})
	if err != nil {
		return tlog.Hash{}, false
	}
	return h[0], true
}

// compare holds the trees against the checkpoints of exactly this size.
func (v *verifier) compare() {
	for len(v.checks) > 0 && v.checks[0].Size <= v.want {
		c := v.checks[0]
		v.checks = v.checks[1:]
		if c.Size == v.want {
			v.decide(c)
		}
	}
}

// decide says which of the two trees a checkpoint was taken of.
func (v *verifier) decide(c check) {
	actual := !v.actualLost && v.actual.root() == c.Root
	kept := !v.keptLost && v.kept.root() == c.Root
	switch {
	case actual:
		v.strayed(c.Size - 1)
		v.kept = v.actual
	case kept:
		v.name(fhir.Text{EN: "Record %d was altered and given a fitting checksum: it is not the one that was signed.", FR: "L'enregistrement %d a été altéré et sa somme de contrôle recalculée : ce n'est pas celui qui a été signé."})
		v.actual, v.actualLost = v.kept, false
	default:
		v.differs(c)
		return
	}
	v.suspects, v.strayHashes = nil, 0
	v.matched = c.Size
	v.report.Proven, v.report.Root = c.Size, c.Root
}

// strayed reports stored hashes that differ from those of the records, where a
// checkpoint vouches for the records.
func (v *verifier) strayed(last uint64) {
	if len(v.suspects)+v.strayHashes == 0 {
		return
	}
	first := v.matched
	if len(v.suspects) > 0 {
		first, last = v.suspects[0].seq, v.suspects[len(v.suspects)-1].seq
	}
	v.report.Add(Finding{Class: Altered, ID: "hashes-altered", File: hashFile, First: first, Last: last,
		Offset: tlog.StoredHashIndex(0, int64(first)) * tlog.HashSize,
		Text: fhir.T("Stored hashes of records %d to %d were altered; the records are the ones that were signed.",
			"Des empreintes des enregistrements %d à %d ont été altérées ; les enregistrements sont ceux qui ont été signés.", first, last)})
}

// name reports each suspect. The sentence has one %d.
func (v *verifier) name(sentence fhir.Text) {
	for _, s := range v.suspects {
		v.report.Add(Finding{Class: Altered, ID: "record-altered", File: s.file, Offset: s.offset, First: s.seq, Last: s.seq, After: s.time,
			Text: fhir.T(sentence.EN, sentence.FR, s.seq)})
	}
}

// differs takes a checkpoint that neither tree agrees with. When the records
// are there, only the signature still tells the truth, and nothing says more
// than since which checkpoint.
func (v *verifier) differs(c check) {
	v.unprovable++
	if v.unprovable > 1 || v.actualLost {
		return
	}
	v.report.Add(Finding{Class: Altered, ID: "root-differs", File: c.file, First: v.matched, Last: c.Size - 1, Before: v.last,
		Text: fhir.T("Among records %d to %d at least one is not the one that was signed, and its hashes were altered with it.",
			"Parmi les enregistrements %d à %d, au moins un n'est pas celui qui a été signé, et ses empreintes ont été altérées avec lui.", v.matched, c.Size-1)})
}
