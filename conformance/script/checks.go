package script

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checks are the verbs of indented lines. Each gets the state of the run, the
// answer and what follows the verb, variables replaced.
var checks = map[string]func(r *run, a *Answer, rest string) error{
	"=":         status,
	"header":    hasHeader,
	"no-header": noHeader,
	"total":     total,
	"ids":       func(_ *run, a *Answer, rest string) error { return sameIDs(a, "match", rest) },
	"included":  func(_ *run, a *Answer, rest string) error { return sameIDs(a, "include", rest) },
	"order":     order,
	"has":       has,
	"lacks":     lacks,
	"json":      equals,
	"save":      save,
	"as":        name,
	"same":      same,
}

// status: "404", "404 not-found", "200|204".
func status(_ *run, a *Answer, rest string) error {
	codes, issue, _ := strings.Cut(rest, " ")
	if !slices.Contains(strings.Split(codes, "|"), strconv.Itoa(a.Status)) {
		return fmt.Errorf("status %d, want %s", a.Status, codes)
	}
	if issue != "" && !slices.Contains(a.codes(), issue) {
		return fmt.Errorf("issue codes %q, want %s", a.codes(), issue)
	}
	return nil
}

// hasHeader: "ETag" is there, "ETag W/"1"" equals, "ETag ~ ^W/" matches.
func hasHeader(_ *run, a *Answer, rest string) error {
	name, want, valued := strings.Cut(rest, " ")
	got := strings.Join(a.Header.Values(name), ", ")
	pattern, matching := strings.CutPrefix(want, "~ ")
	switch {
	case len(a.Header.Values(name)) == 0:
		return fmt.Errorf("no header %s", name)
	case matching && !regexp.MustCompile(pattern).MatchString(got):
		return fmt.Errorf("%s: %s does not match %s", name, got, pattern)
	case valued && !matching && got != want:
		return fmt.Errorf("%s: %s, want %s", name, got, want)
	}
	return nil
}

func noHeader(_ *run, a *Answer, rest string) error {
	if v := a.Header.Values(rest); len(v) > 0 {
		return fmt.Errorf("header %s: %s, want none", rest, strings.Join(v, ", "))
	}
	return nil
}

// total: a number, or none.
func total(_ *run, a *Answer, rest string) error {
	v, ok := a.Value("total")
	if rest == "none" {
		if ok {
			return fmt.Errorf("total %v, want none", v)
		}
		return nil
	}
	if !ok || fmt.Sprint(v) != rest {
		return fmt.Errorf("total %v, want %s", v, rest)
	}
	return nil
}

// sameIDs: exactly these entries of that mode, in any order.
func sameIDs(a *Answer, mode, rest string) error {
	got, ok := a.ids(mode)
	if !ok {
		return fmt.Errorf("no Bundle in a %d", a.Status)
	}
	want := strings.Fields(rest)
	if rest == "none" {
		want = nil
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s entries\n\t  got  %s\n\t  want %s", mode, strings.Join(got, " "), strings.Join(want, " "))
	}
	return nil
}

// order: these matches in this order.
func order(_ *run, a *Answer, rest string) error {
	got, _ := a.ids("match")
	if want := strings.Fields(rest); !slices.Equal(got, want) {
		return fmt.Errorf("matches\n\t  got  %s\n\t  want %s", strings.Join(got, " "), rest)
	}
	return nil
}

// has and lacks look at the whole answer: status, headers and body.
func has(_ *run, a *Answer, rest string) error {
	if !strings.Contains(a.text(), rest) {
		return fmt.Errorf("%q is nowhere in the answer", rest)
	}
	return nil
}

func lacks(_ *run, a *Answer, rest string) error {
	if strings.Contains(a.text(), rest) {
		return fmt.Errorf("%q is in the answer", rest)
	}
	return nil
}

// equals: "json PATH VALUE", "json PATH none", "json PATH ~ REGEXP".
func equals(_ *run, a *Answer, rest string) error {
	path, want, _ := strings.Cut(rest, " ")
	v, ok := a.Value(path)
	if want == "none" {
		if ok {
			return fmt.Errorf("%s is %v, want none", path, v)
		}
		return nil
	}
	got := fmt.Sprint(v)
	if pattern, matching := strings.CutPrefix(want, "~ "); matching && ok && regexp.MustCompile(pattern).MatchString(got) {
		return nil
	}
	if !ok || got != want {
		return fmt.Errorf("%s is %v, want %s", path, v, want)
	}
	return nil
}

// save: "save NAME header Location REGEXP" or "save NAME json PATH [REGEXP]";
// the first group of the expression is what is kept, or all of it.
func save(r *run, a *Answer, rest string) error {
	f := strings.SplitN(rest, " ", 4)
	if len(f) < 3 {
		return fmt.Errorf("save NAME header|json WHERE [REGEXP], not %q", rest)
	}
	var text string
	switch f[1] {
	case "header":
		text = a.Header.Get(f[2])
	case "json":
		if v, ok := a.Value(f[2]); ok {
			text = fmt.Sprint(v)
		}
	}
	if len(f) == 4 {
		m := regexp.MustCompile(f[3]).FindStringSubmatch(text)
		if m == nil {
			return fmt.Errorf("%s %q does not match %s", f[2], text, f[3])
		}
		text = m[len(m)-1]
	}
	if text == "" {
		return fmt.Errorf("nothing at %s", f[2])
	}
	r.vars[f[0]] = text
	return nil
}

// name keeps the answer for a later "same".
func name(r *run, a *Answer, rest string) error {
	r.answers[rest] = a
	return nil
}

// same compares with an earlier answer; "same NAME a=b" reads b in this one as a in that.
func same(r *run, a *Answer, rest string) error {
	f := strings.Fields(rest)
	if len(f) == 0 || r.answers[f[0]] == nil {
		return fmt.Errorf("no answer is named %q", rest)
	}
	return compare(r.answers[f[0]], a, f[1:])
}
