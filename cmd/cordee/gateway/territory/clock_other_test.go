//go:build !linux

package territory

import "time"

// spent is not known here.
func spent() time.Duration { return time.Duration(time.Now().UnixNano()) }
