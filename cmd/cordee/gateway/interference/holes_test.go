package interference

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var holes = flag.Bool("holes", false, "compile the holes of testdata/holes in, one at a time: the property must find each")

// root is the folder of the module.
const root = "../../../.."

// A hole is a fault that a hand could make: in one file some texts, each of
// which occurs there exactly once, give way to others.
type hole struct {
	title, file string
	old, new    []string
}

func readHole(text string) (h hole) {
	last := byte(0)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "# "):
			h.title = line[2:]
		case strings.HasPrefix(line, "file "):
			h.file = line[5:]
		case strings.HasPrefix(line, "-"):
			if last != '-' {
				h.old, h.new = append(h.old, ""), append(h.new, "")
			}
			h.old[len(h.old)-1] += line[1:] + "\n"
		case strings.HasPrefix(line, "+"):
			h.new[len(h.new)-1] += line[1:] + "\n"
		}
		last = (line + " ")[0]
	}
	return h
}

// open returns the file of the product with the hole in it.
func (h *hole) open() (string, error) {
	source, err := os.ReadFile(filepath.Join(root, h.file))
	if err != nil {
		return "", err
	}
	text := string(source)
	for i, old := range h.old {
		old, new := strings.TrimSuffix(old, "\n"), strings.TrimSuffix(h.new[i], "\n")
		if n := strings.Count(text, old); n != 1 {
			return "", fmt.Errorf("%s holds the text %d times, not once: bring the hole up to date\n%s", h.file, n, old)
		}
		text = strings.Replace(text, old, new, 1)
	}
	return text, nil
}

// TestHolesFit: every hole is one in the product as it stands.
func TestHolesFit(t *testing.T) {
	for _, file := range holeFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h := readHole(string(text))
		if _, err := h.open(); err != nil || h.title == "" || len(h.old) == 0 {
			t.Errorf("%s: %q %v", file, h.title, err)
		}
	}
}

func holeFiles(t *testing.T) []string {
	files, err := filepath.Glob("testdata/holes/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d holes, %v", len(files), err)
	}
	return files
}

var caught = regexp.MustCompile(`failed after \d+ tests: case (\d+): ([^\n]*)`)

// holeCases are drawn at most until a hole is found. The two hardest take some
// thousand cases, up to 6,095 so far: 10,000 would miss one now and then.
const holeCases = 60_000

// TestHolesAreFound demands that the property fails with each hole, and says
// how many cases that took.
func TestHolesAreFound(t *testing.T) {
	if !*holes {
		t.Skip("-holes compiles each of them in, which takes minutes")
	}
	for _, file := range holeFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel() // each on one processor
			find(t, file)
		})
	}
}

func find(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h := readHole(string(text))
	source, err := h.open()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	target, err := filepath.Abs(filepath.Join(root, h.file))
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{target: filepath.Join(dir, "hole.go")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"hole.go": source, "overlay.json": string(overlay)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "holed.test")
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("the hole does not compile: %v\n%s", err, out)
	}
	began := time.Now()
	out, err := exec.Command(binary, "-test.run", "^TestNothingInterferes$", "-test.cpu", "1", "-cases", strconv.Itoa(holeCases), "-shrink", "0s").CombinedOutput()
	m := caught.FindSubmatch(out)
	if err == nil || m == nil {
		t.Fatalf("%s: not found in %d cases (%v)\n%s", h.title, holeCases, err, out)
	}
	t.Logf("%s: case %s, %v: %s", h.title, m[1], time.Since(began).Round(100*time.Millisecond), m[2])
}
