//go:build linux || darwin || freebsd

package badger

import "syscall"

// freeSpace returns a function that asks the file system of dir how many bytes
// are free for us.
func freeSpace(dir string) func() (uint64, error) {
	return func() (uint64, error) {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(dir, &fs); err != nil {
			return 0, err
		}
		return uint64(fs.Bavail) * uint64(fs.Bsize), nil
	}
}
