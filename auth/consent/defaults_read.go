package consent

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// ReadDefaults reads the default rules from a data file in YAML; name is how
// errors call it. It fails with every fault at once, each with its line and what
// was expected there.
func ReadDefaults(name string, text []byte) (*Defaults, error) {
	var file defaultsFile
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	r := defaultsReader{name: name}
	if err := dec.Decode(&file); err != nil {
		var many *yaml.TypeError
		if !errors.As(err, &many) {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, e := range many.Errors {
			r.faults = append(r.faults, fmt.Errorf("%s: %s", name, e))
		}
	}
	d := r.read(&file)
	if len(r.faults) > 0 {
		return nil, errors.Join(r.faults...)
	}
	return d, nil
}

// word is a string of the file with its line.
type word struct {
	text string
	line int
}

func (w *word) UnmarshalYAML(n *yaml.Node) error {
	w.line = n.Line
	if n.Kind != yaml.ScalarNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: a single word was expected", n.Line)}}
	}
	w.text = n.Value
	return nil
}

type titleFile struct{ EN, FR word }

type defaultsFile struct {
	Version word
	Classes []struct {
		Class        word
		Title        titleFile
		Types, Codes []word
	}
	Professions []struct {
		Profession           word
		Title                titleFile
		Specialties, Classes []word
	}
	Labels []struct {
		Label, Kind word
		Title       titleFile
		Codes, See  []word
	}
	Representatives struct{ Minor, Always []word }
}

// defaultsReader collects the faults of one file.
type defaultsReader struct {
	name   string
	faults []error
}

func (r *defaultsReader) fault(line int, path, format string, args ...any) {
	at := r.name
	if line > 0 {
		at = fmt.Sprintf("%s: line %d", r.name, line)
	}
	r.faults = append(r.faults, fmt.Errorf("%s: %s: %s", at, path, fmt.Sprintf(format, args...)))
}

func (r *defaultsReader) read(file *defaultsFile) *Defaults {
	d := &Defaults{version: file.Version.text, minor: textsOf(file.Representatives.Minor), always: textsOf(file.Representatives.Always)}
	if !validVersion(d.version) {
		r.fault(file.Version.line, "version", "%q is no version: 1 to 64 letters, digits, '.', '-' or '_' were expected", d.version)
	}
	r.classes(file, d)
	r.professions(file, d)
	r.labels(file, d)
	return d
}

func (r *defaultsReader) classes(file *defaultsFile, d *Defaults) {
	if len(file.Classes) == 0 {
		r.fault(0, "classes", "a list of classes was expected")
	}
	for i, c := range file.Classes {
		path := fmt.Sprintf("classes[%d]", i)
		if c.Class.text == "" || c.Class.text == otherClass || c.Class.text == "*" {
			r.fault(c.Class.line, path+".class", "a name other than %q and \"*\" was expected", otherClass)
		}
		if len(c.Types) == 0 {
			r.fault(c.Class.line, path+".types", "at least one resource type was expected")
		}
		for j, t := range c.Types {
			if !tables.IsResource(t.text) {
				r.fault(t.line, fmt.Sprintf("%s.types[%d]", path, j), "%q is no resource type of R4", t.text)
			}
		}
		codes := textsOf(c.Codes)
		for j := range codes {
			codes[j] = fhir.ClassLabel + codes[j]
		}
		d.classes = append(d.classes, dataClass{name: c.Class.text, title: r.title(path, c.Class.line, c.Title), types: textsOf(c.Types), codes: codes})
	}
}

func (r *defaultsReader) professions(file *defaultsFile, d *Defaults) {
	if len(file.Professions) == 0 {
		r.fault(0, "professions", "a list of professions was expected")
	}
	for i, p := range file.Professions {
		path := fmt.Sprintf("professions[%d]", i)
		if p.Profession.text == "" {
			r.fault(p.Profession.line, path+".profession", "a code of TRE_G15-ProfessionSante, software, person, patient, representative or a delegation was expected")
		}
		entry := row{profession: p.Profession.text, specialties: textsOf(p.Specialties), title: r.title(path, p.Profession.line, p.Title)}
		for j, c := range p.Classes {
			switch {
			case c.text == "*":
				entry.all = true
			case c.text != otherClass && !slices.ContainsFunc(d.classes, func(k dataClass) bool { return k.name == c.text }):
				r.fault(c.line, fmt.Sprintf("%s.classes[%d]", path, j), "%q is none of the classes above, nor %q, nor \"*\"", c.text, otherClass)
			default:
				entry.classes = append(entry.classes, c.text)
			}
		}
		same := func(k row) bool { return k.profession == entry.profession && len(k.specialties) == 0 }
		if entry.profession != "" && slices.ContainsFunc(d.rows, same) {
			r.fault(p.Profession.line, path+".profession", "%q has a row above that always comes first", entry.profession)
		}
		d.rows = append(d.rows, entry)
	}
}

func (r *defaultsReader) labels(file *defaultsFile, d *Defaults) {
	for i, l := range file.Labels {
		path := fmt.Sprintf("labels[%d]", i)
		entry := label{name: l.Label.text, title: r.title(path, l.Label.line, l.Title), mask: l.Kind.text == "mask", codes: textsOf(l.Codes)}
		if l.Label.text == "" {
			r.fault(l.Label.line, path+".label", "a name was expected")
		}
		if l.Kind.text != "mask" && l.Kind.text != "sensitive" {
			r.fault(l.Kind.line, path+".kind", "%q is neither mask nor sensitive", l.Kind.text)
		}
		if len(l.Codes) == 0 {
			r.fault(l.Label.line, path+".codes", "at least one code was expected")
		}
		for j, s := range l.See {
			if groundNames[s.text] == 0 {
				r.fault(s.line, fmt.Sprintf("%s.see[%d]", path, j), "%q is none of named, consent, treating, team, emergency, patient, representative", s.text)
			}
			entry.see |= groundNames[s.text]
		}
		d.labels = append(d.labels, entry)
	}
	for _, code := range []string{"MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "CONNEXION_SECRETE"} {
		if !slices.ContainsFunc(d.labels, func(l label) bool { return slices.Contains(l.codes, code) }) {
			r.fault(0, "labels", "no label has the code %s: without it what is masked would be seen", code)
		}
	}
}

func (r *defaultsReader) title(path string, line int, t titleFile) fhir.Text {
	if t.EN.text == "" || t.FR.text == "" {
		r.fault(line, path+".title", "a title in both languages was expected: {en: …, fr: …}")
	}
	return fhir.Text{EN: t.EN.text, FR: t.FR.text}
}

func textsOf(words []word) (list []string) {
	for _, w := range words {
		list = append(list, w.text)
	}
	return list
}

// validVersion accepts what may stand in a URN.
func validVersion(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
