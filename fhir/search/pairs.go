package search

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/fhir"
)

// A Pair is one name=value of a query. The order of the text is kept, and a
// parameter given twice must hold twice.
type Pair struct{ Name, Value string }

// Pairs reads application/x-www-form-urlencoded text: the query of a URL, or the
// body of a POST to _search (R4 http.html#search). It fails with a *fhir.Error
// of kind Malformed.
func Pairs(text string) ([]Pair, error) {
	var pairs []Pair
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, fault(fhir.Malformed, "search.malformed-query", fhir.CodeInvalid, "",
				fhir.T("The query cannot be read.", "La requête ne peut pas être lue."),
				fhir.Text{
					EN: "Write name=value, joined by &, in UTF-8, with % as %25, & as %26, + as %2B and = in a name as %3D.",
					FR: "Écrivez nom=valeur, séparés par &, en UTF-8, avec % écrit %25, & écrit %26, + écrit %2B et = dans un nom écrit %3D.",
				})
		}
		pairs = append(pairs, Pair{name, value})
	}
	return pairs, nil
}
