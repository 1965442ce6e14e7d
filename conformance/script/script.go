package script

// A Script is one file: a title that cites what it proves, and steps in order.
type Script struct {
	Name  string // of the file, for messages
	Title string
	Alone bool // it counts whole sets, which no other script may change meanwhile
	Lets  []let
	Pairs []pair
	Steps []Step
}

// A let is a variable with a fixed text.
type let struct{ name, text string }

// A pair is a variable with two values: of something withheld and of something absent.
type pair struct{ name, withheld, absent string }

// A Step is one request and the checks of its answer.
type Step struct {
	Line   int
	Both   bool   // sent for each half of the pairs
	Actor  string // a client of the territory, or nobody
	Scope  string // narrower than the client's own; empty for all
	Method string
	Path   string // below the FHIR base, or from the origin when it begins with /
	Header []header
	Body   string
	File   string // the body is in this file, beside the script
	Checks []check
}

type header struct{ name, value string }

// A check is one expectation or capture: a verb of checks.go and its arguments.
type check struct {
	line int
	verb string
	rest string
}
