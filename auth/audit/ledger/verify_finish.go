package ledger

import (
	"github.com/cordee-sante/cordee/fhir"
)

// finish draws the conclusions that need the whole log.
func (v *verifier) finish() {
	v.reportGaps()
	v.reportEnd()
	v.name(fhir.Text{EN: "Record %d or the hash stored for it was altered; no checkpoint covers it yet.", FR: "L'enregistrement %d ou son empreinte a été altéré ; aucun point de contrôle ne le couvre encore."})
	if v.strayHashes > 0 && len(v.suspects) == 0 && v.unprovable == 0 {
		v.strayed(v.want - 1)
	}
	if v.unprovable > 0 {
		v.report.Add(Finding{Class: Incomplete, ID: "unproven", First: v.matched, Last: max(v.want, 1) - 1,
			Text: fhir.T("%d checkpoints cannot be compared: from record %d on nothing is proven.",
				"%d points de contrôle ne peuvent être comparés : rien n'est prouvé à partir de l'enregistrement %d.", v.unprovable, v.matched)})
	}
	if v.report.Checkpoints == 0 && v.want > 0 {
		v.report.Add(Finding{Class: Incomplete, ID: "checkpoints-missing", File: checkpointFile, Last: v.want - 1,
			Text: fhir.Text{EN: "There is no valid checkpoint: nothing proves the records.", FR: "Il n'y a aucun point de contrôle valide : rien ne prouve les enregistrements."}})
	} else if v.want > v.latest {
		v.report.Add(Finding{Class: Notice, ID: "unsigned", First: v.latest, Last: v.want - 1,
			Text: plural(v.latest, v.want-1,
				fhir.Text{EN: "Record %d is not signed yet.", FR: "L'enregistrement %d n'est pas encore signé."},
				fhir.Text{EN: "Records %d to %d are not signed yet.", FR: "Les enregistrements %d à %d ne sont pas encore signés."})})
	}
	if v.hashes == nil && v.want > 0 || v.promised < v.latest {
		v.report.Add(Finding{Class: Incomplete, ID: "hashes-missing", File: hashFile, First: v.promised, Last: max(v.want, v.latest) - 1,
			Text: fhir.T("The stored hashes end at record %d, before the latest checkpoint.",
				"Les empreintes s'arrêtent à l'enregistrement %d, avant le dernier point de contrôle.", v.promised)})
	}
}

func (v *verifier) reportGaps() {
	for _, g := range v.gaps {
		f := Finding{Class: Incomplete, ID: g.id, File: g.file, Offset: g.offset, First: g.first, Last: g.last, After: g.after, Before: g.before}
		f.Text = plural(g.first, g.last,
			fhir.Text{EN: "Record %d was removed.", FR: "L'enregistrement %d a été supprimé."},
			fhir.Text{EN: "Records %d to %d were removed.", FR: "Les enregistrements %d à %d ont été supprimés."})
		if g.id == "segment-missing" {
			f.Text = fhir.T("Records %d to %d are gone: segment %s, or the end of the one before it.",
				"Les enregistrements %d à %d ont disparu : le segment %s, ou la fin du précédent.", g.first, g.last, segmentName(g.first))
		}
		v.report.Add(f)
	}
}

// reportEnd reports records that hashes or signatures promise after the last.
func (v *verifier) reportEnd() {
	end := max(v.promised, v.latest)
	if end <= v.want {
		return
	}
	first := v.want
	v.report.Add(Finding{Class: Incomplete, ID: "end-missing", File: v.place, Offset: v.offset, First: first, Last: end - 1, After: v.last,
		Text: plural(first, end-1,
			fhir.Text{EN: "Record %d is gone from the end of the log.", FR: "L'enregistrement %d a disparu de la fin de la trace."},
			fhir.Text{EN: "Records %d to %d are gone from the end of the log.", FR: "Les enregistrements %d à %d ont disparu de la fin de la trace."})})
}
