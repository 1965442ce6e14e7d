package caller

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// words are the sentences of a printed report in one language.
type words struct {
	refused, tried, nothing, late, changed, deleted string
	patient, document, fates                        string
	note                                            map[string]string // by severity
	fate                                            map[string]string
}

var languages = map[string]words{
	"en": {
		refused:  "%s: not taken in (%d)\n",
		tried:    "%s: can be taken in, %d resources; nothing was stored\n",
		late:     "%s: kept; a later edition is there already\n",
		nothing:  "%s: nothing changed, all of it was there already\n",
		changed:  "%s: %d created, %d updated, %d unchanged%s\n",
		deleted:  ", %d deleted",
		patient:  "  patient   %s\n",
		document: "  document  %s\n",
		fates:    "  %d mapped, %d kept as narrative, %d not understood\n",
		note:     map[string]string{"error": "  error: %s\n", "warning": "  warning: %s\n"},
		fate:     map[string]string{"mapped": "mapped", "narrative": "narrative", "not-understood": "not understood"},
	},
	"fr": {
		refused:  "%s\u00a0: non intégré (%d)\n",
		tried:    "%s\u00a0: intégrable, %d ressources ; rien n’a été enregistré\n",
		late:     "%s\u00a0: gardé ; une édition plus récente est déjà là\n",
		nothing:  "%s\u00a0: rien n’a changé, tout était déjà là\n",
		changed:  "%s\u00a0: créés %d, modifiés %d, inchangés %d%s\n",
		deleted:  ", supprimés %d",
		patient:  "  patient   %s\n",
		document: "  document  %s\n",
		fates:    "  convertis %d, gardés en texte %d, non compris %d\n",
		note:     map[string]string{"error": "  erreur\u00a0: %s\n", "warning": "  avertissement\u00a0: %s\n"},
		fate:     map[string]string{"mapped": "converti", "narrative": "texte", "not-understood": "non compris"},
	},
}

// Print writes the report for people, in the language "fr" or "en": a line for
// the document, the resources by type, each warning, and each item if they were
// asked for.
func (r *Report) Print(w io.Writer, language string) {
	say := languages[language]
	r.headline(w, say)
	if r.Accepted {
		n := r.Counts
		if !r.DryRun {
			fmt.Fprintf(w, say.patient, r.Patient)
			fmt.Fprintf(w, say.document, r.Reference)
		}
		fmt.Fprintf(w, say.fates, n["mapped"], n["narrative"], n["not-understood"])
		fmt.Fprintf(w, "  %s\n", r.byType())
	}
	for _, note := range r.Notes {
		note.print(w, language, !r.Accepted)
	}
	for _, i := range r.Items {
		i.print(w, say)
	}
}

// headline says in a line what became of the document.
func (r *Report) headline(w io.Writer, say words) {
	n := r.Counts
	deleted := ""
	if n["deleted"] > 0 {
		deleted = fmt.Sprintf(say.deleted, n["deleted"])
	}
	switch {
	case !r.Accepted:
		fmt.Fprintf(w, say.refused, r.Document, r.Status)
	case r.Superseded:
		fmt.Fprintf(w, say.late, r.Document)
	case r.DryRun && !r.Known:
		fmt.Fprintf(w, say.tried, r.Document, len(r.Resources))
	case n["created"]+n["updated"]+n["deleted"] == 0:
		fmt.Fprintf(w, say.nothing, r.Document)
	default:
		fmt.Fprintf(w, say.changed, r.Document, n["created"], n["updated"], n["unchanged"], deleted)
	}
}

// byType counts the resources by type: "Condition 3, Patient 1".
func (r *Report) byType() string {
	count := map[string]int{}
	for _, m := range r.Resources {
		typ, _, _ := strings.Cut(m.Location, "/")
		count[typ]++
	}
	var parts []string
	for _, typ := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%s %d", typ, count[typ]))
	}
	return strings.Join(parts, ", ")
}

// print leaves out what is for information when the counts and the items say
// it; with detail, of a document that was not taken in, it says where it is kept.
func (n Note) print(w io.Writer, language string, detail bool) {
	format, told := languages[language].note[n.Severity]
	if !told && !detail {
		return
	} else if !told {
		format = "  %s\n"
	}
	text := n.EN
	if language == "fr" {
		text = n.FR
	}
	fmt.Fprintf(w, format, text)
	for _, at := range n.At {
		fmt.Fprintf(w, "    %s\n", at)
	}
	if detail && n.Detail != "" {
		fmt.Fprintf(w, "    %s\n", n.Detail)
	}
}

func (i Item) print(w io.Writer, say words) {
	fmt.Fprintf(w, "  %s, %s: %s", i.Kind, say.fate[i.Fate], i.Source)
	if i.Path != "" {
		fmt.Fprintf(w, " -> %s", i.Path)
	}
	if i.Reason != "" {
		fmt.Fprintf(w, " (%s)", i.Reason)
	}
	fmt.Fprintln(w)
}
