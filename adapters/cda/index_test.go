package cda_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
)

// rows reads a table of the index of the documents of the CI-SIS, by its columns.
func rows(t *testing.T, name string) (list []map[string]string) {
	t.Helper()
	f, err := os.Open(adaptertest.Shared(t, "samples/mappings/"+name)[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range table[1:] {
		row := map[string]string{}
		for i, column := range table[0] {
			row[column] = r[i]
		}
		list = append(list, row)
	}
	return list
}

// generic is a statement of a class with a template, as any of its kind may look.
func generic(class, template, anchor string, i int) string {
	id := fmt.Sprintf(`<templateId root="%s"/><id root="2.999.50" extension="%s.%d"/>`, template, template, i)
	code := `<code code="X%d" codeSystem="2.999.5" displayName="Acte"><originalText><reference value="#%s"/></originalText><translation code="Y" codeSystem="2.999.6"/></code>`
	switch template[strings.LastIndexByte(template, '.')+1:] { // of these the code is fixed, or there is none
	case "39", "40":
		code = `<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/>`
	case "32":
		code = `<code code="48767-8" codeSystem="2.16.840.1.113883.6.1"/>`
	case "59":
		code = ""
	default:
		code = fmt.Sprintf(code, i, anchor)
	}
	said := code + `<text><reference value="#` + anchor + `"/></text><statusCode code="completed"/><effectiveTime><low value="20260102"/><high value="20260103"/></effectiveTime>`
	value := `<value xsi:type="CD" code="R05" codeSystem="2.16.840.1.113883.6.3" displayName="Toux"/>`
	product := `<manufacturedProduct><manufacturedMaterial><code code="60004319" codeSystem="1.2.250.1.213.2.3.1" displayName="Médicament"/><name>Médicament</name></manufacturedMaterial></manufacturedProduct>`
	inner := `<observation classCode="OBS" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.48"/><id nullFlavor="UNK"/><code code="8867-4" codeSystem="2.16.840.1.113883.6.1" displayName="Pouls"/><statusCode code="completed"/><effectiveTime value="20260102"/><value xsi:type="PQ" value="80" unit="/min"/></observation>`
	author := `<author><time value="20260102"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="899900003022"/></assignedAuthor></author>`
	switch class {
	case "observation":
		return `<observation classCode="OBS" moodCode="EVN">` + id + said + value + author + `</observation>`
	case "act":
		return `<act classCode="ACT" moodCode="EVN">` + id + said + author + `<entryRelationship typeCode="SUBJ">` + inner + `</entryRelationship></act>`
	case "organizer":
		return `<organizer classCode="CLUSTER" moodCode="EVN">` + id + code + `<statusCode code="completed"/><effectiveTime value="20260102"/>` + author + `<component>` + inner + `</component></organizer>`
	case "procedure":
		return `<procedure classCode="PROC" moodCode="EVN">` + id + said + `<targetSiteCode code="S" codeSystem="2.999.5"/>` + author + `</procedure>`
	case "encounter":
		return `<encounter classCode="ENC" moodCode="EVN">` + id + said + author + `</encounter>`
	case "substanceAdministration":
		return `<substanceAdministration classCode="SBADM" moodCode="EVN">` + id + said + `<routeCode code="20053000" codeSystem="0.4.0.127.0.16.1.1.2.1" displayName="Orale"/><doseQuantity value="1"/><consumable>` + product + `</consumable>` + author + `</substanceAdministration>`
	case "supply":
		return `<supply classCode="SPLY" moodCode="EVN">` + id + said + `<quantity value="1"/><product>` + product + `</product>` + author + `</supply>`
	case "observationMedia":
		return `<observationMedia classCode="OBS" moodCode="EVN">` + id + `<value mediaType="image/png" representation="B64">iVBORw0KGgo=</value></observationMedia>`
	}
	return ""
}

// TestIndex: every section of the CI-SIS with statements of every template that its
// examples have in it, in forms that they do not have, becomes valid resources, and
// nothing of it is lost.
func TestIndex(t *testing.T) {
	frame, err := os.ReadFile("testdata/vsm-minimal.xml")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows(t, "cda_fr_sections_index.csv") {
		section := row["fr_section_template"]
		t.Run(section+" "+row["loinc_or_code"], func(t *testing.T) {
			var b strings.Builder
			fmt.Fprintf(&b, `<section><templateId root="%s"/><id root="2.999.51" extension="%d"/><code code="%s" codeSystem="2.16.840.1.113883.6.1" displayName="Section"/><title>Section</title><text><content ID="a%d">Ce qui est dit</content></text>`,
				section, i, strings.Fields(row["loinc_or_code"] + " X")[0], i)
			for j, entry := range strings.Fields(row["entry_templates"]) {
				class, template, _ := strings.Cut(entry, ":")
				if template == "-" {
					template = "2.999.52"
				}
				if s := generic(class, template, fmt.Sprintf("a%d", i), j); s != "" {
					b.WriteString("<entry>" + s + "</entry>")
				}
			}
			b.WriteString("</section>")
			doc := elementOf(t, string(frame))
			doc.below(named("structuredBody"))[0].kids = []*element{{name: "component", kids: []*element{elementOf(t, b.String())}}}
			inForm(t, doc.String(), false)
		})
	}
}

// TestIndexOfDocuments: a document of every kind of the CI-SIS, by its template and
// its code, is read.
func TestIndexOfDocuments(t *testing.T) {
	text, err := os.ReadFile("testdata/vsm-complet.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows(t, "cda_fr_documents_index.csv") {
		t.Run(row["path"], func(t *testing.T) {
			doc := elementOf(t, string(text))
			doc.drop("templateId")
			for _, template := range strings.Fields(row["specific_template_ids"]) {
				root, extension, _ := strings.Cut(template, "^")
				at := &element{name: "templateId", attrs: [][2]string{{"root", root}}}
				if extension != "" {
					at.set("extension", extension)
				}
				doc.kids = append([]*element{at}, doc.kids...)
			}
			code := doc.kid("code")
			code.attrs = [][2]string{{"code", row["code"]}, {"codeSystem", row["codeSystem"]}, {"displayName", row["displayName"]}}
			inForm(t, doc.String(), false)
		})
	}
}
