package writer

// kind is a kind of document: what the header and the sections say of it.
type kind struct {
	templates [][2]string // of the document: root, extension
	sections  map[string][]string
}

const (
	cisis        = "1.2.250.1.213.1.1"
	cisisEntry   = cisis + ".3"
	cisisSection = cisis + ".2"
	ihe          = "1.3.6.1.4.1.19376.1.5.3.1"
)

// sectionTemplates are the templates of sections by LOINC code: that of the
// CI-SIS last, those of IHE and HL7 that it conforms to before it (index of the
// sections of the CI-SIS, TestContenuCDA-3-0).
var sectionTemplates = map[string][]string{
	"46612-8": {cisisSection + ".29"},
	"34117-2": {cisisSection + ".30"},
	"57207-3": {cisisSection + ".31"},
	"11450-4": {"2.16.840.1.113883.10.20.1.11", ihe + ".3.6", cisisSection + ".132"},
	"11348-0": {ihe + ".3.8", cisisSection + ".134"},
	"47519-4": {"2.16.840.1.113883.10.20.1.12", ihe + ".3.11", ihe + ".3.12", cisisSection + ".136"},
	"48765-2": {"2.16.840.1.113883.10.20.1.2", ihe + ".3.13", cisisSection + ".137"},
	"29762-2": {"2.16.840.1.113883.10.20.1.15", ihe + ".3.16", ihe + ".3.16.1", cisisSection + ".141"},
	"10161-8": {ihe + ".1.5.3.1", cisisSection + ".74"},
	"10157-6": {"2.16.840.1.113883.10.20.1.4", ihe + ".3.14", ihe + ".3.15", cisisSection + ".139"},
	"10160-0": {"2.16.840.1.113883.10.20.1.8", ihe + ".3.19", cisisSection + ".143"},
	"11369-6": {"2.16.840.1.113883.10.20.1.6", ihe + ".3.23", cisisSection + ".147"},
	"30954-2": {ihe + ".3.27", cisisSection + ".150"},
	"46264-8": {ihe + ".1.5.3.5", cisisSection + ".1"},
	"42348-3": {"2.16.840.1.113883.10.20.1.1", ihe + ".3.34", ihe + ".3.35", cisisSection + ".157"},
	"44944-7": {cisisSection + ".245"},
	"47420-5": {"2.16.840.1.113883.10.22.3.8", cisisSection + ".246"},
	"44939-7": {cisisSection + ".247"},
	"10162-6": {ihe + ".1.5.3.4", cisisSection + ".77"},
	"18776-5": {"2.16.840.1.113883.10.20.1.10", ihe + ".3.36", cisisSection + ".158"},
	"8716-3":  {"2.16.840.1.113883.10.20.1.16", ihe + ".3.25", ihe + ".1.5.3.2", cisisSection + ".75"},
	"55107-7": {cisisSection + ".37"},
}

// kindOf tells the kind of a Composition: a VSM by its code or its first
// section, an IPS-FR by its code. Any other is a document of the CI-SIS that
// claims no template but the general one.
func kindOf(c resource) kind {
	code := c.At("type", "coding").First().Get("code").Text()
	for s := range c.Get("section").Items() {
		if coded(s.Get("code"), "46612-8") {
			code = "SYNTH"
		}
	}
	switch code {
	case "SYNTH":
		return kind{templates: [][2]string{{cisis + ".1.13", "201310"}}, sections: map[string][]string{"18776-5": {cisisSection + ".32"}}}
	case "60591-5":
		return kind{templates: [][2]string{{"2.16.840.1.113883.10.22.1.1", ""}, {cisis + ".1.51", "2024.01"}}, sections: map[string][]string{"30954-2": {cisisSection + ".244"}}}
	}
	return kind{}
}

// coded reports whether a concept has the code.
func coded(n node, code string) bool {
	for c := range n.Get("coding").Items() {
		if c.Get("code").Text() == code {
			return true
		}
	}
	return false
}

// templatesOf returns the templates of a section.
func (k kind) templatesOf(n node) []string {
	for c := range n.Get("coding").Items() {
		code := c.Get("code").Text()
		if own, ok := k.sections[code]; ok {
			return own
		}
		if list, ok := sectionTemplates[code]; ok {
			return list
		}
	}
	return nil
}

// templates returns a templateId for each of the roots.
func templates(roots ...string) (list []*element) {
	for _, root := range roots {
		list = append(list, el("templateId", "root", root))
	}
	return list
}
