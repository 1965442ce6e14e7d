package gateway

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Memory is a size in bytes, in the configuration as the Go runtime has it in
// GOMEMLIMIT: a number with KiB, MiB or GiB behind it, or of bytes alone.
type Memory int64

const (
	kib Memory = 1 << (10 * (iota + 1))
	mib
	gib
)

// The bounds of what may be configured, and the default where the machine has
// twice as much.
const (
	LeastMemory   = 128 * mib
	DefaultMemory = gib
)

var memoryText = regexp.MustCompile(`^([0-9]{1,15})(|B|KiB|MiB|GiB)$`)

// UnmarshalYAML reads the form that the configuration has.
func (m *Memory) UnmarshalYAML(node *yaml.Node) error {
	part := memoryText.FindStringSubmatch(node.Value)
	if part == nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: memory: %q is no size; 768MiB and 1GiB are", node.Line, node.Value)}}
	}
	n, err := strconv.ParseInt(part[1], 10, 64)
	unit := map[string]Memory{"": 1, "B": 1, "KiB": kib, "MiB": mib, "GiB": gib}[part[2]]
	if err != nil || n > math.MaxInt64/int64(unit) {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: memory: %q is more than there can be", node.Line, node.Value)}}
	}
	*m = Memory(n) * unit
	return nil
}

// String returns the form that UnmarshalYAML reads, in whole MiB.
func (m Memory) String() string { return fmt.Sprintf("%dMiB", m/mib) }

// kept is the part of the memory for index rows that were read lately, and as
// much is for bodies. Counts and what else package store keeps take at most a
// quarter of that more, and requests the rest.
func (m Memory) kept() int64 { return int64(m / 4) }

// usualMemory is DefaultMemory, or half of what a smaller machine has, or a cgroup
// in which the process runs: as Linux tells it, from the root of its files.
func usualMemory(root fs.FS) Memory {
	usual := DefaultMemory
	for _, name := range append(cgroupFiles(root), "proc/meminfo") {
		if has := sizeIn(root, name); has > 0 {
			usual = min(usual, has/2)
		}
	}
	return max(usual, LeastMemory)
}

// cgroupFiles are those with the limits of the memory of the process, of its cgroup
// and of those around it, in version 2 and 1 (cgroups(7), "/proc files").
func cgroupFiles(root fs.FS) (files []string) {
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3) // hierarchy:controllers:path
		if len(part) < 3 {
			continue
		}
		folder, name := "sys/fs/cgroup", "memory.max"
		if part[1] != "" {
			folder, name = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
			if !slices.Contains(strings.Split(part[1], ","), "memory") {
				continue
			}
		}
		for in := path.Clean("/" + part[2]); ; in = path.Dir(in) {
			files = append(files, path.Join(folder, in, name))
			if in == "/" {
				break
			}
		}
	}
	return files
}

// sizeIn reads the first number of a file of the kernel, 0 when there is none.
// /proc/meminfo begins with MemTotal, in kB.
func sizeIn(root fs.FS, name string) Memory {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0
	}
	unit := Memory(1)
	if total, ok := bytes.CutPrefix(text, []byte("MemTotal:")); ok {
		text, unit = total, kib
	}
	fields := bytes.Fields(text)
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0
	}
	return Memory(n) * unit
}
