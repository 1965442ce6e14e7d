package storetest

import (
	"strings"
	"testing"
)

// pending is the script of what R4 demands and no implementation passes yet.
const pending = "testdata/pending.txt"

// Pending runs testdata/pending.txt. In it a line with "?" in front is a case
// that fails; the others must hold, as everywhere. It reports each case: one
// that still fails with what was got and wanted, one that passes with the
// request to move it to the scripts that Run runs. So it fails as long as there
// is anything pending.
func Pending(t *testing.T, open Opener) {
	s := &script{t: t, open: open, regs: registries{}, pending: true}
	s.file(pending)
}

// checkPending runs a case that is expected to fail. The answer "!" stands for
// any error: a clause says that a server refuses, not how.
func (s *script) checkPending(command, want string) {
	s.t.Helper()
	got := s.do(command)
	if got == want || want == "!" && strings.HasPrefix(got, "!") {
		s.t.Errorf("line %d, %s: passes now, move it out of pending: %.300s", s.line, s.clause, command)
		return
	}
	s.t.Errorf("line %d, %s: still pending: %.300s\n got %s\nwant %s", s.line, s.clause, command, got, want)
}
