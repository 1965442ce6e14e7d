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
	// no more writes. Zero is 1 GiB, which compaction may need.
	Reserve uint64

	// Free returns the free bytes of the disk; nil asks the file system of Dir.
	Free func() (uint64, error)

	Log *slog.Logger // nil for the default
}

// A Profile is a choice between memory and speed.
type Profile struct {
	// MemTable is the size of the table in memory that is written to disk when it
	// is full. One Update may write 15 % of it, large values aside.
	MemTable int64
	// MemTables is how many such tables may wait to be written.
	MemTables int
	// BlockCache is the memory for blocks that have been read, decompressed and
	// verified.
	BlockCache int64
}

const mib = 1 << 20

// Standard is for a server: 9.6 MiB in one Update.
func Standard() Profile { return Profile{MemTable: 64 * mib, MemTables: 3, BlockCache: 64 * mib} }

// Small is for demonstrations and tests: 2.4 MiB in one Update.
func Small() Profile { return Profile{MemTable: 16 * mib, MemTables: 2, BlockCache: 8 * mib} }

func (c Config) options() dgraph.Options {
	p := c.Profile
	o := dgraph.DefaultOptions(c.Dir).
		WithSyncWrites(true).
		WithChecksumVerificationMode(options.OnTableAndBlockRead).
		WithVerifyValueChecksum(true).
		WithMetricsEnabled(false).
		WithLogger(logger{c.Log}).
		WithMemTableSize(p.MemTable).
		WithNumMemtables(p.MemTables).
		WithBlockCacheSize(p.BlockCache).
		WithValueLogFileSize(2 * mib). // stays empty; a sparse file of twice the size
		WithCompression(options.Snappy)
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
