package ledger

import (
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/cordee-sante/cordee/fhir"
)

// A Report is what Verify found.
type Report struct {
	Records     uint64    // that can be read
	First, Last time.Time // of the first and the last of them
	Segments    int
	Checkpoints int    // with a valid signature, beside the log and outside
	Proven      uint64 // records that the latest matching checkpoint proves
	Root        tlog.Hash
	Trusted     bool // the keys were given; otherwise they are those beside the log
	Findings    []Finding
	More        int // findings that were counted and not kept
}

// A Class says how grave a finding is.
type Class uint8

// The classes. A Notice is no reason to doubt the log.
const (
	Notice     Class = iota
	Incomplete       // something that was there is gone
	Altered          // something is not what it was
)

// A Finding is one thing that Verify noticed, and where.
type Finding struct {
	Class       Class
	ID          string // stable name, docs/audit-format.md
	File        string // name of the file concerned; empty when none is
	Offset      int64  // in that file
	First, Last uint64 // numbers of the records concerned
	After       time.Time
	Before      time.Time // times of the readable neighbours; zero when there is none
	Text        fhir.Text
}

// keep is how many findings a Report keeps: a log overwritten with noise has as
// many as it has records.
const keep = 1000

// Add adds a finding.
func (r *Report) Add(f Finding) {
	if len(r.Findings) >= keep && f.Class != Altered {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// Code returns the exit code of a verifier: 0 when the log is intact, 2 when
// something is altered, 3 when something is gone.
func (r Report) Code() int {
	code := 0
	for _, f := range r.Findings {
		switch f.Class {
		case Altered:
			return 2
		case Incomplete:
			code = 3
		}
	}
	return code
}

// Text returns the report in one sentence.
func (r Report) Text() fhir.Text {
	switch r.Code() {
	case 2:
		return fhir.T("The trail is ALTERED: %d records read, %d of them proven by a signed checkpoint.",
			"La trace est ALTÉRÉE : %d enregistrements lus, dont %d prouvés par un point de contrôle signé.", r.Records, r.Proven)
	case 3:
		return fhir.T("The trail is INCOMPLETE: %d records read, %d of them proven by a signed checkpoint.",
			"La trace est INCOMPLÈTE : %d enregistrements lus, dont %d prouvés par un point de contrôle signé.", r.Records, r.Proven)
	}
	return fhir.T("The trail is intact: %d records read, %d of them proven by a signed checkpoint.",
		"La trace est intacte : %d enregistrements lus, dont %d prouvés par un point de contrôle signé.", r.Records, r.Proven)
}

// String returns a line for a terminal or a log.
func (f Finding) String() string {
	s := fmt.Sprintf("%s %s: %s", [...]string{"notice", "incomplete", "altered"}[f.Class], f.ID, f.Text.EN)
	if f.File != "" {
		s += fmt.Sprintf(" [%s, offset %d]", f.File, f.Offset)
	}
	if !f.After.IsZero() || !f.Before.IsZero() {
		s += fmt.Sprintf(" [between %s and %s]", stamp(f.After), stamp(f.Before))
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "?"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// plural chooses between a sentence about one record, with one %d, and one
// about several, with two.
func plural(first, last uint64, one, several fhir.Text) fhir.Text {
	if first == last {
		return fhir.T(one.EN, one.FR, first)
	}
	return fhir.T(several.EN, several.FR, first, last)
}
