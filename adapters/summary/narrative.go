package summary

import (
	"html"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// narrative writes the table of a section as the XHTML that FHIR allows (R4
// narrative.html#rules). Nothing of a resource gets into it but as escaped
// text. Columns in which no entry has anything are left out. The words for an
// entry have an id, so that a CDA entry can refer to them.
func (w *reader) narrative(s *Section, entries []r) string {
	rows := make([][]string, len(entries))
	for i, n := range entries {
		for _, c := range s.Columns {
			rows[i] = append(rows[i], tidy(c.cell(w, n)))
		}
	}
	var b strings.Builder
	b.WriteString(opening)
	b.WriteString("<table><thead><tr>")
	shown := func(i int) bool {
		return i == 0 || slices.ContainsFunc(rows, func(row []string) bool { return row[i] != "" })
	}
	for i, c := range s.Columns {
		if shown(i) {
			b.WriteString("<th>" + html.EscapeString(w.say(c.title)) + "</th>")
		}
	}
	b.WriteString("</tr></thead><tbody>")
	for i, row := range rows {
		b.WriteString("<tr>")
		for j, text := range row {
			switch {
			case !shown(j):
			case j == 0 && text != "":
				b.WriteString(`<td><span id="` + html.EscapeString(anchor(entries[i])) + `">` + html.EscapeString(text) + "</span></td>")
			default:
				b.WriteString("<td>" + html.EscapeString(text) + "</td>")
			}
		}
		b.WriteString("</tr>")
	}
	return b.String() + "</tbody></table></div>"
}

const opening = `<div xmlns="http://www.w3.org/1999/xhtml">`

// anchor is the id of the words for an entry: unique within a document.
func anchor(n r) string { return strings.ToLower(n.Type) + "-" + n.ID }

// none says that nothing is available, which is not that there is nothing.
func (w *reader) none() string {
	return opening + "<p>" + html.EscapeString(w.say(fhir.T("No information available.", "Aucune information disponible."))) + "</p></div>"
}

// tidy makes a text fit for XHTML: characters that XML does not have are left
// out, and runs of white space are one space.
func tidy(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0xfffe || c == 0xffff {
			return -1
		}
		return c
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// labels returns the security labels of the entries, each once, without N,
// which is no label: the whole is as secret as its parts.
func labels(entries []fhirjson.Node) []string {
	var list []string
	for _, n := range entries {
		for l := range n.At("meta", "security").Items() {
			if c := l.Get("code").Text(); c != "" && c != "N" && !slices.Contains(list, l.Raw()) {
				list = append(list, l.Raw())
			}
		}
	}
	slices.Sort(list)
	return list
}
