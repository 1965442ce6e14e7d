package ledger

import (
	"errors"
	"os/exec"
	"testing"
)

// The verifier of testdata/verify.py is written from docs/audit-format.md and
// shares no line with this package: both must come to the same verdict.
func TestSecondVerifierAgrees(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not here")
	}
	tests := []struct {
		name   string
		tamper func(e evidence)
		code   int
	}{
		{"intact", func(evidence) {}, 0},
		{"a byte flipped", func(e evidence) { e.edit(func(f [][]byte) [][]byte { f[12][200] ^= 4; return f }) }, 2},
		{"edited and rehashed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { f[12] = forge(f[12]); return f })
			e.rehash()
		}, 2},
		{"the end removed", func(e evidence) {
			e.edit(func(f [][]byte) [][]byte { return f[:27] })
			e.rehash()
		}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEvidence(t)
			tt.tamper(e)
			keys, err := Keys(e.cfg.Dir)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(python, append([]string{"testdata/verify.py", e.cfg.Dir}, keys...)...).CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			code := 0
			if exit != nil {
				code = exit.ExitCode()
			}
			if r := verify(t, e.cfg); code != tt.code || r.Code() != tt.code {
				t.Errorf("the second verifier says %d, the first %d, want %d\n%s", code, r.Code(), tt.code, out)
			}
		})
	}
}
