package main

import (
	"fmt"
	"path"
	"strings"
)

// invariantTable: a record for each invariant
//
//	key  type  severity  expression  human
//
// sorted. The type is the one that defines it: inv-1 is one thing of Parameters
// and another of Task. Which elements it holds for stands in the table of types.
func invariantTable(p pack) (string, error) {
	records := map[string]string{}
	for _, d := range p.types {
		for _, e := range d.Snapshot.Element {
			for _, c := range e.Constraint {
				source := d.Type
				if c.Source != "" {
					source = path.Base(c.Source)
				}
				key := c.Key + "\t" + source
				record := strings.Join([]string{c.Severity, oneLine(c.Expression), oneLine(c.Human)}, "\t")
				if other, ok := records[key]; ok && other != record {
					return "", fmt.Errorf("invariant %s is defined in two ways:\n%s\n%s", key, other, record)
				}
				records[key] = record
			}
		}
	}
	var b strings.Builder
	for _, key := range sortedKeys(records) {
		b.WriteString(key + "\t" + records[key] + "\n")
	}
	return b.String(), nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
