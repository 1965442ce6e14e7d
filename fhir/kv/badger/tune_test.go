package badger

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	dgraph "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/cordee-sante/cordee/fhir/kv"
)

func tuneOptions(dir string) dgraph.Options {
	c := Config{Dir: dir, Profile: Standard(), Log: slog.Default()}
	o := c.options()
	for _, f := range strings.Fields(os.Getenv("TUNE")) {
		k, v, _ := strings.Cut(f, "=")
		n, _ := strconv.Atoi(v)
		switch k {
		case "comp":
			o = o.WithCompression(map[string]options.CompressionType{"none": options.None, "snappy": options.Snappy, "zstd": options.ZSTD}[v])
		case "cache":
			o = o.WithBlockCacheSize(int64(n) << 20)
		case "l0":
			o = o.WithNumLevelZeroTables(n)
		case "stall":
			o = o.WithNumLevelZeroTablesStall(n)
		case "base":
			o = o.WithBaseTableSize(int64(n) << 20)
		case "baselevel":
			o = o.WithBaseLevelSize(int64(n) << 20)
		case "mem":
			o = o.WithMemTableSize(int64(n) << 20)
		case "mems":
			o = o.WithNumMemtables(n)
		case "mult":
			o.TableSizeMultiplier = n
		case "lmult":
			o = o.WithLevelSizeMultiplier(n)
		case "block":
			o = o.WithBlockSize(n)
		case "compactors":
			o = o.WithNumCompactors(n)
		case "bloom":
			o = o.WithBloomFalsePositive(float64(n) / 1000)
		case "chk":
			o = o.WithChecksumVerificationMode(map[string]options.ChecksumVerificationMode{"none": options.NoVerification, "open": options.OnTableRead, "block": options.OnBlockRead, "both": options.OnTableAndBlockRead}[v])
		}
	}
	return o
}

func tuneOpen(b testing.TB, dir string) *Engine {
	e, err := openOptions(Config{Dir: dir, Reserve: 1, Log: slog.Default(), Free: freeSpace(dir)}, tuneOptions(dir))
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func rss() string {
	b, _ := os.ReadFile("/proc/self/status")
	out := ""
	for _, l := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(l, "VmRSS") || strings.HasPrefix(l, "RssAnon") || strings.HasPrefix(l, "RssFile") || strings.HasPrefix(l, "VmHWM") {
			out += strings.Join(strings.Fields(l), " ") + "; "
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return out + fmt.Sprintf("heapAlloc %d inuse %d idle %d released %d sys %d numgc %d", m.HeapAlloc>>20, m.HeapInuse>>20, m.HeapIdle>>20, m.HeapReleased>>20, m.Sys>>20, m.NumGC)
}

// TestImport: builds /tmp/kvbench/$NAME
func TestImport(t *testing.T) {
	name := os.Getenv("NAME")
	if name == "" {
		t.Skip()
	}
	docs, _ := strconv.Atoi(os.Getenv("DOCS"))
	if docs == 0 {
		docs = 200000
	}
	dir := "/tmp/kvbench/" + name
	os.RemoveAll(dir)
	os.MkdirAll(dir, 0o755)
	e := tuneOpen(t, dir)
	bodies := make([][]byte, 4096)
	for i := range bodies {
		bodies[i] = document(i)
	}
	start, cpu := time.Now(), processTime()
	const batch = 64
	for i := 0; i < docs; i += batch {
		if err := e.Update(t.Context(), func(w kv.Writer) error {
			for j := range batch {
				if err := putDocument(w, i+j, bodies[(i+j)%4096]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	el := time.Since(start)
	fmt.Printf("import %s: %.0f docs/s, cpu %.1f us/doc; %s\n", name, float64(docs)/el.Seconds(), float64((processTime()-cpu).Microseconds())/float64(docs), rss())
	time.Sleep(3 * time.Second)
	fmt.Printf("after 3s: cpu %.1f us/doc; %s\n", float64((processTime()-cpu).Microseconds())/float64(docs), rss())
	fmt.Println(e.db.LevelsToString())
	debug.FreeOSMemory()
	fmt.Println("after FreeOSMemory", rss())
	if f := os.Getenv("HEAP"); f != "" {
		o, _ := os.Create(f)
		pprof.WriteHeapProfile(o)
		o.Close()
	}
	s := time.Now()
	e.Close()
	fmt.Println("close", time.Since(s))
	out, _ := exec.Command("du", "-sh", dir).CombinedOutput()
	fmt.Print(string(out))
	s = time.Now()
	e = tuneOpen(t, dir)
	fmt.Println("open", time.Since(s), rss())
	e.Close()
}

func BenchmarkTuned(b *testing.B) {
	name := os.Getenv("NAME")
	e := tuneOpen(b, "/tmp/kvbench/"+name)
	defer e.Close()
	benchReads(b, e)
}
