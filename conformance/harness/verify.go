package harness

import "os/exec"

// Verify runs "audit verify" on a data folder: its exit code and what it said.
func Verify(binary, data string) (code int, said string) {
	cmd := exec.Command(binary, "audit", "verify", "--data", data)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		return -1, err.Error()
	}
	return cmd.ProcessState.ExitCode(), string(out)
}
