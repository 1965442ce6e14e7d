package badger

import (
	"context"
	"log/slog"

	dgraph "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// A Config says where the engine keeps its files and how much it may take.
type Config struct {
	Dir     string // created when it does not exist
	Profile Profile

	// Reserve is how many bytes stay free on the disk: below it the engine takes
	// no more writes. Tables in memory and compactions that are under way still need
	// some 100 MB then; zero is 1 GiB.
	Reserve uint64

	// Free returns the free bytes of the disk; nil asks the file system of Dir.
	Free func() (uint64, error)

	Log *slog.Logger // nil for the default
}

// A Profile is a choice between memory and speed. It bounds neither the size of
// an Update nor that of the data, and may change from one start to the next.
type Profile struct {
	// MemTable is the size of the table in memory, at least 8 MiB, which is written
	// to disk when it is full. An Update larger than 15 % of it takes two syncs
	// more.
	MemTable int64

	// MemTables is how many such tables may wait to be written.
	MemTables int

	// Cache is how many bytes of values read lately stay in memory (cache.go), at
	// most; none of it is taken before it is used.
	Cache int64

	// Compactors is how many compactions may run at once, at least 2.
	Compactors int
}

const mib = 1 << 20

// Standard is for a server: it takes 30 to 100 MB when idle, besides mapped pages
// of files, and up to 500 MB during an import, which Go returns within minutes.
func Standard() Profile {
	return Profile{MemTable: 32 * mib, MemTables: 3, Cache: 64 * mib, Compactors: 2}
}

// WithCache is the profile with so many bytes of values in memory.
func (p Profile) WithCache(size int64) Profile {
	p.Cache = size
	return p
}

// Small is for demonstrations and tests.
func Small() Profile { return Profile{MemTable: 8 * mib, MemTables: 2, Cache: 8 * mib, Compactors: 2} }

// options were measured with BenchmarkRead and an import of 100,000 documents
// (bench_test.go) on 2 cores, as processor time.
func (c Config) options() dgraph.Options {
	o := dgraph.DefaultOptions(c.Dir).
		WithLogger(logger{c.Log}).
		WithMetricsEnabled(false).
		WithSyncWrites(true).
		WithDetectConflicts(false).                        // conflict.go
		WithChecksumVerificationMode(options.OnBlockRead). // tables: verify.go
		WithVerifyValueChecksum(true).
		WithMemTableSize(c.Profile.MemTable).
		WithNumMemtables(c.Profile.MemTables).
		WithNumCompactors(c.Profile.Compactors).
		// We compress ourselves (entry.go), so that blocks are read in place. With
		// Badger's Snappy and a cache of 64 MiB a get takes 17 µs instead of 12, and
		// the import 164 µs a document instead of 115 and twice the memory; the disk
		// would be 1.16 KB a document instead of 1.49. Zstandard: 33 µs, 231 µs, 0.81 KB.
		WithCompression(options.None).
		WithBlockCacheSize(0).
		// Fewer tables to seek in: 10 keys in 16 µs instead of 20, at no cost to the
		// import that could be told from noise.
		WithNumLevelZeroTables(2).
		WithBaseTableSize(4 * mib).
		// Stays empty (large.go), but is a sparse file of twice the size.
		WithValueLogFileSize(2 * mib)
	// Eight builders of tables keep their memory for a while. Tables of 4 MiB on
	// every level, rather than 2 to 64, bound that: 475 MB in an import of 200,000
	// documents, 690 with tables of 8. A hundred gigabytes are 25,000 open files.
	o.TableSizeMultiplier = 1
	return o
}

// A logger passes on what Badger logs, at level debug and without the arguments:
// those may be keys.
type logger struct{ *slog.Logger }

func (l logger) Errorf(format string, _ ...any)   { l.pass("error", format) }
func (l logger) Warningf(format string, _ ...any) { l.pass("warning", format) }
func (l logger) Infof(format string, _ ...any)    { l.pass("info", format) }
func (l logger) Debugf(format string, _ ...any)   { l.pass("debug", format) }

func (l logger) pass(level, format string) {
	if l.Enabled(context.Background(), slog.LevelDebug) {
		l.Debug("badger: "+format, "level", level)
	}
}
