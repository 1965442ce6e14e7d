package profile

import (
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// A step is one part of the path to where the validator is.
type step struct {
	name  string
	index int // in an array; -1 outside
}

func (v *validator) push(name string) { v.path = append(v.path, step{name, -1}) }

func (v *validator) pop() { v.path = v.path[:len(v.path)-1] }

// at writes the path as FHIRPath, which is needed only when there is a problem.
func (v *validator) at() string {
	var b strings.Builder
	for i, s := range v.path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
		if s.index >= 0 {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.index))
			b.WriteByte(']')
		}
	}
	return b.String()
}

func (v *validator) full() bool { return len(v.issues) >= maxIssues }

// A problem is an issue whose place is not yet known.
type problem struct {
	id         string
	code       fhir.IssueCode
	text, hint fhir.Text
}

// report adds an error at the present path.
func (v *validator) report(p problem) { v.add(fhir.SeverityError, p) }

func (v *validator) add(severity fhir.Severity, p problem) {
	if !v.full() {
		v.issues = append(v.issues, fhir.Issue{ID: p.id, Severity: severity, Code: p.code, At: v.at(), Text: p.text, Hint: p.hint})
	}
}

// reportAt adds an error at a member of the present path.
func (v *validator) reportAt(name string, p problem) {
	v.push(name)
	v.report(p)
	v.pop()
}

// nameLike reports whether a name from the text may be repeated in an issue:
// one that looks like an element cannot be the name or number of a person.
func nameLike(name string) bool {
	name = strings.TrimPrefix(name, "_")
	digits := 0
	for _, c := range []byte(name) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c|0x20 < 'a' || c|0x20 > 'z':
			return false
		}
	}
	return len(name) > 0 && len(name) <= 64 && digits <= 2
}
