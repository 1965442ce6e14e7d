package xmltree

import "strings"

// A Document is a tree and the text it was read from.
type Document struct {
	Root *Node
	Text string // decoded to UTF-8, line ends as they came
}

// Position returns line and column of an offset, from 1; columns count bytes.
func (d *Document) Position(offset int32) (line, column int) {
	return position(d.Text, int(offset))
}

func position(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}

// Lines returns a function that gives the line of offsets asked for in
// ascending order; asking for all of them reads the text once.
func (d *Document) Lines() func(offset int32) int {
	line, seen := 1, int32(0)
	return func(offset int32) int {
		if offset > seen {
			line += strings.Count(d.Text[seen:offset], "\n")
			seen = offset
		}
		return line
	}
}

// Config says how to name namespaces, and how much to read.
type Config struct {
	// Prefixes gives namespaces their prefix in Node.Name and Attr.Name. The
	// namespace with the empty prefix is that of the format itself.
	Prefixes map[string]string

	// Mixed names the elements within which white space between elements
	// belongs to the text. Elsewhere it is layout, and has no node unless it is
	// in the middle of a run.
	Mixed string

	Bytes int // 0 for 10 MiB, the limit of a FHIR request as well
	Depth int // of elements; 0 for 100: the deepest published sample has 24
	Nodes int // elements and runs of text; 0 for 400,000
	Attrs int // of one element; 0 for 32
}

// withDefaults fills in the limits.
func (c Config) withDefaults() Config {
	for _, f := range []struct {
		limit *int
		value int
	}{{&c.Bytes, 10 << 20}, {&c.Depth, 100}, {&c.Nodes, 400_000}, {&c.Attrs, 32}} {
		if *f.limit == 0 {
			*f.limit = f.value
		}
	}
	return c
}
