package gateway

import (
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
)

func TestMemory(t *testing.T) {
	for text, want := range map[string]Memory{"1GiB": 1 << 30, "768MiB": 768 << 20, "134217728": 128 << 20, "5KiB": 5 << 10, "7B": 7} {
		var m Memory
		if err := yaml.Unmarshal([]byte(text), &m); err != nil || m != want {
			t.Errorf("%s: %d, %v", text, m, err)
		}
	}
	for _, text := range []string{`""`, "[1GiB]", "GiB", "-1GiB", "1 GiB", "1GB", "1.5GiB", "9999999999GiB", "99999999999999999999"} {
		var m Memory
		if err := yaml.Unmarshal([]byte(text), &m); err == nil || !strings.Contains(err.Error(), "line 1: memory: ") {
			t.Errorf("%q is taken for %d: %v", text, m, err)
		}
	}
}

// TestUsualMemory: half of what there is, be it the machine or its cgroup that is
// small.
func TestUsualMemory(t *testing.T) {
	const large = "MemTotal:       24731648 kB\nMemFree:        17192996 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  Memory
	}{
		"nothing known":    {nil, DefaultMemory},
		"large":            {map[string]string{"proc/meminfo": large}, DefaultMemory},
		"small machine":    {map[string]string{"proc/meminfo": "MemTotal: 1048576 kB\n"}, 512 * mib},
		"tiny machine":     {map[string]string{"proc/meminfo": "MemTotal: 131072 kB\n"}, LeastMemory},
		"no limit":         {map[string]string{"proc/meminfo": large, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, DefaultMemory},
		"container":        {map[string]string{"proc/meminfo": large, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "805306368\n"}, 384 * mib},
		"unit of systemd":  {map[string]string{"proc/meminfo": large, "proc/self/cgroup": "0::/system.slice/cordee.service\n", "sys/fs/cgroup/system.slice/cordee.service/memory.max": "805306368\n"}, 384 * mib},
		"limit of a slice": {map[string]string{"proc/self/cgroup": "0::/a.slice/b.service\n", "sys/fs/cgroup/a.slice/b.service/memory.max": "max\n", "sys/fs/cgroup/a.slice/memory.max": "536870912\n"}, 256 * mib},
		"version 1":        {map[string]string{"proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/y\n", "sys/fs/cgroup/memory/y/memory.limit_in_bytes": "1610612736\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1024\n"}, 768 * mib},
		"odd files":        {map[string]string{"proc/meminfo": "", "proc/self/cgroup": "0\n0::/../..\n", "sys/fs/cgroup/memory.max": "99999999999999999999"}, DefaultMemory},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := usualMemory(root); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
