package search

import "strings"

// A Control is a parameter of every search that is no parameter of the
// resources: it says how to answer, or what it says is made of other parameters.
type Control struct {
	Name string
	Type Kind // as the summary table of R4 search.html#table has it
}

// Controls lists them. Parse knows these and the parameters of the types, and no
// others.
func Controls() []Control {
	return []Control{
		{"_contained", String}, {"_containedType", String}, {"_count", Number}, {"_elements", String}, {"_filter", Special},
		{"_has", String}, {"_include", String}, {"_list", String}, {"_revinclude", String}, {"_sort", String},
		{"_summary", String}, {"_total", String}, {"_type", Token},
	}
}

// Syntax tells, in Markdown, which modifiers and prefixes a parameter takes by
// its type, and how parameters are chained.
func Syntax() string {
	var b strings.Builder
	line := func(kind string, p parameter, more string) {
		b.WriteString("* " + kind + ": ")
		for i, m := range modifiers(&p) {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(":" + m)
		}
		b.WriteString(more + "\n")
	}
	ordered := "; prefixes " + strings.Join(prefixes, ", ")
	b.WriteString("Modifiers and prefixes by the type of the parameter:\n\n")
	line("string", parameter{Param: Param{Type: String}}, "")
	line("token", parameter{Param: Param{Type: Token}}, "")
	line("reference", parameter{Param: Param{Type: Reference}}, ", :[type]")
	line("reference to what may be part of another (Location), or to its own type", parameter{Param: Param{Type: Reference}, climbs: true}, ", :[type]")
	line("reference to a canonical", parameter{Param: Param{Type: Reference, Canonical: true}}, "")
	line("uri", parameter{Param: Param{Type: URI}}, "")
	line("date", parameter{Param: Param{Type: Date}}, ordered)
	line("number", parameter{Param: Param{Type: Number}}, ordered)
	line("quantity", parameter{Param: Param{Type: Quantity}}, ordered)
	line("composite", parameter{Param: Param{Type: Composite}}, "")
	b.WriteString("* _include, _revinclude: :iterate\n\nEvery reference can be chained, forward (subject:Patient.name) and with _has, and both in turn.\n")
	return b.String()
}
