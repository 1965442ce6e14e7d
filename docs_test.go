package cordee_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// errorID is a stable name of docs/errors.md by its first part. Those of the
// API itself, rest and bundle, are pinned in fhir/rest.
var errorID = regexp.MustCompile(`^(json|profile|search|condition|cursor|reference|resource|store|transaction|view|` +
	`auth|consent|oauth|trail|intake|mapping|identity|xml|cda|document|summary)\.[a-z0-9]+(-[a-z0-9]+)*$`)

// fileNames look like error names and are not.
var fileNames = []string{"trail.key", "trail.vkey"}

// TestErrorsAreDocumented pins docs/errors.md to the source: every error is
// there, and nothing that no source makes.
func TestErrorsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllSubmatch(text, -1) {
		if errorID.Match(m[1]) {
			documented[string(m[1])] = true
		}
	}
	made := map[string]bool{}
	for _, dir := range []string{"fhir", "auth", "adapters", "cmd"} {
		literals(t, dir, func(file, s string) {
			if errorID.MatchString(s) && !slices.Contains(fileNames, s) {
				if made[s] = true; !documented[s] {
					t.Errorf("docs/errors.md lacks `%s` of %s", s, file)
				}
			}
		})
	}
	for name := range documented {
		if !made[name] {
			t.Errorf("docs/errors.md names `%s`, which no source makes", name)
		}
	}
}

// literals calls f with every string literal of the Go files below dir, tests
// aside.
func literals(t *testing.T, dir string, f func(file, s string)) {
	t.Helper()
	each(t, dir, ".go", func(name string) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					f(name, s)
				}
			}
			return true
		})
	})
}

// each calls f with the files below dir whose names end so.
func each(t *testing.T, dir, end string, f func(name string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 1 && d.Name()[0] == '.'):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, end):
			f(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s#]*)(#[^)\s]+)?\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInURL = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks follows every link of the documentation that stays in the
// repository, headings included.
func TestLinks(t *testing.T) {
	each(t, ".", ".md", func(name string) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := filepath.Join(filepath.Dir(name), m[1])
			switch {
			case strings.Contains(m[1], "://"), strings.HasPrefix(m[1], "mailto:"):
				continue
			case m[1] == "":
				target = name
			}
			there, err := os.ReadFile(target)
			if err != nil {
				if _, err = os.Stat(target); err != nil {
					t.Errorf("%s: the link %s leads nowhere", name, m[1])
				}
				continue
			}
			if m[2] != "" && !slices.Contains(anchors(there), m[2]) {
				t.Errorf("%s: %s has no heading %s", name, target, m[2])
			}
		}
	})
}

// anchors are the headings of a page as links name them.
func anchors(page []byte) (list []string) {
	for _, m := range heading.FindAllSubmatch(page, -1) {
		name := notInURL.ReplaceAllString(strings.ToLower(string(m[1])), "")
		list = append(list, "#"+strings.ReplaceAll(name, " ", "-"))
	}
	return list
}

// TestDocsAreListed wants every page of docs in its index.
func TestDocsAreListed(t *testing.T) {
	index, err := os.ReadFile(filepath.Join("docs", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join("docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if base := filepath.Base(page); base != "README.md" && !strings.Contains(string(index), "("+base) {
			t.Errorf("docs/README.md does not list %s", base)
		}
	}
}
