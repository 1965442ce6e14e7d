package rest

import (
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// A Language is one of those in which the gateway speaks to people.
type Language string

// The languages. Codes, paths and parameter names are the same in both.
const (
	French  Language = "fr"
	English Language = "en"
)

// orDefault returns French for a language that is not spoken.
func (l Language) orDefault() Language {
	if l == English {
		return English
	}
	return French
}

// other returns the language that l is not.
func (l Language) other() Language {
	if l == French {
		return English
	}
	return French
}

// say returns the sentence in the language, or in the other one when there is
// no such.
func (l Language) say(t fhir.Text) string {
	if l == English && t.EN != "" || t.FR == "" {
		return t.EN
	}
	return typeset.Replace(t.FR)
}

// typeset puts the no-break spaces of French typography where a sentence of the
// catalogue has plain ones.
var typeset = strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", "« ", "«\u00a0", " »", "\u00a0»")

// negotiateLanguage reads Accept-Language (RFC 9110 §12.5.4): the language of
// the highest weight, the first of equals, def when neither is asked for.
func negotiateLanguage(headers []string, def Language) Language {
	best, weight := def, 0.0
	for _, header := range headers {
		for item := range strings.SplitSeq(header, ",") {
			tag, q := weighted(item)
			primary, _, _ := strings.Cut(tag, "-")
			l := Language(strings.ToLower(primary))
			if primary == "*" {
				l = def
			}
			if (l == French || l == English) && q > weight {
				best, weight = l, q
			}
		}
	}
	return best
}

// weighted splits an item of an Accept header into its value, without
// parameters, and its weight: 1 when none is given, 0 when it makes no sense.
func weighted(item string) (value string, q float64) {
	value, params, _ := strings.Cut(item, ";")
	q = 1
	for param := range strings.SplitSeq(params, ";") {
		name, number, _ := strings.Cut(strings.TrimSpace(param), "=")
		if strings.EqualFold(name, "q") {
			var err error
			if q, err = strconv.ParseFloat(strings.TrimSpace(number), 64); err != nil || !(q >= 0 && q <= 1) {
				q = 0
			}
		}
	}
	return strings.TrimSpace(value), q
}
