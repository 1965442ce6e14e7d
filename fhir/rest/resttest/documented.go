package resttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Documented fails the test unless docs/errors.md names exactly the errors of
// the package in dir: every string literal "prefix.name" of its source, tests
// aside, must be there as `prefix.name`, and nothing of these prefixes beside.
//
//	func TestErrorsAreDocumented(t *testing.T) { resttest.Documented(t, ".", "search") }
func Documented(t testing.TB, dir string, prefixes ...string) {
	t.Helper()
	id := regexp.MustCompile(`^(` + strings.Join(prefixes, "|") + `)\.[a-z0-9]+(-[a-z0-9]+)*$`)
	source := literals(t, dir, id)
	text, err := os.ReadFile(filepath.Join(root(t, dir), "docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllSubmatch(text, -1) {
		if id.Match(m[1]) {
			documented = append(documented, string(m[1]))
		}
	}
	for _, name := range source {
		if !slices.Contains(documented, name) {
			t.Errorf("docs/errors.md lacks `%s`", name)
		}
	}
	for _, name := range documented {
		if !slices.Contains(source, name) {
			t.Errorf("docs/errors.md names `%s`, which no source of %s makes", name, dir)
		}
	}
}

// literals lists the string literals of the package that are ids.
func literals(t testing.TB, dir string, id *regexp.Regexp) (list []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && id.MatchString(s) && !slices.Contains(list, s) {
					list = append(list, s)
				}
			}
			return true
		})
	}
	return list
}

// root returns the folder of go.mod.
func root(t testing.TB, dir string) string {
	t.Helper()
	at, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		parent := filepath.Dir(at)
		if parent == at {
			t.Fatal("no go.mod above " + dir)
		}
		at = parent
	}
}
