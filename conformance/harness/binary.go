package harness

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build compiles the command into dir and returns its path. It must be called
// from within the module.
func Build(dir string) (string, error) {
	binary := filepath.Join(dir, "cordee")
	out, err := exec.Command("go", "build", "-o", binary, "github.com/cordee-sante/cordee/cmd/cordee").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}
