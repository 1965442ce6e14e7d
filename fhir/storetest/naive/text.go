package naive

import (
	"fmt"
	"strings"
	"unicode"
)

// compareText is R4 search.html#string.
func compareText(v value, modifier, s string) (bool, error) {
	list := stringsOf(v)
	s = plain(s)
	switch modifier {
	case "":
		return startsWithAny(list, s) || startsPart(v, s), nil
	case "exact":
		for _, t := range list {
			if t == s {
				return true, nil
			}
		}
		return false, nil
	case "contains":
		for _, t := range list {
			if strings.Contains(fold(t), fold(s)) || strings.Contains(unmarked(t), fold(s)) {
				return true, nil
			}
		}
		return false, nil
	}
	return false, fmt.Errorf("naive knows no string modifier %s", modifier)
}

// stringsOf are the strings that a value holds.
func stringsOf(v value) (list []string) {
	paths := map[string][]string{"HumanName": {"text", "family", "given", "prefix", "suffix"},
		"Address": {"text", "line", "city", "district", "state", "postalCode", "country"}}[v.typ]
	if paths == nil {
		return []string{v.Text()}
	}
	for _, p := range paths {
		for _, t := range walk(v.json, p) {
			list = append(list, text(t))
		}
	}
	return list
}

func startsWithAny(list []string, s string) bool {
	for _, t := range list {
		if strings.HasPrefix(fold(t), fold(s)) {
			return true
		}
	}
	return false
}

// startsPart reports whether a text begins so when punctuation says nothing, or
// a part of a family name does.
func startsPart(v value, s string) bool {
	for _, t := range stringsOf(v) {
		if strings.HasPrefix(unmarked(t), fold(s)) || unmarked(s) != "" && (strings.HasPrefix(fold(t), unmarked(s)) || strings.HasPrefix(unmarked(t), unmarked(s))) {
			return true
		}
	}
	families := walk(v.json, "family")
	if v.typ == "family" {
		families = []any{v.json}
	}
	for _, f := range families {
		words := strings.Fields(fold(text(f)))
		for i := range words {
			rest := strings.Join(words[i:], " ")
			if strings.HasPrefix(rest, fold(s)) || unmarked(s) != "" && strings.HasPrefix(rest, unmarked(s)) {
				return true
			}
		}
	}
	return false
}

// unmarked folds a text without its punctuation.
func unmarked(s string) string {
	return fold(strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) {
			return -1
		}
		return r
	}, s))
}

// accents are the letters of French, and some more, with what they are without.
var accents = strings.NewReplacer("à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i",
	"ñ", "n", "ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "ÿ", "y", "æ", "ae", "œ", "oe", "ß", "ss")

// fold takes case and accents away, and makes one space of all that is neither
// letter nor digit.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 0x300 && r < 0x370 { // combining marks
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	words := strings.FieldsFunc(accents.Replace(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}
