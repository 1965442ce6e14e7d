package naive

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// lookedFor is R4 search.html#text, in the syntax that package search documents:
// words that must all be there, OR between alternatives, phrases in quotes, and
// a comma between whole alternatives.
func (m Matcher) lookedFor(resource map[string]any, code, asked string) (bool, error) {
	texts := narrative(resource)
	if code == "_content" {
		texts = append(texts, textsIn(resource)...)
	}
	for _, alternative := range cut(asked, ',') {
		all, some := true, false
		for _, group := range groups(plain(alternative)) {
			some = true
			any := false
			for _, phrase := range group {
				any = any || among(texts, phrase)
			}
			all = all && any
		}
		if !some {
			return false, fmt.Errorf("no word in %q", alternative)
		}
		if all {
			return true, nil
		}
	}
	return false, nil
}

// among reports whether one of the texts has the words one after the other.
func among(texts []string, phrase string) bool {
	for _, t := range texts {
		if strings.Contains(" "+fold(t)+" ", " "+phrase+" ") {
			return true
		}
	}
	return false
}

var token = regexp.MustCompile(`"[^"]*"|[^\s"]+`)

// groups are the phrases of which one each must be there.
func groups(asked string) (list [][]string) {
	or := false
	for _, t := range token.FindAllString(asked, -1) {
		switch phrase := fold(t); {
		case t == "OR":
			or = true
		case t == "AND" || t == "and" || phrase == "":
		case or && len(list) > 0:
			list[len(list)-1] = append(list[len(list)-1], phrase)
			or = false
		default:
			list = append(list, []string{phrase})
			or = false
		}
	}
	return list
}

var tags = regexp.MustCompile(`<[^>]*>`)

// narrative is the text of the narrative; none without one.
func narrative(resource map[string]any) []string {
	v := value{"", resource["text"]}
	if v.Get("div") == nil {
		return nil
	}
	return []string{markup(text(v.Get("div")))}
}

func markup(div string) string { return html.UnescapeString(tags.ReplaceAllString(div, " ")) }

// textsIn are all strings of a resource, each an element.
func textsIn(j any) (list []string) {
	switch j := j.(type) {
	case map[string]any:
		for name, member := range j {
			if s, ok := member.(string); ok && name == "div" {
				list = append(list, markup(s))
			} else {
				list = append(list, textsIn(member)...)
			}
		}
	case []any:
		for _, item := range j {
			list = append(list, textsIn(item)...)
		}
	case string:
		list = append(list, j)
	}
	return list
}
