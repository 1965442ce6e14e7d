package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/search"
)

// An output is the form in which resources are to be sent.
type output struct {
	media    []string // Content-Type
	explicit bool     // the client named a FHIR format
	pretty   bool
	subset   subset
}

// asked is a query of a URL, split into what shapes the output and the rest.
type asked struct {
	format, pretty  string
	summary, fields []string      // _summary, _elements
	shape           []search.Pair // both, as they were given
	cursor          string
	rest            []search.Pair
}

func ask(query string) (asked, error) {
	var a asked
	if query == "" {
		return a, nil
	}
	pairs, err := search.Pairs(query)
	if err != nil {
		return a, err
	}
	for _, p := range pairs {
		switch p.Name {
		case "_format":
			a.format = p.Value
		case "_pretty":
			a.pretty = p.Value
		case "_cursor":
			a.cursor = p.Value
		case "_summary":
			a.summary, a.shape = append(a.summary, p.Value), append(a.shape, p)
		case "_elements":
			a.fields, a.shape = append(a.fields, strings.Split(p.Value, ",")...), append(a.shape, p)
		default:
			a.rest = append(a.rest, p)
		}
	}
	return a, nil
}

// output works out the form of the answer. bundle says that the answer is a
// Bundle, for which _summary=count makes sense.
func (a asked) output(r *http.Request, bundle bool) (output, error) {
	o := output{explicit: a.format != "" || acceptsFHIR(r.Header["Accept"])}
	var err error
	if o.media, err = negotiate(r, a.format); err != nil {
		return o, err
	}
	switch a.pretty {
	case "", "false":
	case "true":
		o.pretty = true
	default:
		return o, errParameter("_pretty", fhir.T("Use true or false.", "Utilisez true ou false."))
	}
	switch {
	case len(a.summary) > 1:
		return o, errParameter("_summary", fhir.T("Give it once.", "Donnez-le une seule fois."))
	case len(a.summary) == 1 && len(a.fields) > 0:
		return o, errParameter("_elements", fhir.T("Use _summary or _elements, not both.", "Utilisez _summary ou _elements, pas les deux."))
	case len(a.summary) == 1:
		o.subset.summary = a.summary[0]
		if !slices.Contains([]string{"true", "false", "text", "data"}, o.subset.summary) && !(bundle && o.subset.summary == "count") {
			return o, errParameter("_summary", fhir.T("Use true, text, data or false; count in searches only.", "Utilisez true, text, data ou false ; count seulement dans les recherches."))
		}
	}
	o.subset.elements = a.fields
	return o, nil
}

// alone refuses parameters that a read does not have: a filter that is silently
// dropped is mistaken for one that was applied.
func (a asked) alone(strict bool) error {
	if a.cursor != "" {
		a.rest = append(a.rest, search.Pair{Name: "_cursor"})
	}
	if !strict || len(a.rest) == 0 {
		return nil
	}
	e := &fhir.Error{Kind: fhir.Malformed, Op: "rest"}
	for _, p := range a.rest {
		e.Issues = append(e.Issues, unknownParameter(p.Name, readParameters))
	}
	return e
}

var readParameters = []string{"_format", "_pretty", "_summary", "_elements"}

// unknownParameter names a parameter that the interaction does not have. The
// name is the client's text, so it is only repeated when it looks like one.
func unknownParameter(name string, known []string) fhir.Issue {
	if len(name) > maxRequestID || sanitise(name) != name {
		name = "?"
	}
	hint := fhir.T("It takes %s.", "Elle accepte %s.", strings.Join(known, ", "))
	if near := tables.Nearest(name, known); near != "" {
		hint = fhir.T("Did you mean %s?", "Vouliez-vous dire %s ?", near)
	}
	return fhir.Issue{ID: "rest.unknown-parameter", Code: fhir.CodeNotSupported, At: "http." + name,
		Text: fhir.T("This interaction has no parameter %s.", "Cette interaction n'a pas de paramètre %s.", name), Hint: hint}
}

func errParameter(name string, hint fhir.Text) error {
	return fhir.Errorf(fhir.Malformed, "rest", "rest.parameter-value", fhir.CodeValue, "http."+name,
		fhir.T("The value of %s makes no sense here.", "La valeur de %s n'a pas de sens ici.", name), hint)
}

// readOutput is the output of an interaction that answers with one resource.
func (s *Server) readOutput(r *http.Request) (output, error) {
	if r.URL.RawQuery == "" {
		return asked{}.output(r, false)
	}
	a, err := ask(r.URL.RawQuery)
	if err != nil {
		return output{}, err
	}
	if err := a.alone(s.strict(prefer(r.Header))); err != nil {
		return output{}, err
	}
	return a.output(r, false)
}

// shape returns the bytes to send for a stored body: the same, or a subset of
// its elements.
func (o *output) shape(typ string, body []byte) ([]byte, error) {
	if o.subset.whole() {
		return body, nil
	}
	return o.subset.of(typ, body)
}

// send writes a complete JSON answer.
func (o *output) send(w http.ResponseWriter, status int, body []byte) error {
	if o.pretty {
		v := jsontext.Value(slices.Clone(body))
		if err := v.Indent(jsontext.WithIndent("  ")); err == nil { // keeps numbers and strings as written
			body = v
		}
	}
	h := w.Header()
	h["Content-Type"] = o.media
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write(body) // when it fails the client is gone, and there is nobody to tell
	return nil
}

// sendResource writes one version of a resource.
func (s *Server) sendResource(w http.ResponseWriter, status int, res *fhir.Resource, o *output) error {
	body, err := o.shape(res.Type, res.Body)
	if err != nil {
		return err
	}
	return o.send(w, status, body)
}
