package territory

import (
	"time"

	"golang.org/x/sys/unix"
)

// spent is the processor time of the thread: what a search costs, whoever else
// the machine works for.
func spent() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
