package ledger

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"github.com/cordee-sante/cordee/fhir"
)

// loadCheckpoints reads the checkpoints beside the log and outside, and sets
// aside those whose signature holds.
func (v *verifier) loadCheckpoints(cfg VerifyConfig) error {
	keys := cfg.Keys
	if keys == nil {
		var err error
		if keys, err = Keys(cfg.Dir); err != nil {
			return err
		}
	}
	known, origin, err := verifiers(keys)
	if err != nil {
		return err
	}
	for _, path := range cfg.Outside {
		if err := v.readCheckpoints(path, origin, known); err != nil {
			return err
		}
	}
	outside := v.checks
	if err := v.readCheckpoints(filepath.Join(cfg.Dir, checkpointFile), origin, known); err != nil {
		return err
	}
	v.compareCopies(outside, v.checks[len(outside):])
	slices.SortStableFunc(v.checks, func(a, b check) int { return cmp.Compare(a.Size, b.Size) })
	if n := len(v.checks); n > 0 {
		v.latest = v.checks[n-1].Size
	}
	return nil
}

// compareCopies reports checkpoints that were kept outside and have gone here.
func (v *verifier) compareCopies(outside, beside []check) {
	here := map[Checkpoint]bool{}
	for _, c := range beside {
		here[c.Checkpoint] = true
	}
	for _, c := range outside {
		if !here[c.Checkpoint] {
			v.report.Add(Finding{Class: Incomplete, ID: "checkpoint-missing", File: checkpointFile, Last: c.Size - 1,
				Text: fhir.T("The checkpoint of %d records in %s does not stand beside the log.",
					"Le point de contrôle de %d enregistrements de %s ne se trouve pas à côté de la trace.", c.Size, c.file)})
		}
	}
}

// readCheckpoints reads one file of checkpoints.
func (v *verifier) readCheckpoints(path, origin string, known note.Verifiers) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && path == filepath.Join(v.dir, checkpointFile) {
		return nil // finish reports that there is none
	}
	if err != nil {
		return err
	}
	notes, scraps := splitNotes(string(text))
	for i, n := range notes {
		c, err := openCheckpoint([]byte(n.text), origin, known)
		if err != nil {
			v.report.Add(Finding{Class: Altered, ID: "checkpoint-altered", File: path, Offset: int64(n.offset),
				Text: fhir.T("Checkpoint %d of the file is not one that a known key has signed.",
					"Le point de contrôle %d du fichier n'est pas signé par une clé connue.", i+1)})
			continue
		}
		if c.Size == 0 {
			continue
		}
		v.report.Checkpoints++
		v.checks = append(v.checks, check{c, path})
	}
	if scraps > 0 {
		v.report.Add(Finding{Class: Notice, ID: "checkpoint-unfinished", File: path,
			Text: fhir.T("%d bytes of a checkpoint whose writing was interrupted.",
				"%d octets d'un point de contrôle dont l'écriture a été interrompue.", scraps)})
	}
	return nil
}
