package r4

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"iter"
	"strings"
)

//go:generate go run ./gen -package $FHIR_R4_PACKAGE -out tables

//go:embed tables
var files embed.FS

// table unpacks one of the tables. It panics when the binary is damaged: the
// files are part of it, and a test unpacks them all.
func table(name string) string {
	packed, err := files.ReadFile("tables/" + name + ".txt.gz")
	if err != nil {
		panic(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	b.Grow(8 * len(packed))
	if _, err := io.Copy(&b, r); err != nil {
		panic(err)
	}
	return b.String()
}

// records yields the lines of a table. group reports that the line opens one;
// its equals sign is cut off.
func records(text string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		for line := range strings.Lines(text) {
			line, group := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "=")
			if !yield(line, group) {
				return
			}
		}
	}
}

// field cuts the first field off a record.
func field(record *string) string {
	f, rest, _ := strings.Cut(*record, "\t")
	*record = rest
	return f
}

// list splits a field at the separator; an empty one is no list.
func list(field, separator string) []string {
	if field == "" {
		return nil
	}
	return strings.Split(field, separator)
}
