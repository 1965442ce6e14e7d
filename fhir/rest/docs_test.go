package rest_test

import (
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/rest/resttest"
)

func TestErrorsAreDocumented(t *testing.T) {
	resttest.Documented(t, ".", "rest", "bundle")
}

// documentedRoutes are the routes of the package comment, sorted.
func documentedRoutes(t *testing.T) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var routes []string
	for line := range strings.Lines(f.Doc.Text()) {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "\t") && len(words) >= 2 {
			path, _, _ := strings.Cut(words[1], "?")
			routes = append(routes, words[0]+" "+path)
		}
	}
	slices.Sort(routes)
	return slices.Compact(routes)
}

// Every interaction has a page, and every page is one of them.
func TestInteractionsAreDocumented(t *testing.T) {
	want := []string{"README.md", "batch.md", "capabilities.md", "consent-decision.md", "create.md", "delete.md", "document.md", "everything.md", "history.md", "match.md", "operation.md", "read.md", "search.md", "summary.md", "transaction.md", "update.md", "vread.md"}
	entries, err := os.ReadDir("../../docs/interactions")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages %v, want %v", got, want)
	}
}
