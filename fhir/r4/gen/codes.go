package main

import (
	"slices"
	"strings"
)

// codeTable: a group for each value set of a required binding
//
//	=url
//
// and in it the codes of each code system, sorted:
//
//	system  code  code  …
//
// The expansions are those published with R4. Value sets that nobody can list
// (MIME types, UCUM, a LOINC list) are left out: there is nothing to check.
func codeTable(p pack) string {
	var urls []string
	for _, d := range p.types {
		for _, e := range d.Snapshot.Element {
			if url, _, _ := strings.Cut(e.Binding.ValueSet, "|"); e.Binding.Strength == "required" {
				urls = append(urls, url)
			}
		}
	}
	slices.Sort(urls)
	var b strings.Builder
	for _, url := range slices.Compact(urls) {
		set, ok := p.expansions[url]
		if !ok || open(set) {
			continue
		}
		b.WriteString("=" + url + "\n")
		bySystem := map[string][]string{}
		collect(bySystem, set.Expansion.Contains)
		for _, system := range sortedKeys(bySystem) {
			codes := bySystem[system]
			slices.Sort(codes)
			b.WriteString(system + "\t" + strings.Join(slices.Compact(codes), "\t") + "\n")
		}
	}
	return b.String()
}

func open(set valueSet) bool {
	for _, x := range set.Expansion.Extension {
		if strings.HasSuffix(x.URL, "/valueset-toocostly") || strings.HasSuffix(x.URL, "/valueset-unclosed") {
			return true
		}
	}
	return len(set.Expansion.Contains) == 0
}

func collect(bySystem map[string][]string, concepts []concept) {
	for _, c := range concepts {
		if c.Code != "" {
			bySystem[c.System] = append(bySystem[c.System], c.Code)
		}
		collect(bySystem, c.Contains)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
